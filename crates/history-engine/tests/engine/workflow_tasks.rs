//! The life of a workflow task: scheduled, handed out, completed, failed, timed out; and what waits for it meanwhile.

use std::time::Duration;

use history_engine::{Answer, Input, Rejection, StartWorkflowTask, WorkflowTaskHandout, WorkflowTaskRef};
use proto::temporal::api::common::v1::WorkerVersionStamp;
use proto::temporal::api::enums::v1::{
    SuggestContinueAsNewReason as Reason, TaskQueueKind, TimeoutType, WorkflowTaskFailedCause as Cause,
};
use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::history::v1::{
    WorkflowTaskFailedEventAttributes, WorkflowTaskScheduledEventAttributes, WorkflowTaskStartedEventAttributes,
    history_event::Attributes as A,
};
use proto::temporal::api::sdk::v1::WorkflowTaskCompletedMetadata;
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflowservice::v1::{RespondWorkflowTaskCompletedRequest, RespondWorkflowTaskFailedRequest};
use testkit::Script;
use testkit::commands::{application_failure, complete, marker, schedule_activity, seconds_of, start_timer};
use testkit::script::{completion, reference, sticky};

use crate::{SECOND, with};

fn started() -> Script {
    let mut script = Script::new();
    script.start();
    script
}

/// The first workflow task is completed; the worker is sticky.
fn sticky_script() -> Script {
    let mut script = started();
    let task = script.poll();
    stick(&mut script, &task);
    script
}

/// Completes a task and asks for the next one on the worker's own queue.
fn stick(script: &mut Script, task: &WorkflowTaskHandout) {
    let request = RespondWorkflowTaskCompletedRequest { sticky_attributes: sticky(), ..completion() };
    script.try_complete(task, request).expect("accepted");
}

fn take(script: &mut Script, by: StartWorkflowTask) -> Result<WorkflowTaskHandout, Rejection> {
    match script.give(Input::StartWorkflowTask(Box::new(by)))? {
        Answer::WorkflowTask(handout) => Ok(*handout),
        other => panic!("a poll is not answered with {other:?}"),
    }
}

fn scheduled(script: &Script, event: i64) -> WorkflowTaskScheduledEventAttributes {
    match script.event(event) {
        A::WorkflowTaskScheduledEventAttributes(of) => of,
        other => panic!("not scheduled: {other:?}"),
    }
}

fn start_of(script: &Script, event: i64) -> WorkflowTaskStartedEventAttributes {
    match script.event(event) {
        A::WorkflowTaskStartedEventAttributes(of) => of,
        other => panic!("not started: {other:?}"),
    }
}

fn failed(script: &Script, event: i64) -> WorkflowTaskFailedEventAttributes {
    match script.event(event) {
        A::WorkflowTaskFailedEventAttributes(of) => of,
        other => panic!("not failed: {other:?}"),
    }
}

fn not_found() -> Rejection {
    Rejection::NotFound("Workflow task not found.".to_owned())
}

#[test]
fn never_more_than_one_is_pending() {
    let mut script = started();
    script.signal("s-1").signal("s-2");
    assert_eq!(script.short(), "S1 Ws2 Sig3 Sig4");
    let task = script.poll();
    script.complete(&task, vec![]);
    assert_eq!(script.short(), "S1 Ws2 Sig3 Sig4 Wt5 Wc6", "the worker has seen it all");
}

#[test]
fn failing_attempts_get_more_time() {
    let mut script = started();
    for seconds in [10, 10, 10, 15, 20, 30, 50] {
        let task = script.poll();
        let deadline = script.chain.next_wake().expect("it times out");
        assert_eq!(deadline, script.now + seconds * SECOND, "attempt {}", task.attempt);
        script.fail(&task);
    }
    for _ in 0..10 {
        let task = script.poll();
        script.fail(&task);
    }
    script.poll();
    assert_eq!(script.chain.next_wake(), Some(script.now + 610 * SECOND), "ten minutes more at most");
}

#[test]
fn a_task_goes_to_the_sticky_queue_for_a_while_and_to_the_normal_one_for_good() {
    let mut script = started();
    let of = scheduled(&script, 2);
    assert_eq!(of.task_queue.map(|queue| (queue.name.clone(), queue.kind())), Some(("orders".to_owned(), TaskQueueKind::Normal)));
    assert_eq!((of.start_to_close_timeout, of.attempt), (Some(seconds_of(10)), 1));
    assert_eq!(script.chain.next_wake(), None, "nothing ends its wait in the normal queue");
    let task = script.poll();
    stick(&mut script, &task);
    script.signal("s-1");
    let queue = scheduled(&script, 6).task_queue.expect("a queue");
    assert_eq!((queue.name.as_str(), queue.kind(), queue.normal_name.as_str()), ("worker-1", TaskQueueKind::Sticky, "orders"));
    assert_eq!(script.chain.next_wake(), Some(script.now + 5 * SECOND));
}

#[test]
fn a_task_is_not_handed_out_where_it_is_not_owed() {
    let mut script = started();
    let offered = script.offered();
    let unknown = StartWorkflowTask { scheduled_event_id: 7, ..offered.clone() };
    assert_eq!(take(&mut script, unknown), Err(not_found()));
    let other_attempt = StartWorkflowTask { attempt: 2, ..offered.clone() };
    assert_eq!(take(&mut script, other_attempt), Err(Rejection::ObsoleteTask("workflow")));
    let mut sticky_poll = offered.clone();
    sticky_poll.poll.task_queue =
        Some(TaskQueue { name: "worker-1".to_owned(), kind: TaskQueueKind::Sticky as i32, normal_name: "orders".to_owned() });
    assert_eq!(take(&mut script, sticky_poll), Err(Rejection::ObsoleteTask("workflow")), "a sticky poller has no business here");
    let task = take(&mut script, offered.clone()).expect("it is owed");
    assert_eq!(take(&mut script, offered.clone()), Ok(task), "the same request gets the same task");
    let another = StartWorkflowTask { request_id: "another".to_owned(), ..offered.clone() };
    assert_eq!(take(&mut script, another), Err(Rejection::TaskAlreadyStarted("Workflow")));
    script.terminate();
    let closed = Rejection::NotFound("workflow execution already completed".to_owned());
    assert_eq!(take(&mut script, offered), Err(closed));
}

#[test]
fn who_polls_the_normal_queue_ends_stickiness() {
    let mut script = sticky_script();
    script.signal("s-1");
    let mut offered = script.offered();
    offered.poll.task_queue = Some(TaskQueue { name: "orders".to_owned(), ..TaskQueue::default() });
    let task = take(&mut script, offered).expect("handed out");
    assert!(!task.sticky, "this worker needs the whole history");
    assert_eq!(script.chain.current().and_then(|run| run.state().sticky_queue.clone()), None);

    let mut script = sticky_script();
    script.signal("s-1");
    let task = script.poll();
    assert!(task.sticky);
    assert_eq!(task.previous_started_event_id, 3, "the worker holds the history up to its last task");
}

#[test]
fn the_started_event_says_who_when_and_how_large() {
    let mut script = started();
    let before = script.chain.current().expect("a run").state().history_size_bytes;
    let offered = script.offered();
    script.pass(3 * SECOND).work(vec![]);
    let of = start_of(&script, 3);
    assert_eq!((of.scheduled_event_id, of.identity.as_str()), (2, "worker"));
    assert!(of.request_id.starts_with("poll-"), "{}", offered.request_id);
    assert_eq!(of.history_size_bytes, before);
    assert!(!of.suggest_continue_as_new && of.suggest_continue_as_new_reasons.is_empty());
    let at = script.history(script.run())[2].event_time;
    assert_eq!(at.as_ref().map(crate::moment), Some(script.now));
}

#[test]
fn large_histories_are_asked_to_continue_as_new() {
    let table: [(i64, i64, &[Reason]); 4] = [
        (i64::MAX, 4, &[]),
        (i64::MAX, 3, &[Reason::TooManyHistoryEvents]),
        (1, 4, &[Reason::HistorySizeTooLarge]),
        (1, 3, &[Reason::HistorySizeTooLarge, Reason::TooManyHistoryEvents]),
    ];
    for (bytes, events, reasons) in table {
        let mut script = started();
        (script.limits.history_suggest_bytes, script.limits.history_suggest_count) = (bytes, events);
        script.work(vec![]);
        let of = start_of(&script, 3);
        assert_eq!(of.suggest_continue_as_new, !reasons.is_empty());
        assert_eq!(of.suggest_continue_as_new_reasons().collect::<Vec<_>>(), reasons);
    }
}

#[test]
fn a_token_must_name_the_task_that_is_with_the_worker() {
    let mut script = started();
    let task = script.poll();
    let right = reference(&task);
    let wrong = [
        WorkflowTaskRef { scheduled_event_id: 1, ..right.clone() },
        WorkflowTaskRef { started_event_id: 4, ..right.clone() },
        WorkflowTaskRef { attempt: 2, ..right.clone() },
        WorkflowTaskRef { handout_id: "another".to_owned(), ..right.clone() },
    ];
    for task in wrong {
        let of = history_engine::CompleteWorkflowTask {
            task: task.clone(),
            request: completion(),
            queries_wait: false,
            bad_search_attributes: None,
        };
        assert_eq!(script.give(Input::CompleteWorkflowTask(Box::new(of))), Err(not_found()), "{task:?}");
        let request = RespondWorkflowTaskFailedRequest::default();
        let of = history_engine::FailWorkflowTask { task, request };
        assert_eq!(script.give(Input::FailWorkflowTask(Box::new(of))), Err(not_found()));
    }
    script.complete(&task, vec![]);
    assert_eq!(script.try_complete(&task, completion()), Err(not_found()), "it is done");
}

#[test]
fn a_closed_workflow_has_no_task_to_complete_and_cannot_fail_one() {
    let mut script = started();
    let task = script.poll();
    script.terminate();
    assert_eq!(script.try_complete(&task, completion()), Err(not_found()));
    let refused = script.try_fail(&task, Cause::Unspecified, RespondWorkflowTaskFailedRequest::default());
    assert_eq!(refused, Err(Rejection::NotFound("workflow execution already completed".to_owned())));
}

#[test]
fn the_completed_event_says_what_the_worker_said() {
    let mut script = started();
    let task = script.poll();
    let sdk_metadata = Some(WorkflowTaskCompletedMetadata { core_used_flags: vec![1], ..Default::default() });
    #[expect(deprecated, reason = "old workers send it")]
    let request = RespondWorkflowTaskCompletedRequest {
        binary_checksum: "build-1".to_owned(),
        sdk_metadata: sdk_metadata.clone(),
        worker_version_stamp: Some(WorkerVersionStamp { build_id: "v1".to_owned(), use_versioning: false }),
        ..completion()
    };
    script.try_complete(&task, request).expect("accepted");
    let A::WorkflowTaskCompletedEventAttributes(of) = script.event(4) else { panic!("event 4 completes") };
    assert_eq!((of.scheduled_event_id, of.started_event_id, of.identity.as_str()), (2, 3, "worker"));
    #[expect(deprecated, reason = "old workers read it")]
    let (checksum, version) = (of.binary_checksum, of.worker_version.map(|version| version.build_id));
    assert_eq!((checksum.as_str(), of.sdk_metadata), ("build-1", sdk_metadata));
    assert_eq!(version, Some("v1".to_owned()));
    let latest = script.chain.current().and_then(|run| run.state().most_recent_worker_version.clone());
    assert_eq!(latest.map(|version| version.build_id), Some("v1".to_owned()));
}

#[test]
fn a_completion_without_a_sticky_queue_ends_stickiness() {
    let mut script = sticky_script();
    let name = |script: &Script| script.chain.current().and_then(|run| run.state().sticky_queue.clone()).map(|queue| queue.name);
    assert_eq!(name(&script), Some("worker-1".to_owned()));
    script.signal("s-1").work(vec![]);
    assert_eq!(name(&script), None);
}

#[test]
fn a_command_that_fails_takes_back_all_others() {
    let mut script = started();
    let task = script.poll();
    let request = RespondWorkflowTaskCompletedRequest {
        sticky_attributes: sticky(),
        ..with(vec![schedule_activity("a"), start_timer("t", 5), marker("")])
    };
    let text = "BadRecordMarkerAttributes: MarkerName is not set on RecordMarkerCommand.";
    assert_eq!(script.try_complete(&task, request), Err(Rejection::InvalidArgument(text.to_owned())));
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4");
    let run = script.chain.current().expect("a run");
    assert!(run.activities().is_empty() && run.timers().is_empty() && run.state().sticky_queue.is_none());
    let of = failed(&script, 4);
    assert_eq!((of.cause(), of.scheduled_event_id, of.started_event_id), (Cause::BadRecordMarkerAttributes, 2, 3));
    let failure = of.failure.expect("it says why");
    assert_eq!(failure.message, text);
    assert!(matches!(failure.failure_info, Some(FailureInfo::ServerFailureInfo(_))));
    assert_eq!(script.poll().attempt, 2, "it is tried again");
}

#[test]
fn a_repeated_bad_command_is_not_noted_and_waits_for_the_timeout() {
    let mut script = started();
    script.try_work(vec![marker("")]).expect_err("refused");
    let task = script.poll();
    let refused = script.try_complete(&task, with(vec![marker("")]));
    assert!(matches!(refused, Err(Rejection::InvalidArgument(_))));
    assert_eq!((script.short().as_str(), script.chain.tasks()), ("S1 Ws2 Wt3 Wf4", vec![]), "no spinning");
    script.wake_after(10 * SECOND);
    assert_eq!(script.poll().attempt, 3);
    script.wake_next();
    let task = script.poll();
    script.signal("s-1");
    let refused = script.try_complete(&task, with(vec![complete("done")]));
    assert_eq!(refused, Err(Rejection::InvalidArgument("UnhandledCommand".to_owned())));
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 Sig5 Ws6", "but an unhandled event is handed over at once");
}

#[test]
fn an_impossible_row_of_commands_is_refused_without_failing_the_task() {
    let mut script = started();
    let task = script.poll();
    let mut unknown = marker("m");
    unknown.command_type = 99;
    let table = [
        (
            vec![complete("done"), marker("m")],
            "invalid command sequence: [CompleteWorkflowExecution, RecordMarker], command CompleteWorkflowExecution must be \
             the last command.",
        ),
        (vec![unknown], "unknown command type: 99"),
    ];
    for (commands, text) in table {
        assert_eq!(script.try_complete(&task, with(commands)), Err(Rejection::InvalidArgument(text.to_owned())));
        assert_eq!(script.short(), "S1 Ws2");
    }
    script.complete(&task, vec![complete("done")]);
}

#[test]
fn a_command_that_cannot_be_survived_ends_the_workflow() {
    let mut script = started();
    script.limits.blob_error_bytes = 50;
    let refused = script.try_work(vec![complete(&"long ".repeat(20))]);
    let text = "BadCompleteWorkflowExecutionAttributes: CompleteWorkflowExecutionCommandAttributes.Result exceeds size limit.";
    assert_eq!(refused, Err(Rejection::InvalidArgument(text.to_owned())));
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 T5");
    assert_eq!(failed(&script, 4).cause(), Cause::BadCompleteWorkflowExecutionAttributes);
    let A::WorkflowExecutionTerminatedEventAttributes(of) = script.event(5) else { panic!("event 5 ends the run") };
    assert_eq!((of.reason.as_str(), of.identity.as_str()), (text, "history-service"));
}

#[test]
fn another_task_follows_only_where_something_asks_for_it() {
    let mut script = started();
    script.work(vec![start_timer("t", 60), schedule_activity("a")]);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 TimerStarted5 As6", "nothing to tell the worker");
    script.signal("s-1");
    let task = script.poll();
    let request = RespondWorkflowTaskCompletedRequest { force_create_new_workflow_task: true, ..with(vec![marker("m")]) };
    script.try_complete(&task, request).expect("accepted");
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 TimerStarted5 As6 Sig7 Ws8 Wt9 Wc10 MarkerRecorded11 Ws12");
    let task = script.poll();
    let request = RespondWorkflowTaskCompletedRequest { force_create_new_workflow_task: true, ..with(vec![complete("done")]) };
    script.try_complete(&task, request).expect("accepted");
    assert_eq!(script.chain.tasks(), [], "a closed workflow has nothing to do");
}

#[test]
fn a_task_in_the_answer_is_started_by_the_completion() {
    let mut script = started();
    let task = script.poll();
    let request = RespondWorkflowTaskCompletedRequest {
        force_create_new_workflow_task: true,
        return_new_workflow_task: true,
        sticky_attributes: sticky(),
        ..completion()
    };
    let next = script.try_complete(&task, request).expect("accepted").new_task.expect("the next task");
    assert_eq!((next.scheduled_event_id, next.started_event_id, next.previous_started_event_id), (5, 6, 3));
    assert!(next.sticky && next.suffix.is_empty());
    let of = start_of(&script, 6);
    assert_eq!((of.request_id.as_str(), of.identity.as_str()), ("request-from-RespondWorkflowTaskCompleted", "worker"));
    let request = RespondWorkflowTaskCompletedRequest { return_new_workflow_task: true, ..completion() };
    let answer = script.try_complete(&next, request).expect("accepted");
    assert_eq!(answer.new_task, None, "nothing asks for another one");
    assert!(!answer.workflow_task_pending);
}

#[test]
fn only_empty_completions_are_heartbeats() {
    let beat = || RespondWorkflowTaskCompletedRequest {
        force_create_new_workflow_task: true,
        return_new_workflow_task: true,
        sticky_attributes: sticky(),
        ..completion()
    };
    let half_hour = 30 * 60 * SECOND;
    let mut script = started();
    let mut task = script.poll();
    for request in [beat(), RespondWorkflowTaskCompletedRequest { commands: vec![marker("m")], ..beat() }, beat()] {
        script.pass(half_hour - 5 * SECOND);
        task = script.try_complete(&task, request).expect("alive").new_task.expect("the next task");
    }
    script.pass(4 * SECOND);
    task = script.try_complete(&task, beat()).expect("alive: the count began anew with the command").new_task.expect("a task");
    script.pass(2 * SECOND);
    assert!(script.try_complete(&task, beat()).is_err());
    let events = script.history(script.run());
    let [.., timed_out, next] = events.as_slice() else { panic!("there are events") };
    let Some(A::WorkflowTaskTimedOutEventAttributes(of)) = &timed_out.attributes else { panic!("the task timed out") };
    assert_eq!(of.timeout_type(), TimeoutType::StartToClose);
    let Some(A::WorkflowTaskScheduledEventAttributes(of)) = &next.attributes else { panic!("another one follows") };
    assert_eq!(of.task_queue.as_ref().map(TaskQueue::kind), Some(TaskQueueKind::Normal), "stickiness is over");
}

#[test]
fn queries_that_wait_are_freed_where_no_task_follows() {
    let freed = |request: RespondWorkflowTaskCompletedRequest, queries_wait| {
        let mut script = started();
        let task = script.poll();
        script.fresh_page();
        let of =
            history_engine::CompleteWorkflowTask { task: reference(&task), request, queries_wait, bad_search_attributes: None };
        script.must(Input::CompleteWorkflowTask(Box::new(of)));
        script.transcript().contains("UnblockQueries")
    };
    assert!(freed(completion(), true));
    assert!(!freed(completion(), false));
    let force = RespondWorkflowTaskCompletedRequest { force_create_new_workflow_task: true, ..completion() };
    assert!(!freed(force, true), "the next task takes them along");
}

#[test]
fn a_failure_is_noted_as_the_worker_said_it() {
    let mut script = started();
    let task = script.poll();
    let failure = Some(application_failure("no", true));
    let request =
        RespondWorkflowTaskFailedRequest { failure: failure.clone(), identity: "worker-7".to_owned(), ..Default::default() };
    script.try_fail(&task, Cause::NonDeterministicError, request).expect("accepted");
    let of = failed(&script, 4);
    assert_eq!((of.cause(), of.failure, of.identity.as_str()), (Cause::NonDeterministicError, failure, "worker-7"));
    assert_eq!((of.scheduled_event_id, of.started_event_id), (2, 3));
}

#[test]
fn an_oversized_failure_is_noted_in_short() {
    let mut script = started();
    script.limits.blob_error_bytes = 100;
    let task = script.poll();
    let failure = Some(application_failure(&"no ".repeat(100), false));
    let request = RespondWorkflowTaskFailedRequest { failure, ..Default::default() };
    script.try_fail(&task, Cause::WorkflowWorkerUnhandledFailure, request).expect("accepted");
    let failure = failed(&script, 4).failure.expect("it says why");
    assert_eq!(failure.message, "Failure exceeds size limit.");
    assert!(matches!(failure.failure_info, Some(FailureInfo::ServerFailureInfo(_))));
    assert!(failure.cause.is_some_and(|cause| cause.message.starts_with("no no") && cause.message.len() < 100));
}

#[test]
fn an_answer_that_is_too_large_for_the_wire_ends_the_workflow() {
    let mut script = started();
    let task = script.poll();
    script.try_fail(&task, Cause::GrpcMessageTooLarge, RespondWorkflowTaskFailedRequest::default()).expect("accepted");
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 T5");
    assert_eq!(failed(&script, 4).cause(), Cause::ForceCloseCommand);
    let A::WorkflowExecutionTerminatedEventAttributes(of) = script.event(5) else { panic!("event 5 ends the run") };
    assert_eq!(of.reason, "GrpcMessageTooLarge");
}

#[test]
fn a_sticky_worker_that_fails_is_followed_by_a_fresh_try_on_the_normal_queue() {
    let mut script = sticky_script();
    script.signal("s-1");
    let task = script.poll();
    script.fail(&task);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 Sig5 Ws6 Wt7 Wf8 Ws9");
    let of = scheduled(&script, 9);
    assert_eq!((of.attempt, of.task_queue.map(|queue| queue.name)), (1, Some("orders".to_owned())));
    let task = script.poll();
    assert_eq!(task.attempt, 1);
    script.fail(&task);
    assert_eq!(script.poll().attempt, 2, "from here on it counts");

    let mut script = sticky_script();
    script.signal("s-1").poll();
    script.wake_after(10 * SECOND);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 Sig5 Ws6 Wt7 Wx8 Ws9", "a timeout is a failure too");
    assert_eq!(script.poll().attempt, 1);
}

#[test]
fn some_causes_say_nothing_about_the_worker() {
    for cause in [Cause::ResetWorkflow, Cause::FailoverCloseCommand] {
        let mut script = started();
        let task = script.poll();
        script.try_fail(&task, cause, RespondWorkflowTaskFailedRequest::default()).expect("accepted");
        assert_eq!((script.short().as_str(), script.poll().attempt), ("S1 Ws2 Wt3 Wf4 Ws5", 1));
    }
}

#[test]
fn a_worker_that_takes_too_long_loses_its_task() {
    let mut script = started();
    let task = script.pass(30 * SECOND).poll();
    script.wake_after(Duration::from_millis(9_999));
    assert_eq!(script.short(), "S1 Ws2");
    script.wake_after(Duration::from_millis(1));
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wx4");
    let A::WorkflowTaskTimedOutEventAttributes(of) = script.event(4) else { panic!("event 4 times out") };
    assert_eq!((of.scheduled_event_id, of.started_event_id, of.timeout_type()), (2, 3, TimeoutType::StartToClose));
    assert_eq!(script.try_complete(&task, completion()), Err(not_found()));
    assert_eq!(script.poll().attempt, 2);
    script.wake_after(10 * SECOND);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wx4", "later attempts leave no trace");
    assert_eq!(script.poll().attempt, 3);
}

#[test]
fn a_reported_problem_says_what_it_is() {
    let reported = |script: &Script| {
        let attribute =
            script.chain.current().and_then(|run| run.state().search_attributes.get("TemporalReportedProblems").cloned());
        String::from_utf8(attribute.map(|of| of.data.to_vec()).unwrap_or_default()).expect("text")
    };
    let mut script = started();
    for _ in 0..5 {
        let task = script.poll();
        script.fail(&task);
    }
    let text = r#"["category=WorkflowTaskFailed","cause=WorkflowTaskFailedCauseWorkflowWorkerUnhandledFailure"]"#;
    assert_eq!(reported(&script), text);
    let mut script = started();
    for _ in 0..5 {
        script.poll();
        script.wake_next();
    }
    assert_eq!(reported(&script), r#"["category=WorkflowTaskTimedOut","cause=WorkflowTaskTimedOutCauseStartToClose"]"#);
}

#[test]
fn a_closing_workflow_takes_signals_again_once_the_task_is_over() {
    let mut script = started();
    let task = script.poll();
    script.signal("s-1");
    script.try_complete(&task, with(vec![complete("done")])).expect_err("the signal must not be overlooked");
    script.signal("s-2");
    let task = script.poll();
    let signal = script.signal_input("s-3");
    let refused = script.give(signal).expect_err("it is closing");
    assert_eq!(refused.to_string(), "workflow operation can not be applied because workflow is closing");
    script.complete(&task, vec![]);
    script.signal("s-3");
    script.poll();
    script.signal("s-4");
}

#[test]
fn what_waited_is_written_outcomes_last() {
    let mut script = started();
    script.work(vec![schedule_activity("a"), start_timer("t", 5)]);
    script.must(super::activity(&script, 5, 1));
    script.signal("s-1");
    let task = script.poll();
    script.must(super::activity_completed(&script, 5, 1));
    script.wake_after(5 * SECOND).signal("s-2").request_cancel();
    script.complete(&task, vec![marker("m")]);
    assert_eq!(
        script.short(),
        "S1 Ws2 Wt3 Wc4 As5 TimerStarted6 Sig7 Ws8 Wt9 Wc10 MarkerRecorded11 At12 TimerFired13 Sig14 CancelRequested15 Ac16 Ws17"
    );
    let A::ActivityTaskCompletedEventAttributes(of) = script.event(16) else { panic!("event 16 completes the activity") };
    assert_eq!(of.started_event_id, 12);
}

#[test]
fn a_completion_forgets_the_failures_before_it() {
    let mut script = started();
    let task = script.poll();
    script.fail(&task);
    let last = |script: &Script| script.chain.current().and_then(|run| run.state().last_workflow_task_failure.clone());
    assert_eq!(last(&script).map(|of| (of.attempt, of.cause())), Some((1, Cause::WorkflowWorkerUnhandledFailure)));
    script.work(vec![]);
    assert_eq!(last(&script), None);
}
