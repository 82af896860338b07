//! What falls due: timers, timeouts of activities, ends of backoffs.

use std::time::Duration;

use model::Timestamp;
use proto::temporal::api::enums::v1::{RetryState, TimeoutType};
use proto::temporal::api::failure::v1::Failure;
use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::history::v1::history_event::Attributes as A;

use crate::input::{FailActivity, Input};
use crate::rejection::Rejection;
use crate::task::Task;
use crate::testing::commands::{activity_with, attempts, cancel_timer, marker, timer};
use crate::testing::{World, failure, payloads, seconds, signal, start_request};

/// How the activity timed out.
fn timed_out(world: &World, id: i64) -> (TimeoutType, RetryState, Failure) {
    let A::ActivityTaskTimedOutEventAttributes(event) = world.attributes(id) else { panic!("event {id} is no timeout") };
    let failure = event.failure.clone().expect("why");
    let Some(FailureInfo::TimeoutFailureInfo(info)) = &failure.failure_info else { panic!("a timeout") };
    (info.timeout_type(), event.retry_state(), failure)
}

fn fired(world: &World, id: i64) -> (String, i64) {
    let A::TimerFiredEventAttributes(event) = world.attributes(id) else { panic!("event {id} is no firing") };
    (event.timer_id.clone(), event.started_event_id)
}

#[test]
fn timers_fire_in_the_order_of_their_time_and_start_with_one_workflow_task() {
    let mut world = World::with(vec![timer("late", 5), timer("b", 2), timer("a", 2), timer("never", 60)]);
    let started = world.env.now;
    assert_eq!(world.chain.next_wake(), Some(started + Duration::from_secs(2)));
    world.pass(Duration::from_secs(5));
    world.wake();
    let story =
        "S1 Ws2 Wt3 Wc4 TimerStarted5 TimerStarted6 TimerStarted7 TimerStarted8 TimerFired9 TimerFired10 TimerFired11 Ws12";
    assert_eq!(world.story(), story);
    let fired: Vec<_> = (9..12).map(|id| fired(&world, id)).collect();
    assert_eq!(fired, [("b".to_owned(), 6), ("a".to_owned(), 7), ("late".to_owned(), 5)]);
    assert_eq!(world.run().timers().len(), 1);
}

#[test]
fn timers_are_exact_to_the_millisecond() {
    let mut world = World::start(start_request());
    world.takes_task();
    // Half a millisecond past a whole one: its firing too, and that counts from the whole one on.
    world.pass(Duration::from_micros(500));
    world.completes(vec![timer("t", 1)]).expect("started");
    world.pass(Duration::from_micros(999_400));
    world.decide(Input::Wake).expect("a wake");
    assert!(world.story().ends_with("TimerStarted5"), "{}", world.story());
    world.pass(Duration::from_micros(100));
    world.decide(Input::Wake).expect("a wake");
    assert!(world.story().ends_with("TimerFired6 Ws7"), "{}", world.story());
}

#[test]
fn a_timer_later_than_the_runs_end_never_fires() {
    let mut request = start_request();
    request.workflow_run_timeout = seconds(10);
    let mut world = World::start(request);
    world.takes_task();
    world.completes(vec![timer("t", 11)]).expect("started");
    world.pass(Duration::from_secs(12));
    world.wake();
    assert!(!world.story().contains("TimerFired"), "{}", world.story());
}

#[test]
fn a_timer_that_fires_while_the_worker_is_busy_waits() {
    let mut world = World::with(vec![timer("t", 1)]);
    world.decide(Input::Signal(Box::new(signal("s")))).expect("signalled");
    world.takes_task();
    world.wake();
    assert!(world.run().timers().is_empty());
    world.completes(vec![marker()]).expect("completed");
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 TimerStarted5 Sig6 Ws7 Wt8 Wc9 Marker10 TimerFired11 Ws12");
}

#[test]
fn a_firing_that_waits_is_taken_back_when_its_timer_is_cancelled() {
    let mut world = World::with(vec![timer("t", 1)]);
    world.decide(Input::Signal(Box::new(signal("s")))).expect("signalled");
    world.takes_task();
    world.wake();
    world.completes(vec![cancel_timer("t")]).expect("cancelled");
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 TimerStarted5 Sig6 Ws7 Wt8 Wc9 TimerCanceled10");
    let A::TimerCanceledEventAttributes(canceled) = world.attributes(10) else { panic!("TimerCanceled10") };
    assert_eq!((canceled.timer_id.as_str(), canceled.started_event_id, canceled.identity.as_str()), ("t", 5, "worker"));
}

#[test]
fn a_firing_that_waits_leaves_a_new_timer_of_its_id_alone() {
    let mut world = World::with(vec![timer("t", 1)]);
    world.decide(Input::Signal(Box::new(signal("s")))).expect("signalled");
    world.takes_task();
    world.wake();
    world.completes(vec![timer("t", 60)]).expect("the id is free");
    assert!(world.story().ends_with("Wc9 TimerStarted10 TimerFired11 Ws12"), "{}", world.story());
    assert_eq!(world.run().timers().get("t").map(|timer| timer.started_event_id), Some(10));
}

#[test]
fn two_timeouts_of_one_attempt_count_once() {
    let mut world = World::with(vec![activity_with("a", |of| of.heartbeat_timeout = seconds(10))]);
    world.starts(5).expect("started");
    world.pass(Duration::from_secs(20));
    world.decide(Input::Wake).expect("a wake");
    assert_eq!(world.run().activity(5).map(|activity| activity.attempt), Some(2));
}

#[test]
fn a_cancelled_timer_does_not_fire_and_its_id_is_free() {
    let mut world = World::with(vec![timer("t", 1)]);
    world.decide(Input::Signal(Box::new(signal("s")))).expect("signalled");
    world.works(vec![cancel_timer("t"), timer("t", 100)]).expect("cancelled and started");
    world.pass(Duration::from_secs(5));
    world.decide(Input::Wake).expect("a wake");
    assert!(world.story().ends_with("Wc9 TimerCanceled10 TimerStarted11"), "{}", world.story());
}

#[test]
fn timers_survive_a_crash_with_their_time() {
    let mut world = World::with(vec![timer("t", 30)]);
    let wake = world.chain.next_wake();
    world.crash();
    assert_eq!(world.chain.next_wake(), wake);
    world.wake();
    assert!(world.story().ends_with("TimerFired6 Ws7"), "{}", world.story());
}

#[test]
fn an_activity_that_nobody_takes_times_out_for_good() {
    let mut world = World::with(vec![activity_with("a", |of| of.schedule_to_start_timeout = seconds(5))]);
    world.wake();
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5 Ax6 Ws7");
    let (of, state, failure) = timed_out(&world, 6);
    assert_eq!((of, state), (TimeoutType::ScheduleToStart, RetryState::Timeout));
    assert_eq!(failure.message, "activity ScheduleToStart timeout");
    let A::ActivityTaskTimedOutEventAttributes(event) = world.attributes(6) else { panic!("Ax6") };
    assert_eq!((event.scheduled_event_id, event.started_event_id), (5, 0));
}

#[test]
fn an_attempt_that_takes_too_long_is_tried_again() {
    let mut world = World::with(vec![activity_with("a", |_| {})]);
    world.starts(5).expect("started");
    world.wake();
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5");
    let pending = world.run().activity(5).expect("pending").clone();
    assert_eq!(pending.attempt, 2);
    assert_eq!(pending.last_failure.map(|failure| failure.message), Some("activity StartToClose timeout".to_owned()));
    world.wake();
    assert!(world.owes(|task| matches!(task, Task::ActivityTask { attempt: 2, .. })));
}

#[test]
fn the_last_attempts_timeout_ends_it_with_what_went_before() {
    let mut world = World::with(vec![activity_with("a", |of| of.retry_policy = attempts(2))]);
    world.starts(5).expect("started");
    let fail = FailActivity {
        activity: world.token(5),
        failure: Some(failure("Declined")),
        last_heartbeat_details: payloads("half"),
        identity: String::new(),
    };
    world.decide(Input::FailActivity(Box::new(fail))).expect("failed");
    world.wake();
    world.starts(5).expect("started again");
    world.wake();
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5 At6 Ax7 Ws8");
    let (of, state, why) = timed_out(&world, 7);
    assert_eq!((of, state), (TimeoutType::StartToClose, RetryState::MaximumAttemptsReached));
    assert_eq!(why.message, "activity StartToClose timeout");
    assert_eq!(why.cause, Some(Box::new(failure("Declined"))));
    let Some(FailureInfo::TimeoutFailureInfo(info)) = why.failure_info else { panic!("a timeout") };
    assert_eq!(info.last_heartbeat_details, payloads("half"));
}

#[test]
fn an_attempt_without_time_for_another_one_ends_as_the_whole_activity() {
    let mut world = World::with(vec![activity_with("a", |of| {
        of.start_to_close_timeout = seconds(4);
        of.schedule_to_close_timeout = seconds(5);
    })]);
    world.pass(Duration::from_millis(500));
    world.starts(5).expect("started");
    world.wake();
    let (of, state, failure) = timed_out(&world, 7);
    assert_eq!((of, state), (TimeoutType::ScheduleToClose, RetryState::Timeout));
    let text = "Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying";
    assert_eq!(failure.message, text);
}

#[test]
fn the_whole_activitys_time_counts_from_its_first_scheduling() {
    let mut world = World::with(vec![activity_with("a", |of| of.schedule_to_close_timeout = seconds(30))]);
    let scheduled = world.env.now;
    for _ in 0..2 {
        world.starts(5).expect("started");
        world.wake();
        world.wake();
    }
    world.starts(5).expect("the third attempt");
    world.wake();
    assert_eq!(world.env.now, scheduled + Duration::from_secs(30));
    assert_eq!(timed_out(&world, 7).0, TimeoutType::ScheduleToClose);
}

#[test]
fn an_attempt_that_stops_beating_is_tried_again() {
    let mut world = World::with(vec![activity_with("a", |of| {
        of.start_to_close_timeout = seconds(1000);
        of.heartbeat_timeout = seconds(10);
    })]);
    world.starts(5).expect("started");
    world.pass(Duration::from_secs(8));
    world.beats(5, payloads("1"));
    assert_eq!(world.chain.next_wake(), Some(world.env.now + Duration::from_secs(10)));
    world.wake();
    let pending = world.run().activity(5).expect("pending").clone();
    assert_eq!(pending.last_failure.map(|failure| failure.message), Some("activity Heartbeat timeout".to_owned()));
    assert_eq!(pending.attempt, 2);
}

#[test]
fn after_a_crash_heartbeats_start_afresh_and_attempts_keep_their_time() {
    let mut world = World::with(vec![activity_with("a", |of| {
        of.start_to_close_timeout = seconds(60);
        of.heartbeat_timeout = seconds(10);
    })]);
    world.starts(5).expect("started");
    let started = world.env.now;
    world.pass(Duration::from_secs(30));
    world.crash();
    assert_eq!(world.chain.next_wake(), Some(Timestamp::EPOCH), "at once, for a time to count from");
    world.wake();
    assert_eq!(world.run().activity(5).map(|activity| activity.attempt), Some(1));
    assert_eq!(world.chain.next_wake(), Some(world.env.now + Duration::from_secs(10)));
    world.pass(Duration::from_secs(9));
    world.beats(5, None);
    world.pass(Duration::from_secs(9));
    world.beats(5, None);
    world.pass(Duration::from_secs(9));
    world.beats(5, None);
    assert_eq!(world.chain.next_wake(), Some(started + Duration::from_secs(60)));
}

#[test]
fn everything_due_fires_at_once_with_one_workflow_task() {
    let short = |id| activity_with(id, |of| of.schedule_to_start_timeout = seconds(5));
    let mut world = World::with(vec![short("a"), short("b"), timer("t", 5)]);
    world.pass(Duration::from_secs(20));
    world.decide(Input::Wake).expect("a wake");
    assert_eq!(world.story(), "S1 Ws2 Wt3 Wc4 As5 As6 TimerStarted7 TimerFired8 Ax9 Ax10 Ws11");
}

#[test]
fn bad_timer_commands_fail_the_workflow_task() {
    let long = "x".repeat(1001);
    let unset = "BadStartTimerAttributes: TimerId is not set on StartTimerCommand.";
    let too_long = format!(
        "BadStartTimerAttributes: TimerId on StartTimerCommand exceeds length limit. TimerId={long} Length=1001 Limit=1000"
    );
    let negative =
        "BadStartTimerAttributes: An invalid StartToFireTimeout is set on StartTimerCommand: negative duration. TimerId=t";
    let taken = "StartTimerDuplicateId: invalid history builder state for action: add-timer-started-event, TimerID: t";
    let unknown = "BadCancelTimerAttributes: invalid history builder state for action: add-timer-canceled-event, TimerID: t";
    let cancel_unset = "BadCancelTimerAttributes: TimerId is not set on CancelTimerCommand.";
    let table = [
        (vec![timer("", 1)], unset),
        (vec![timer(&long, 1)], too_long.as_str()),
        (vec![timer("t", -1)], negative),
        (vec![timer("t", 1), timer("t", 2)], taken),
        (vec![cancel_timer("t")], unknown),
        (vec![cancel_timer("")], cancel_unset),
    ];
    for (commands, text) in table {
        let mut world = World::start(start_request());
        world.takes_task();
        assert_eq!(world.completes(commands), Err(Rejection::InvalidArgument(text.to_owned())));
        assert_eq!(world.story(), "S1 Ws2 Wt3 Wf4");
    }
}
