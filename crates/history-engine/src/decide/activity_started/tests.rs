//! The start of an attempt.

use std::time::Duration;

use proto::temporal::api::common::v1::Priority;

use crate::input::Input;
use crate::rejection::Rejection;
use crate::task::Task;
use crate::testing::commands::{activity, complete_workflow, eager};
use crate::testing::{World, payloads, start_request};

#[test]
fn the_start_is_durable_and_no_event() {
    let mut world = World::with(vec![activity("a")]);
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5");
    assert!(world.owes(|task| matches!(task, Task::ActivityTask { scheduled_event_id: 5, attempt: 1, stamp: 0, .. })));
    world.starts(5).expect("the first start");
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5");
    assert!(!world.owes(|task| matches!(task, Task::ActivityTask { .. })));
    world.crash();
    let started = world.run().activity(5).and_then(|activity| activity.started.clone()).expect("the start survived");
    assert_eq!((started.request_id.as_str(), started.identity.as_str(), started.attempt), ("match-5-1", "runner", 1));
}

#[test]
fn the_same_request_gets_the_same_start_again_also_after_a_crash() {
    let mut world = World::with(vec![activity("a")]);
    let first = world.starts(5).expect("the first start");
    world.pass(Duration::from_secs(3));
    assert_eq!(world.starts(5), Ok(first.clone()));
    world.crash();
    assert_eq!(world.starts(5), Ok(first));
}

#[test]
fn another_request_hears_that_it_has_started() {
    let mut world = World::with(vec![activity("a")]);
    world.starts(5).expect("the first start");
    let attempt = world.attempt(5);
    assert_eq!(world.starts_with(attempt, "other"), Err(Rejection::TaskAlreadyStarted("activity")));
}

#[test]
fn an_attempt_or_stamp_that_is_not_the_present_one_is_obsolete() {
    let mut world = World::with(vec![activity("a")]);
    let mut attempt = world.attempt(5);
    attempt.attempt = 2;
    assert_eq!(world.starts_with(attempt, "m"), Err(Rejection::ObsoleteTask("activity")));
    attempt.attempt = 1;
    let input = crate::input::StartActivityTask {
        attempt,
        stamp: 1,
        request_id: "m".to_owned(),
        poll: proto::temporal::api::workflowservice::v1::PollActivityTaskQueueRequest::default(),
    };
    assert_eq!(world.decide(Input::StartActivityTask(Box::new(input))), Err(Rejection::ObsoleteTask("activity")));
}

#[test]
fn an_activity_that_is_gone_or_whose_workflow_is_closed_is_not_found() {
    let mut world = World::with(vec![activity("a")]);
    let mut gone = world.attempt(5);
    gone.scheduled_event_id = 99;
    let text = "invalid activityID or activity already timed out or invoking workflow is completed";
    assert_eq!(world.starts_with(gone, "m"), Err(Rejection::NotFound(text.to_owned())));
    let mut closed = World::with(vec![activity("a"), complete_workflow()]);
    let text = "workflow execution already completed";
    assert_eq!(closed.starts(5), Err(Rejection::NotFound(text.to_owned())));
}

#[test]
fn the_worker_gets_what_was_scheduled_and_the_workflows_priority() {
    let priority = Priority { priority_key: 2, fairness_key: "vip".to_owned(), ..Priority::default() };
    let mut request = start_request();
    request.priority = Some(priority.clone());
    let mut world = World::start(request);
    world.takes_task();
    world.completes(vec![activity("a")]).expect("scheduled");
    let scheduled = world.event(5).event_time;
    world.pass(Duration::from_secs(2));
    let handout = world.starts(5).expect("a start");
    let response = handout.response;
    assert_eq!(response.activity_id, "a");
    assert_eq!(response.input, payloads("input of a"));
    assert_eq!(response.workflow_type.expect("set").name, "Order");
    assert_eq!(response.workflow_execution.expect("set").workflow_id, "order-1");
    assert_eq!(response.workflow_namespace, "default");
    assert_eq!(response.attempt, 1);
    assert_eq!((response.scheduled_time, response.current_attempt_scheduled_time), (scheduled, scheduled));
    assert_eq!(response.started_time.map(|at| at.seconds), scheduled.map(|at| at.seconds + 2));
    assert_eq!(response.retry_policy.expect("there is always one").backoff_coefficient, 2.0);
    assert_eq!(response.priority, Some(priority));
    assert_eq!(response.heartbeat_details, None);
}

#[test]
fn an_eager_activity_is_started_in_the_turn_that_schedules_it() {
    let mut world = World::start(start_request());
    world.takes_task();
    let answer = world.completes(vec![eager("a"), activity("b"), eager("c")]).expect("scheduled");
    let ids: Vec<_> = answer.activity_tasks.iter().map(|task| (task.response.activity_id.as_str(), task.attempt)).collect();
    assert_eq!(ids, [("a", 1), ("c", 1)]);
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5 As6 As7");
    world.crash();
    let started = world.run().activity(5).and_then(|activity| activity.started.clone()).expect("it is durable");
    assert_eq!(started.identity, "worker");
    let owed: Vec<_> = world.chain.tasks();
    assert!(matches!(owed.as_slice(), [Task::ActivityTask { scheduled_event_id: 6, .. }]), "{owed:?}");
}

#[test]
fn an_eager_activity_of_a_workflow_that_closes_is_not_handed_out() {
    let mut world = World::start(start_request());
    world.takes_task();
    let answer = world.completes(vec![eager("a"), complete_workflow()]).expect("closed");
    assert_eq!(answer.activity_tasks, []);
}
