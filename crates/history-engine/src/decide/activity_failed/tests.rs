//! A failed attempt: tried again without a word in history, or the end of the activity.

use std::time::Duration;

use model::Timestamp;
use proto::temporal::api::enums::v1::RetryState;
use proto::temporal::api::failure::v1::Failure;
use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::history::v1::history_event::Attributes as A;

use crate::decision::Answer;
use crate::input::{ActivityRef, FailActivity, Input};
use crate::rejection::Rejection;
use crate::task::Task;
use crate::testing::commands::{activity, activity_with, attempts, cancel_activity};
use crate::testing::{World, failure, payloads, seconds, signal};

fn fails(world: &mut World, why: Option<Failure>) -> Result<Answer, Rejection> {
    let activity = world.token(5);
    let fail = FailActivity { activity, failure: why, last_heartbeat_details: None, identity: "runner".to_owned() };
    world.decide(Input::FailActivity(Box::new(fail)))
}

/// How the activity ended.
fn ended(world: &World, id: i64) -> (RetryState, Option<Failure>) {
    let A::ActivityTaskFailedEventAttributes(failed) = world.attributes(id) else { panic!("event {id} is no failure") };
    (failed.retry_state(), failed.failure.clone())
}

#[test]
fn a_retry_writes_no_event_and_waits_for_its_time() {
    let mut world = World::with(vec![activity("a")]);
    world.starts(5).expect("started");
    world.pass(Duration::from_secs(2));
    let failed_at = world.env.now;
    fails(&mut world, Some(failure("Declined"))).expect("failed");
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5");
    assert!(world.run().state().workflow_task.is_none(), "the workflow need not know");
    let pending = world.run().activity(5).expect("still pending").clone();
    assert_eq!((pending.attempt, pending.started), (2, None));
    assert_eq!(pending.last_failure, Some(failure("Declined")));
    assert_eq!(pending.last_worker_identity, "runner");
    assert_eq!(pending.retry_interval, seconds(1));
    assert_eq!(world.chain.tasks(), [], "not before its time");
    assert_eq!(world.chain.next_wake(), Some(failed_at + Duration::from_secs(1)));
    world.wake();
    assert!(world.owes(|task| matches!(task, Task::ActivityTask { scheduled_event_id: 5, attempt: 2, .. })));
    let handout = world.starts(5).expect("the second attempt");
    assert_eq!(handout.attempt, 2);
    let first = handout.response.scheduled_time.map(|at| at.seconds);
    assert_eq!(handout.response.current_attempt_scheduled_time.map(|at| at.seconds), first.map(|at| at + 3));
}

#[test]
fn after_a_crash_the_end_of_the_backoff_comes_again() {
    let mut world = World::with(vec![activity("a")]);
    world.starts(5).expect("started");
    fails(&mut world, None).expect("failed");
    world.wake();
    world.crash();
    assert_eq!(world.chain.tasks(), []);
    world.wake();
    assert!(world.owes(|task| matches!(task, Task::ActivityTask { scheduled_event_id: 5, attempt: 2, .. })));
}

#[test]
fn the_backoff_doubles_and_attempts_end() {
    let mut world = World::with(vec![activity_with("a", |of| of.retry_policy = attempts(3))]);
    for wait in [1, 2] {
        world.starts(5).expect("started");
        fails(&mut world, Some(failure("Declined"))).expect("failed");
        assert_eq!(world.chain.next_wake(), Some(world.env.now + Duration::from_secs(wait)));
        world.wake();
    }
    world.starts(5).expect("started");
    fails(&mut world, Some(failure("Declined"))).expect("failed");
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5 At6 Af7 Ws8");
    assert_eq!(ended(&world, 7), (RetryState::MaximumAttemptsReached, Some(failure("Declined"))));
}

#[test]
fn a_failure_that_is_for_good_ends_it_at_once() {
    let policy = |of: &mut proto::temporal::api::command::v1::ScheduleActivityTaskCommandAttributes| {
        let mut policy = attempts(0).expect("a policy");
        policy.non_retryable_error_types = vec!["InvalidCreditCard".to_owned()];
        of.retry_policy = Some(policy);
    };
    let mut world = World::with(vec![activity_with("a", policy)]);
    world.starts(5).expect("started");
    fails(&mut world, Some(failure("InvalidCreditCard"))).expect("failed");
    assert_eq!(ended(&world, 7).0, RetryState::NonRetryableFailure);
}

#[test]
fn no_retry_that_would_start_after_the_activitys_end() {
    let mut world = World::with(vec![activity_with("a", |of| of.schedule_to_close_timeout = seconds(4))]);
    world.starts(5).expect("started");
    world.pass(Duration::from_millis(3500));
    fails(&mut world, Some(failure("Declined"))).expect("failed");
    assert_eq!(ended(&world, 7), (RetryState::Timeout, Some(failure("Declined"))), "a failure stays a failure");
}

#[test]
fn an_activity_that_is_to_be_cancelled_is_not_tried_again() {
    let mut world = World::with(vec![activity("a")]);
    world.starts(5).expect("started");
    world.decide(Input::Signal(Box::new(signal("stop")))).expect("signalled");
    world.works(vec![cancel_activity(5)]).expect("asked");
    fails(&mut world, Some(failure("Declined"))).expect("failed");
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5 Sig6 Ws7 Wt8 Wc9 ActivityCancelRequested10 At11 Af12 Ws13");
    assert_eq!(ended(&world, 12).0, RetryState::CancelRequested);
}

#[test]
fn a_delay_that_the_application_asks_for_counts() {
    let mut world = World::with(vec![activity("a")]);
    world.starts(5).expect("started");
    let mut why = failure("Later");
    if let Some(FailureInfo::ApplicationFailureInfo(info)) = &mut why.failure_info {
        info.next_retry_delay = seconds(1000);
    }
    fails(&mut world, Some(why)).expect("failed");
    assert_eq!(world.chain.next_wake(), Some(world.env.now + Duration::from_secs(1000)));
}

#[test]
fn progress_that_comes_with_a_failure_reaches_the_next_attempt() {
    let mut world = World::with(vec![activity("a")]);
    world.starts(5).expect("started");
    let fail = FailActivity {
        activity: world.token(5),
        failure: Some(failure("Declined")),
        last_heartbeat_details: payloads("half"),
        identity: "runner".to_owned(),
    };
    world.decide(Input::FailActivity(Box::new(fail))).expect("failed");
    world.wake();
    let handout = world.starts(5).expect("the second attempt");
    assert_eq!(handout.response.heartbeat_details, payloads("half"));
}

#[test]
fn a_large_failure_is_kept_short_between_attempts() {
    let mut world = World::with(vec![activity("a")]);
    world.starts(5).expect("started");
    let mut why = failure("Declined");
    why.stack_trace = "x".repeat(5000);
    fails(&mut world, Some(why)).expect("failed");
    let kept = world.run().activity(5).and_then(|activity| activity.last_failure.clone()).expect("kept");
    assert_eq!(kept.message, "Failure exceeds size limit.");
    assert_eq!(kept.cause.map(|cause| cause.message), Some("Declined happened".to_owned()));
}

#[test]
fn a_failure_over_the_blob_limit_is_for_good() {
    let mut world = World::with(vec![activity("a")]);
    world.env.limits.blob_error_bytes = 200;
    world.env.limits.blob_warn_bytes = 100;
    world.starts(5).expect("started");
    let mut why = failure("Declined");
    why.stack_trace = "x".repeat(5000);
    fails(&mut world, Some(why)).expect("failed");
    let (state, failure) = ended(&world, 7);
    assert_eq!(state, RetryState::NonRetryableFailure);
    let failure = failure.expect("why");
    assert_eq!(failure.message, "Failure exceeds size limit.");
    assert!(failure.cause.is_some_and(|cause| cause.stack_trace.len() < 100));
}

#[test]
fn by_id_only_what_has_started_can_fail() {
    let mut world = World::with(vec![activity("a")]);
    let activity = ActivityRef::Id { run: None, activity_id: "a".to_owned() };
    let fail = FailActivity { activity, failure: None, last_heartbeat_details: None, identity: String::new() };
    let input = Input::FailActivity(Box::new(fail));
    assert_eq!(world.decide(input.clone()), Err(Rejection::no_activity()));
    world.starts(5).expect("started");
    assert_eq!(world.decide(input), Ok(Answer::Done));
    assert_eq!(world.run().activity(5).map(|activity| activity.attempt), Some(2));
    assert!(world.chain.next_wake() > Some(Timestamp::EPOCH));
}
