//! The end of a run's time, and of its whole execution's.

use proto::temporal::api::common::v1::RetryPolicy;
use proto::temporal::api::enums::v1::{
    ContinueAsNewInitiator as Initiator, RetryState, TimeoutType, WorkflowExecutionStatus as Status,
    WorkflowTaskFailedCause as Cause,
};
use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::history::v1::{WorkflowExecutionTimedOutEventAttributes, history_event::Attributes as A};
use proto::temporal::api::workflowservice::v1::StartWorkflowExecutionRequest;
use testkit::Script;
use testkit::commands::{continue_as_new, schedule_activity, seconds_of, start_timer};

use crate::SECOND;

fn started_with(change: impl FnOnce(&mut StartWorkflowExecutionRequest)) -> Script {
    let mut script = Script::new();
    let mut request = script.start_request("start-1");
    change(&mut request);
    script.start_with(request);
    script
}

fn timed_out(script: &Script, run: model::RunId, event: i64) -> WorkflowExecutionTimedOutEventAttributes {
    match script.event_of(run, event) {
        A::WorkflowExecutionTimedOutEventAttributes(of) => of,
        other => panic!("not a timeout: {other:?}"),
    }
}

#[test]
fn a_run_without_timeouts_never_ends_by_itself() {
    let mut script = started_with(|_| ());
    script.work(vec![]);
    assert_eq!(script.chain.next_wake(), None);
}

#[test]
fn a_run_ends_when_its_time_is_over() {
    let mut script = started_with(|request| request.workflow_run_timeout = Some(seconds_of(60)));
    let run = script.run();
    script.work(vec![start_timer("t", 90), schedule_activity("a")]);
    script.wake_after(59 * SECOND);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 TimerStarted5 As6");
    script.wake_after(SECOND);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 TimerStarted5 As6 TimedOut7");
    let of = timed_out(&script, run, 7);
    assert_eq!((of.retry_state(), of.new_execution_run_id.as_str()), (RetryState::RetryPolicyNotSet, ""));
    assert_eq!(script.chain.current().map(history_engine::Run::status), Some(Status::TimedOut));
    assert_eq!((script.chain.next_wake(), script.chain.tasks()), (None, vec![]));
}

#[test]
fn a_worker_that_is_busy_loses_its_task_first() {
    let mut script = started_with(|request| {
        request.workflow_run_timeout = Some(seconds_of(60));
        request.workflow_task_timeout = Some(seconds_of(60));
    });
    script.pass(SECOND).poll();
    script.signal("s-1").wake_after(59 * SECOND);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 Sig5 TimedOut6");
    let A::WorkflowTaskFailedEventAttributes(of) = script.event(4) else { panic!("event 4 fails the task") };
    assert_eq!((of.cause(), of.identity.as_str()), (Cause::ForceCloseCommand, "history-service"));
}

#[test]
fn a_run_whose_time_is_over_is_tried_again() {
    let mut script = started_with(|request| {
        request.workflow_run_timeout = Some(seconds_of(60));
        request.retry_policy = Some(RetryPolicy { maximum_attempts: 2, ..RetryPolicy::default() });
    });
    let first = script.run();
    script.wake_after(60 * SECOND);
    let of = timed_out(&script, first, 3);
    assert_eq!((of.retry_state(), of.new_execution_run_id), (RetryState::InProgress, script.run().to_string()));
    let of = script.began();
    assert_eq!((of.attempt, of.initiator()), (2, Initiator::Retry));
    let failure = of.continued_failure.expect("it says why");
    assert_eq!(failure.message, "workflow timeout");
    let Some(FailureInfo::TimeoutFailureInfo(info)) = failure.failure_info else { panic!("a timeout") };
    assert_eq!(info.timeout_type(), TimeoutType::StartToClose);
    let second = script.run();
    script.wake_after(SECOND).wake_after(60 * SECOND);
    assert_eq!(timed_out(&script, second, 3).retry_state(), RetryState::MaximumAttemptsReached);
    assert_eq!(script.run(), second);
}

#[test]
fn a_listed_timeout_is_not_tried_again() {
    let mut script = started_with(|request| {
        request.workflow_run_timeout = Some(seconds_of(60));
        let non_retryable_error_types = vec!["TemporalTimeout:StartToClose".to_owned()];
        request.retry_policy = Some(RetryPolicy { non_retryable_error_types, ..RetryPolicy::default() });
    });
    let run = script.run();
    script.wake_after(60 * SECOND);
    assert_eq!(timed_out(&script, run, 3).retry_state(), RetryState::NonRetryableFailure);
}

#[test]
fn a_cron_run_whose_time_is_over_is_followed_by_the_next() {
    let mut script = started_with(|request| {
        request.workflow_run_timeout = Some(seconds_of(30));
        request.cron_schedule = "@every 60s".to_owned();
    });
    let first = script.run();
    script.wake_after(60 * SECOND).wake_after(30 * SECOND);
    let of = timed_out(&script, first, 3);
    assert_eq!((of.retry_state(), of.new_execution_run_id), (RetryState::RetryPolicyNotSet, script.run().to_string()));
    assert_eq!(script.began().initiator(), Initiator::CronSchedule);
    assert_eq!(script.began().first_workflow_task_backoff, Some(seconds_of(30)));
}

#[test]
fn nothing_follows_the_end_of_the_execution() {
    // The first run of a chain ends by its own timeout, which is the execution's; a later one by the execution's.
    let policy = || Some(RetryPolicy { initial_interval: Some(seconds_of(1)), ..RetryPolicy::default() });
    let mut script = started_with(|request| {
        request.workflow_execution_timeout = Some(seconds_of(60));
        request.retry_policy = policy();
        request.cron_schedule = "@every 10s".to_owned();
    });
    script.wake_after(10 * SECOND);
    let mut first = script.clone();
    first.wake_after(50 * SECOND);
    let run = first.run();
    let of = timed_out(&first, run, 3);
    assert_eq!((of.retry_state(), of.new_execution_run_id.as_str()), (RetryState::Timeout, ""));

    let mut second = script;
    second.work(vec![continue_as_new("next")]);
    second.wake_after(SECOND);
    assert_eq!(second.short(), "S1 Ws2");
    second.wake_after(48 * SECOND);
    assert_eq!(second.short(), "S1 Ws2");
    second.wake_after(SECOND);
    assert_eq!(second.short(), "S1 Ws2 TimedOut3", "the time counts from the first run's start");
    let run = second.run();
    let of = timed_out(&second, run, 3);
    assert_eq!((of.retry_state(), of.new_execution_run_id.as_str()), (RetryState::Timeout, ""));
}

#[test]
fn the_first_run_of_an_execution_ends_by_its_own_time() {
    let mut script = started_with(|request| request.workflow_execution_timeout = Some(seconds_of(60)));
    let run = script.run();
    script.wake_after(60 * SECOND);
    assert_eq!(timed_out(&script, run, 3).retry_state(), RetryState::RetryPolicyNotSet);
}

#[test]
fn a_later_run_that_ends_before_its_execution_is_tried_again() {
    let mut script = started_with(|request| {
        request.workflow_execution_timeout = Some(seconds_of(600));
        request.workflow_run_timeout = Some(seconds_of(60));
        request.retry_policy = Some(RetryPolicy::default());
    });
    script.wake_after(60 * SECOND).wake_after(SECOND).wake_after(60 * SECOND);
    assert_eq!((script.began().attempt, script.began().initiator()), (3, Initiator::Retry));
}

#[test]
fn a_run_may_end_while_it_waits_for_its_first_task() {
    let mut script = started_with(|request| {
        request.workflow_execution_timeout = Some(seconds_of(20));
        request.workflow_start_delay = Some(seconds_of(30));
    });
    script.wake_after(20 * SECOND);
    assert_eq!(script.short(), "S1 TimedOut2");
    let mut script = started_with(|request| {
        request.workflow_run_timeout = Some(seconds_of(20));
        request.workflow_start_delay = Some(seconds_of(30));
    });
    script.wake_after(49 * SECOND);
    assert_eq!(script.short(), "S1 Ws2", "its time counts from the end of the wait");
    script.wake_after(SECOND);
    assert_eq!(script.short(), "S1 Ws2 TimedOut3");
}

#[test]
fn a_crash_does_not_lengthen_a_run() {
    let mut script = started_with(|request| request.workflow_run_timeout = Some(seconds_of(60)));
    script.pass(40 * SECOND).crash().wake_after(SECOND);
    assert_eq!(script.short(), "S1 Ws2");
    script.wake_after(19 * SECOND);
    assert_eq!(script.short(), "S1 Ws2 TimedOut3");
}
