//! The end of an activity, as its worker tells it.

use std::time::Duration;

use proto::temporal::api::enums::v1::RetryState;
use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::history::v1::history_event::Attributes as A;

use crate::decision::Answer;
use crate::input::{ActivityRef, CompleteActivity, Input};
use crate::rejection::Rejection;
use crate::testing::commands::{activity, activity_with, attempts, complete_workflow, marker, timer};
use crate::testing::{World, failure, payloads};

fn completes(world: &mut World, activity: ActivityRef) -> Result<Answer, Rejection> {
    let complete = CompleteActivity { activity, result: payloads("paid"), identity: "runner".to_owned() };
    world.decide(Input::CompleteActivity(Box::new(complete)))
}

fn by_id(activity_id: &str) -> ActivityRef {
    ActivityRef::Id { run: None, activity_id: activity_id.to_owned() }
}

#[test]
fn started_and_completed_are_written_together_and_a_workflow_task_follows() {
    let mut world = World::with(vec![activity("a")]);
    world.starts(5).expect("started");
    let real_start = world.env.now;
    world.pass(Duration::from_secs(3));
    let token = world.token(5);
    assert_eq!(completes(&mut world, token), Ok(Answer::Done));
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5 At6 Ac7 Ws8");
    assert_eq!(world.event(6).event_time.map(|at| at.seconds), Some(real_start.seconds()));
    let A::ActivityTaskStartedEventAttributes(started) = world.attributes(6) else { panic!("At6") };
    assert_eq!((started.scheduled_event_id, started.attempt, started.last_failure.is_none()), (5, 1, true));
    assert_eq!((started.identity.as_str(), started.request_id.as_str()), ("runner", "match-5-1"));
    let A::ActivityTaskCompletedEventAttributes(completed) = world.attributes(7) else { panic!("Ac7") };
    assert_eq!((completed.scheduled_event_id, completed.started_event_id), (5, 6));
    assert_eq!(completed.result, payloads("paid"));
    assert!(world.run().activities().is_empty());
}

#[test]
fn three_attempts_leave_one_started_event_with_the_last_failure() {
    let mut world = World::with(vec![activity("a")]);
    for kind in ["First", "Second"] {
        world.starts(5).expect("started");
        let fail = crate::input::FailActivity {
            activity: world.token(5),
            failure: Some(failure(kind)),
            last_heartbeat_details: None,
            identity: "runner".to_owned(),
        };
        world.decide(Input::FailActivity(Box::new(fail))).expect("failed");
        assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5");
        world.wake();
    }
    world.starts(5).expect("started");
    let token = world.token(5);
    completes(&mut world, token).expect("completed");
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5 At6 Ac7 Ws8");
    let A::ActivityTaskStartedEventAttributes(started) = world.attributes(6) else { panic!("At6") };
    assert_eq!((started.attempt, started.last_failure.clone()), (3, Some(failure("Second"))));
}

#[test]
fn what_ends_while_a_workflow_task_is_started_follows_its_commands() {
    let mut world = World::with(vec![activity("a"), timer("t", 1)]);
    world.wake();
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5 TimerStarted6 TimerFired7 Ws8");
    world.starts(5).expect("started");
    world.takes_task();
    let token = world.token(5);
    completes(&mut world, token).expect("completed");
    assert!(world.run().activities().is_empty(), "it is not pending any more");
    world.completes(vec![marker()]).expect("completed");
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5 TimerStarted6 TimerFired7 Ws8 Wt9 Wc10 Marker11 At12 Ac13 Ws14");
    let A::ActivityTaskCompletedEventAttributes(completed) = world.attributes(13) else { panic!("Ac13") };
    assert_eq!((completed.scheduled_event_id, completed.started_event_id), (5, 12));
}

#[test]
fn a_token_counts_for_its_running_attempt_alone() {
    let gone = Err(Rejection::no_activity());
    let mut world = World::with(vec![activity("a")]);
    let token = world.token(5);
    assert_eq!(completes(&mut world, token.clone()), gone, "not started");
    world.starts(5).expect("started");
    let ActivityRef::Token(mut other) = token.clone() else { panic!("a token") };
    other.attempt = 2;
    assert_eq!(completes(&mut world, ActivityRef::Token(other)), gone, "another attempt");
    completes(&mut world, token.clone()).expect("completed");
    assert_eq!(completes(&mut world, token), gone, "a second time");
}

#[test]
fn a_closed_workflow_takes_no_result() {
    let mut world = World::with(vec![activity("a")]);
    world.starts(5).expect("started");
    let token = world.token(5);
    world.decide(Input::Signal(Box::new(crate::testing::signal("s")))).expect("signalled");
    world.works(vec![complete_workflow()]).expect("closed");
    assert_eq!(completes(&mut world, token), Err(Rejection::closed()));
}

#[test]
fn by_its_id_an_activity_may_be_completed_that_never_started() {
    let mut world = World::with(vec![activity("a")]);
    completes(&mut world, by_id("a")).expect("completed");
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5 At6 Ac7 Ws8");
    let A::ActivityTaskStartedEventAttributes(started) = world.attributes(6) else { panic!("At6") };
    assert_eq!((started.identity.as_str(), started.attempt), ("runner", 1));
}

#[test]
fn an_unknown_id_is_not_found() {
    let mut world = World::with(vec![activity("a")]);
    let text = "cannot find pending activity with ActivityID b, check workflow execution history for more details";
    assert_eq!(completes(&mut world, by_id("b")), Err(Rejection::NotFound(text.to_owned())));
}

#[test]
fn an_oversized_result_fails_the_activity() {
    let mut world = World::with(vec![activity_with("a", |of| of.retry_policy = attempts(5))]);
    world.env.limits.blob_error_bytes = 3;
    world.starts(5).expect("started");
    let token = world.token(5);
    completes(&mut world, token).expect("taken");
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5 At6 Af7 Ws8");
    let A::ActivityTaskFailedEventAttributes(failed) = world.attributes(7) else { panic!("Af7") };
    let failure = failed.failure.as_ref().expect("why");
    assert_eq!(failure.message, "Complete result exceeds size limit.");
    assert!(matches!(&failure.failure_info, Some(FailureInfo::ServerFailureInfo(info)) if info.non_retryable));
    assert_eq!(failed.retry_state(), RetryState::NonRetryableFailure);
}
