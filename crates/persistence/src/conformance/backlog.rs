//! Laws of matching's stored backlog.

use super::world::{chain, member, namespace, run_id};
use super::{Subject, Verdict, Violation, ensure, equal};
use crate::Error;
use crate::record::{BacklogKey, Levels, SpilledTask};
use crate::stores::Backlog;
use model::{TaskQueueKind, TaskQueueName, Timestamp};

fn queue(name: &str, kind: TaskQueueKind) -> BacklogKey {
    BacklogKey { namespace: namespace(1), kind, queue: TaskQueueName::parse(name).expect("laws use valid names") }
}

fn orders() -> BacklogKey {
    queue("orders", TaskQueueKind::Activity)
}

fn task(number: u128, priority: i32, added: i64) -> SpilledTask {
    SpilledTask {
        key: chain(&format!("order-{number}")),
        run: run_id(number),
        scheduled_event_id: 5,
        attempt: 1,
        stamp: 0,
        priority,
        added: Timestamp::from_millis(added),
        expires: Timestamp::MAX,
    }
}

/// In an order that is not theirs: priorities 1 to 3, many of the same age.
fn crowd() -> Vec<SpilledTask> {
    (0..40_u128)
        .map(|number| {
            let shuffled = number * 17 % 40;
            task(shuffled, shuffled as i32 % 3 + 1, (shuffled as i64 * 7) % 5)
        })
        .collect()
}

fn sorted() -> Vec<SpilledTask> {
    let mut tasks = crowd();
    tasks.sort_by_key(|task| (task.priority, task.added, task.run));
    tasks
}

pub(super) async fn former_owner_cannot_write(subject: &mut dyn Subject) -> Verdict {
    let backlog = subject.stores().backlog;
    let nobody = backlog.spill(&orders(), model::Epoch::new(1), &[task(1, 1, 1)]).await;
    ensure(matches!(nobody, Err(Error::Fenced(_))), || format!("a spill to nobody's queue: {nobody:?}"))?;
    let first = backlog.acquire(&orders(), member(1)).await?;
    backlog.spill(&orders(), first, &[task(1, 1, 1)]).await?;
    let second = backlog.acquire(&orders(), member(2)).await?;
    ensure(second > first, || format!("epoch {second} after {first}"))?;
    let spilled = backlog.spill(&orders(), first, &[task(2, 1, 1)]).await;
    ensure(matches!(spilled, Err(Error::Fenced(_))), || format!("the former owner's spill: {spilled:?}"))?;
    let removed = backlog.remove(&orders(), first, &[task(1, 1, 1)]).await;
    ensure(matches!(removed, Err(Error::Fenced(_))), || format!("the former owner's removal: {removed:?}"))?;
    equal(backlog.read(&orders(), None, 10).await?, vec![task(1, 1, 1)], "the tasks")
}

pub(super) async fn tasks_come_in_order(subject: &mut dyn Subject) -> Verdict {
    let backlog = subject.stores().backlog;
    let epoch = backlog.acquire(&orders(), member(1)).await?;
    backlog.spill(&orders(), epoch, &crowd()).await?;
    equal(backlog.read(&orders(), None, 100).await?, sorted(), "the tasks")
}

pub(super) async fn pages_are_exact(subject: &mut dyn Subject) -> Verdict {
    let backlog = subject.stores().backlog;
    let epoch = backlog.acquire(&orders(), member(1)).await?;
    backlog.spill(&orders(), epoch, &crowd()).await?;
    for limit in [1, 7, 40] {
        let mut found: Vec<SpilledTask> = Vec::new();
        loop {
            let page = backlog.read(&orders(), found.last(), limit).await?;
            if page.len() > limit {
                return Err(Violation(format!("a page of {limit} has {} tasks", page.len())));
            }
            if page.is_empty() || found.len() > 40 {
                break;
            }
            found.extend(page);
        }
        equal(found, sorted(), "all pages together")?;
    }
    Ok(())
}

pub(super) async fn repeated_task_replaces_itself(subject: &mut dyn Subject) -> Verdict {
    let backlog = subject.stores().backlog;
    let epoch = backlog.acquire(&orders(), member(1)).await?;
    backlog.spill(&orders(), epoch, &[task(1, 3, 1), task(2, 2, 1)]).await?;
    backlog.spill(&orders(), epoch, &[task(1, 1, 9)]).await?;
    equal(how_many(&*backlog).await?, 2, "how many tasks")?;
    equal(backlog.read(&orders(), None, 10).await?, vec![task(1, 1, 9), task(2, 2, 1)], "the tasks")?;
    let mut retry = task(1, 1, 9);
    retry.attempt = 2;
    backlog.spill(&orders(), epoch, &[retry]).await?;
    equal(how_many(&*backlog).await?, 3, "how many tasks with another attempt")
}

pub(super) async fn removed_tasks_are_gone(subject: &mut dyn Subject) -> Verdict {
    let backlog = subject.stores().backlog;
    let epoch = backlog.acquire(&orders(), member(1)).await?;
    backlog.spill(&orders(), epoch, &sorted()).await?;
    let (gone, left): (Vec<_>, Vec<_>) = sorted().into_iter().partition(|task| task.run.as_bytes()[15] % 2 == 0);
    backlog.remove(&orders(), epoch, &gone).await?;
    backlog.remove(&orders(), epoch, &[task(99, 1, 1)]).await?;
    equal(backlog.read(&orders(), None, 100).await?, left, "the tasks that are left")
}

pub(super) async fn oldest_in_every_priority(subject: &mut dyn Subject) -> Verdict {
    let backlog = subject.stores().backlog;
    equal(backlog.count(&orders()).await?, Levels::new(), "a queue nobody took")?;
    let epoch = backlog.acquire(&orders(), member(1)).await?;
    equal(backlog.count(&orders()).await?, Levels::new(), "an empty queue")?;
    backlog.spill(&orders(), epoch, &[task(1, 1, 20), task(2, 2, 10), task(3, 5, 15), task(4, 2, 12)]).await?;
    let at = Timestamp::from_millis;
    let levels = Levels::from([(1, (1, at(20))), (2, (2, at(10))), (5, (1, at(15)))]);
    equal(backlog.count(&orders()).await?, levels, "count and age")
}

async fn how_many(backlog: &dyn Backlog) -> Result<u64, Error> {
    Ok(backlog.count(&orders()).await?.values().map(|(count, _)| count).sum())
}

pub(super) async fn queues_with_tasks_are_listed(subject: &mut dyn Subject) -> Verdict {
    let backlog = subject.stores().backlog;
    let epoch = backlog.acquire(&orders(), member(1)).await?;
    backlog.acquire(&queue("idle", TaskQueueKind::Workflow), member(1)).await?;
    backlog.spill(&orders(), epoch, &[task(1, 1, 1)]).await?;
    equal(backlog.queues().await?, vec![orders()], "queues with tasks")?;
    backlog.remove(&orders(), epoch, &[task(1, 1, 1)]).await?;
    equal(backlog.queues().await?, Vec::new(), "queues with tasks after the last was removed")
}

pub(super) async fn queues_are_apart(subject: &mut dyn Subject) -> Verdict {
    let backlog = subject.stores().backlog;
    let queues = [orders(), queue("orders", TaskQueueKind::Workflow), queue("Orders", TaskQueueKind::Activity)];
    for (number, queue) in (1..).zip(&queues) {
        let epoch = backlog.acquire(queue, member(1)).await?;
        equal(epoch.get(), 1, "a new queue's epoch")?;
        backlog.spill(queue, epoch, &[task(number, 1, 1)]).await?;
    }
    for (number, queue) in (1..).zip(&queues) {
        equal(backlog.read(queue, None, 10).await?, vec![task(number, 1, 1)], "a queue's tasks")?;
    }
    Ok(())
}
