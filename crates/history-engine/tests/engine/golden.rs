//! Histories as Temporal writes them, by the numbers of the golden sequences. Each script also checks the laws at every step.

use std::time::Duration;

use history_engine::{Input, Rejection};
use proto::temporal::api::command::v1::Command;
use proto::temporal::api::enums::v1::{EventType, WorkflowExecutionStatus as Status, WorkflowTaskFailedCause as Cause};
use proto::temporal::api::history::v1::history_event::Attributes as A;
use proto::temporal::api::workflowservice::v1 as api;
use testkit::Script;
use testkit::commands::{cancel, cancel_timer, complete, continue_as_new, fail, marker, schedule_activity, start_timer};
use testkit::script::{completion, sticky};

const SECOND: Duration = Duration::from_secs(1);

fn started() -> Script {
    let mut script = Script::new();
    script.start();
    script
}

/// The first workflow task is completed without commands; the worker is sticky.
fn idle() -> Script {
    let mut script = started();
    let task = script.poll();
    let request = api::RespondWorkflowTaskCompletedRequest { sticky_attributes: sticky(), ..completion() };
    script.try_complete(&task, request).expect("accepted");
    script
}

fn with(commands: Vec<Command>) -> api::RespondWorkflowTaskCompletedRequest {
    api::RespondWorkflowTaskCompletedRequest { commands, ..completion() }
}

#[test]
fn a_plain_run_is_started_scheduled_completed() {
    let mut script = started();
    assert_eq!(script.short(), "S1 Ws2");
    let task = script.poll();
    assert_eq!(script.short(), "S1 Ws2", "a hand-out is no commit");
    assert_eq!((task.scheduled_event_id, task.started_event_id, task.next_event_id), (2, 3, 3));
    assert_eq!(testkit::transcript::shorthand(&task.suffix), "Wt3");
    script.pass(SECOND);
    script.complete(&task, vec![complete("done")]);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 Completed5");
    assert_eq!(script.chain.current().map(history_engine::Run::status), Some(Status::Completed));
    assert_eq!(script.history(script.run())[2], task.suffix[0], "the started event is written as the worker saw it");
}

#[test]
fn an_eager_start_has_its_task_in_one_batch() {
    let mut script = Script::new();
    let request = api::StartWorkflowExecutionRequest { request_eager_execution: true, ..script.start_request("start-1") };
    let answer = script.start_with(request.clone());
    assert_eq!(script.short(), "S1 Ws2 Wt3");
    let task = answer.eager_task.expect("the caller gets the task");
    assert!(task.suffix.is_empty());
    assert_eq!(task.next_event_id, 4);
    assert_eq!(script.chain.tasks(), []);
    script.crash();
    assert_eq!(script.start_with(request).eager_task.as_ref(), Some(&task), "the same request gets the same task");
    script.complete(&task, vec![complete("done")]);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 Completed5");
}

#[test]
fn failing_attempts_after_the_first_write_nothing() {
    let mut script = started();
    let first = script.poll();
    script.fail(&first);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4");
    let second = script.poll();
    assert_eq!((second.attempt, second.next_event_id), (2, 5));
    assert_eq!(testkit::transcript::shorthand(&second.suffix), "Ws5 Wt6");
    script.fail(&second);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4");
    let third = script.poll();
    assert_eq!(third.attempt, 3);
    script.complete(&third, vec![]);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 Ws5 Wt6 Wc7");
    let Some(A::WorkflowTaskScheduledEventAttributes(of)) = &script.history(script.run())[4].attributes else {
        panic!("event 5 schedules")
    };
    assert_eq!(of.attempt, 3);
    assert_eq!(script.history(script.run())[4..6], third.suffix);
}

#[test]
fn a_signal_before_a_transient_task_starts_makes_it_normal() {
    let mut script = started();
    let first = script.poll();
    script.fail(&first).signal("s-1");
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 Sig5");
    let task = script.poll();
    assert_eq!((task.attempt, task.scheduled_event_id, task.started_event_id), (1, 6, 7));
    script.complete(&task, vec![]);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 Sig5 Ws6 Wt7 Wc8");
}

#[test]
fn a_transient_task_leaves_no_trace_when_the_run_is_terminated() {
    let mut script = started();
    let first = script.poll();
    script.fail(&first);
    script.poll();
    script.signal("s-1");
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4", "the signal waits");
    script.terminate();
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 Sig5 T6");
}

#[test]
fn a_transient_task_that_fails_flushes_what_waited() {
    let mut script = started();
    let first = script.poll();
    script.fail(&first);
    let second = script.poll();
    script.signal("s-1").fail(&second);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 Sig5 Ws6");
    assert_eq!(script.poll().attempt, 1);
}

#[test]
fn terminating_takes_the_task_from_its_worker() {
    let mut script = started();
    script.poll();
    script.signal("s-1").terminate();
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 Sig5 T6");
    let Some(A::WorkflowTaskFailedEventAttributes(of)) = &script.history(script.run())[3].attributes else {
        panic!("event 4 fails the task")
    };
    assert_eq!(of.cause(), Cause::ForceCloseCommand);

    let mut script = started();
    script.signal("s-1").poll();
    script.terminate();
    assert_eq!(script.short(), "S1 Ws2 Sig3 Wt4 Wf5 T6");

    let mut script = started();
    script.terminate();
    assert_eq!(script.short(), "S1 Ws2 T3");
}

#[test]
fn a_close_command_must_not_overlook_a_signal() {
    let mut script = started();
    let task = script.poll();
    script.signal("s-1");
    let refused = script.try_complete(&task, with(vec![complete("done")]));
    assert_eq!(refused, Err(Rejection::InvalidArgument("UnhandledCommand".to_owned())));
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 Sig5 Ws6");
    let Some(A::WorkflowTaskFailedEventAttributes(of)) = &script.history(script.run())[3].attributes else {
        panic!("event 4 fails the task")
    };
    assert_eq!(of.cause(), Cause::UnhandledCommand);
    let task = script.poll();
    let signal = script.signal_input("s-2");
    assert!(matches!(script.give(signal), Err(Rejection::ResourceExhausted { .. })), "the workflow is closing");
    script.complete(&task, vec![complete("done")]);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 Sig5 Ws6 Wt7 Wc8 Completed9");
}

#[test]
fn a_cancel_request_before_the_start_is_not_buffered() {
    let mut script = started();
    let request = api::RequestCancelWorkflowExecutionRequest {
        workflow_execution: Some(script.target()),
        ..api::RequestCancelWorkflowExecutionRequest::default()
    };
    let input = history_engine::RequestCancel { request, from: None, child_workflow_only: false };
    script.must(Input::RequestCancel(Box::new(input.clone())));
    script.must(Input::RequestCancel(Box::new(input)));
    let task = script.poll();
    script.complete(&task, vec![cancel()]);
    assert_eq!(script.short(), "S1 Ws2 CancelRequested3 Wt4 Wc5 Canceled6");
}

#[test]
fn a_signal_buffered_by_a_failing_task_is_flushed_before_the_next() {
    let mut script = started();
    let task = script.poll();
    script.signal("s-1").fail(&task);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 Sig5 Ws6");
    assert_eq!(script.poll().attempt, 1);
}

#[test]
fn heartbeats_end_after_half_an_hour() {
    let mut script = started();
    let mut task = script.poll();
    let beat = api::RespondWorkflowTaskCompletedRequest {
        force_create_new_workflow_task: true,
        return_new_workflow_task: true,
        ..completion()
    };
    for _ in 0..2 {
        script.pass(15 * 60 * SECOND);
        task = script.try_complete(&task, beat.clone()).expect("alive").new_task.expect("the next task");
    }
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 Ws5 Wt6 Wc7 Ws8 Wt9");
    assert_eq!(script.chain.tasks(), [], "nothing is offered to others");
    script.pass(SECOND);
    let refused = script.try_complete(&task, beat);
    assert_eq!(refused, Err(Rejection::NotFound("workflow task heartbeat timeout".to_owned())));
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 Ws5 Wt6 Wc7 Ws8 Wt9 Wx10 Ws11");
}

#[test]
fn a_sticky_queue_that_nobody_polls_is_left() {
    let mut script = idle();
    script.signal("s-1");
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 Sig5 Ws6");
    script.wake_after(5 * SECOND);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 Sig5 Ws6 Wx7 Ws8");
    let task = script.poll();
    assert_eq!((task.attempt, task.sticky), (1, false));
    script.fail(&task);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 Sig5 Ws6 Wx7 Ws8 Wt9 Wf10");
    assert_eq!(script.poll().attempt, 2);
}

#[test]
fn an_activity_with_retries_is_written_at_its_end() {
    let mut script = started();
    let task = script.poll();
    script.complete(&task, vec![schedule_activity("a")]);
    for attempt in 1..=3 {
        let answer = script.must(super::activity(&script, 5, attempt));
        assert!(matches!(answer, history_engine::Answer::ActivityTask(_)));
        assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 As5");
        if attempt < 3 {
            script.must(super::activity_failed(&script, 5, attempt));
            script.wake_next();
        }
    }
    script.must(super::activity_completed(&script, 5, 3));
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 As5 At6 Ac7 Ws8");
}

#[test]
fn an_activity_that_ends_meanwhile_comes_after_the_commands() {
    let mut script = started();
    let task = script.poll();
    script.complete(&task, vec![schedule_activity("a")]);
    script.must(super::activity(&script, 5, 1));
    script.signal("s-1");
    let task = script.poll();
    script.must(super::activity_completed(&script, 5, 1));
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 As5 Sig6 Ws7");
    script.complete(&task, vec![marker("m")]);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 As5 Sig6 Ws7 Wt8 Wc9 MarkerRecorded10 At11 Ac12 Ws13");
    let Some(A::ActivityTaskCompletedEventAttributes(of)) = &script.history(script.run())[11].attributes else {
        panic!("event 12 completes the activity")
    };
    assert_eq!(of.started_event_id, 11);
}

#[test]
fn cancelling_a_timer_takes_its_buffered_firing_back() {
    let mut script = started();
    let task = script.poll();
    script.complete(&task, vec![start_timer("t", 5)]);
    script.signal("s-1");
    let task = script.poll();
    script.wake_after(5 * SECOND);
    script.complete(&task, vec![cancel_timer("t"), complete("done")]);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 TimerStarted5 Sig6 Ws7 Wt8 Wc9 TimerCanceled10 Completed11");
}

#[test]
fn a_cron_run_waits_for_its_time_and_is_followed() {
    let mut script = Script::new();
    let request =
        api::StartWorkflowExecutionRequest { cron_schedule: "@every 60s".to_owned(), ..script.start_request("start-1") };
    script.start_with(request);
    assert_eq!(script.short(), "S1");
    script.wake_next();
    assert_eq!(script.short(), "S1 Ws2");
    let first = script.run();
    let task = script.poll();
    script.complete(&task, vec![fail("no")]);
    assert_ne!(script.run(), first);
    assert_eq!(script.short(), "S1");
    let state = script.chain.run(first).expect("in memory").state();
    assert_eq!((state.status(), state.new_run_id.clone()), (Status::Failed, script.run().to_string()));
    script.terminate();
    assert_eq!(script.short(), "S1 T2");
    assert_eq!(script.chain.next_wake(), None, "a terminated cron workflow does not come back");
}

#[test]
fn continuing_as_new_hands_over_and_keeps_a_second_between_starts() {
    let mut script = started();
    let first = script.run();
    let task = script.poll();
    script.complete(&task, vec![continue_as_new("next")]);
    assert_eq!(testkit::transcript::shorthand(&script.history(first)), "S1 Ws2 Wt3 Wc4 ContinuedAsNew5");
    assert_eq!(script.short(), "S1", "the first run lived less than a second");
    script.wake_after(SECOND);
    assert_eq!(script.short(), "S1 Ws2");
    let event = &script.history(script.run())[0];
    assert_eq!(event.event_type(), EventType::WorkflowExecutionStarted);
    let Some(A::WorkflowExecutionStartedEventAttributes(of)) = &event.attributes else { panic!("event 1 starts") };
    assert_eq!(of.first_execution_run_id, first.to_string());
    assert_eq!(of.continued_execution_run_id, first.to_string());
}

#[test]
fn a_start_that_uses_the_existing_run_may_attach_to_it() {
    let mut script = started();
    let request = api::StartWorkflowExecutionRequest {
        workflow_id_conflict_policy: 2,
        on_conflict_options: Some(proto::temporal::api::workflow::v1::OnConflictOptions {
            attach_request_id: true,
            ..Default::default()
        }),
        ..script.start_request("start-2")
    };
    assert!(!script.start_with(request.clone()).started);
    assert_eq!(script.short(), "S1 Ws2 OptionsUpdated3");
    assert!(!script.start_with(request).started, "attached request ids dedupe");
    assert_eq!(script.short(), "S1 Ws2 OptionsUpdated3");
}

#[test]
fn a_worker_that_fails_five_times_is_a_reported_problem_until_it_gets_on() {
    let mut script = started();
    let reported = |script: &Script| {
        script.chain.current().is_some_and(|run| run.state().search_attributes.contains_key("TemporalReportedProblems"))
    };
    for attempt in 1..=5 {
        assert!(!reported(&script), "attempt {attempt}");
        let task = script.poll();
        script.fail(&task);
    }
    assert!(reported(&script));
    let task = script.poll();
    script.complete(&task, vec![]);
    assert!(!reported(&script));
}
