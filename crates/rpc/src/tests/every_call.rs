//! Every call of both traits: over the wire it arrives as it was made, and its answer as it was given.

use model::{TaskQueueKind, TaskQueueName, Timestamp};
use proto::temporal::api::common::v1::WorkflowExecution;

use super::fakes::{Fake, every_listed_call_of_history, every_listed_call_of_matching};
use super::filled::filled;
use super::world::{Host, context, namespace, run_key};
use crate::Error;
use crate::remote::{RemoteHistory, RemoteMatching, channel};
use crate::services::history::{ActivityTaskStart, ChildClose, History, Initiator, WorkflowTaskStart};
use crate::services::matching::{Matching, Offer, QueryOffer};

fn execution(id: &str) -> WorkflowExecution {
    WorkflowExecution { workflow_id: id.to_owned(), run_id: "run".to_owned() }
}

fn initiator() -> Initiator {
    Initiator {
        execution: execution("parent"),
        namespace: namespace(),
        initiated_event_id: 5,
        initiated_event_version: 6,
        child_workflow_only: true,
        root: execution("root"),
    }
}

async fn all_of_history(history: &dyn History) -> Vec<String> {
    let (context, about) = (context(), namespace());
    let mut answers = every_listed_call_of_history(history, &context, &about, &initiator()).await;
    answers.push(format!("{:?}", history.activity_heartbeat(&context, &about, filled()).await));
    let (scheduled_event_id, attempt, request_id) = (7, 2, "poll-1".to_owned());
    let start = WorkflowTaskStart { key: run_key(), scheduled_event_id, attempt, request_id: request_id.clone(), poll: filled() };
    answers.push(format!("{:?}", history.workflow_task_started(&context, &about, start).await));
    let start = ActivityTaskStart { key: run_key(), scheduled_event_id, attempt, stamp: 3, request_id, poll: filled() };
    answers.push(format!("{:?}", history.activity_task_started(&context, &about, start).await));
    answers.push(format!("{:?}", history.schedule_first_workflow_task(&context, &about, run_key()).await));
    let close = ChildClose {
        parent: run_key(),
        initiated_event_id: 9,
        child: execution("child"),
        first_run_id: "first".to_owned(),
        workflow_type: "Order".to_owned(),
        close_event: filled(),
    };
    answers.push(format!("{:?}", history.child_closed(&context, &about, close).await));
    answers.push(format!("{:?}", history.current_run(&context, &about, "order-1").await));
    answers
}

async fn all_of_matching(matching: &dyn Matching) -> Vec<String> {
    let (context, about) = (context(), namespace());
    let mut answers = every_listed_call_of_matching(matching, &context, &about).await;
    let queue = TaskQueueName::parse("orders").unwrap();
    for kind in [TaskQueueKind::Workflow, TaskQueueKind::Activity] {
        let offer = Offer {
            kind,
            queue: queue.clone(),
            sticky: true,
            key: run_key(),
            scheduled_event_id: 5,
            attempt: 2,
            stamp: 1,
            priority: 4,
            scheduled: Timestamp::from_parts(1_800_000_000, 5),
            expires: Timestamp::MAX,
        };
        answers.push(format!("{:?}", matching.offer(&context, &about, offer.clone()).await));
        matching.withdraw(&about, offer).await;
    }
    let query = QueryOffer { queue, sticky: true, key: run_key(), query: filled(), task: filled() };
    answers.push(format!("{:?}", matching.query(&context, &about, query).await));
    answers
}

#[tokio::test]
async fn every_call_of_history_arrives_as_it_was_made() {
    let host = Host::serve(Fake::new(), 100).await;
    let remote = RemoteHistory::new(channel(&host.address.to_string()).unwrap());
    let there = all_of_history(&remote).await;
    let (arrived, left) = (host.fake.take(), *host.fake.left.lock());
    let direct = Fake::new();
    let here = all_of_history(&*direct).await;
    assert_eq!(there, here);
    assert_eq!(arrived, direct.take());
    assert_eq!(arrived.len(), 22);
    assert!(there.iter().all(|answer| answer.contains("Ok(")));
    assert!((29..=30).contains(&left.unwrap()), "the deadline travels");
    assert!(host.fake.known.lock().iter().all(|id| *id == namespace().id) && host.fake.known.lock().len() == 22);
}

#[tokio::test]
async fn every_call_of_matching_arrives_as_it_was_made() {
    let host = Host::serve(Fake::new(), 100).await;
    let remote = RemoteMatching::new(channel(&host.address.to_string()).unwrap());
    let there = all_of_matching(&remote).await;
    let (arrived, left) = (host.fake.take(), *host.fake.left.lock());
    let direct = Fake::new();
    let here = all_of_matching(&*direct).await;
    assert_eq!(there, here);
    assert_eq!(arrived, direct.take());
    assert_eq!(arrived.len(), 10);
    assert!((29..=30).contains(&left.unwrap()), "the deadline travels");
}

#[tokio::test]
async fn every_call_brings_its_error_back() {
    let host = Host::serve(Fake::new(), 100).await;
    let failure = Error::FailedPrecondition("not now".to_owned());
    *host.fake.error.lock() = Some(failure.clone());
    let address = host.address.to_string();
    let there = all_of_history(&RemoteHistory::new(channel(&address).unwrap())).await;
    assert!(there.iter().all(|answer| answer.contains(&format!("Err({failure:?})"))), "{there:#?}");
    let there = all_of_matching(&RemoteMatching::new(channel(&address).unwrap())).await;
    assert!(there.iter().all(|answer| answer.contains(&format!("Err({failure:?})"))), "{there:#?}");
}
