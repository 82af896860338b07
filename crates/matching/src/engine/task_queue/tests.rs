//! Order, identity and rates of one queue.

use std::time::Duration;

use model::{ChainKey, NamespaceId, RunId, RunKey, Timestamp, WorkflowId};
use uuid::Uuid;

use super::{Task, TaskId, TaskQueue, Work};

type Queue = TaskQueue<&'static str, &'static str>;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn task(workflow: &str, priority: i32, added: i64) -> Task {
    let chain = ChainKey::workflow(NamespaceId::new(Uuid::from_u128(1)), WorkflowId::parse(workflow).unwrap());
    let key = RunKey { chain, run: RunId::new(Uuid::from_u128(2)) };
    let id = TaskId { key, scheduled_event_id: 5, attempt: 1, stamp: 0 };
    Task { id, priority, added: at(added), expires: Timestamp::MAX, stored: false, start_id: None }
}

fn take(queue: &mut Queue, now: i64) -> Option<(&'static str, String)> {
    let (found, _) = queue.next_match(at(now));
    found.map(|m| match m.work {
        Work::Task(task) => (m.poller, task.id.key.chain.id.to_string()),
        Work::Query(query) => (m.poller, query.to_owned()),
    })
}

#[test]
fn the_most_urgent_and_then_the_oldest_task_goes_to_the_longest_waiting_poller() {
    let mut queue = Queue::default();
    for task in [task("late", 3, 20), task("early", 3, 10), task("urgent", 1, 30)] {
        queue.add_task(task);
    }
    for (n, poller) in ["p1", "p2", "p3"].into_iter().enumerate() {
        queue.add_poller(n as u64, poller);
    }
    let order: Vec<_> = std::iter::from_fn(|| take(&mut queue, 40)).collect();
    assert_eq!(order, [("p1", "urgent".to_owned()), ("p2", "early".to_owned()), ("p3", "late".to_owned())]);
}

#[test]
fn a_task_offered_twice_is_handed_out_once() {
    let mut queue = Queue::default();
    queue.add_task(task("a", 3, 1));
    queue.add_task(task("a", 3, 2));
    queue.add_poller(1, "p1");
    queue.add_poller(2, "p2");
    assert_eq!(take(&mut queue, 3), Some(("p1", "a".to_owned())));
    assert_eq!(take(&mut queue, 3), None);
}

#[test]
fn a_query_goes_before_tasks_and_needs_no_token() {
    let mut queue = Queue::default();
    queue.limit.set(Some(0.0), at(0));
    queue.add_task(task("a", 3, 1));
    queue.add_query(1, "question");
    queue.add_poller(1, "p1");
    queue.add_poller(2, "p2");
    assert_eq!(take(&mut queue, 2), Some(("p1", "question".to_owned())));
    assert_eq!(take(&mut queue, 2), None);
}

#[test]
fn a_poller_that_gave_up_gets_nothing() {
    let mut queue = Queue::default();
    queue.add_poller(1, "p1");
    queue.add_poller(2, "p2");
    assert_eq!(queue.remove_poller(1), Some("p1"));
    queue.add_task(task("a", 3, 1));
    assert_eq!(take(&mut queue, 2), Some(("p2", "a".to_owned())));
}

#[test]
fn an_expired_task_falls_out_and_is_reported() {
    let mut queue = Queue::default();
    let mut old = task("old", 3, 1);
    old.expires = at(1) + Duration::from_millis(4);
    queue.add_task(old.clone());
    queue.add_task(task("new", 3, 2));
    queue.add_poller(1, "p1");
    let (found, expired) = queue.next_match(at(5));
    assert_eq!(expired, [old]);
    assert!(matches!(found.unwrap().work, Work::Task(task) if task.id.key.chain.id.as_str() == "new"));
}

#[test]
fn a_withdrawn_task_is_gone_and_counts_are_exact() {
    let mut queue = Queue::default();
    let (a, b) = (task("a", 2, 1), task("b", 3, 2));
    queue.add_task(a.clone());
    queue.add_task(b.clone());
    assert_eq!((queue.len(), queue.oldest()), (2, Some(at(1))));
    assert_eq!(queue.remove_task(&a.id), Some(a));
    assert_eq!((queue.len(), queue.oldest()), (1, Some(at(2))));
    assert_eq!(queue.by_priority().into_iter().collect::<Vec<_>>(), [(3, (1, at(2)))]);
    assert!(queue.contains(&b.id));
}
