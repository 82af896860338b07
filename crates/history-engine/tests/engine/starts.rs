//! Starts: what a new run begins with, when its first workflow task comes, and what the id policies say where the id is taken.

use std::time::Duration;

use history_engine::{Answer, Input, Parent, Rejection, Run, Start};
use model::Timestamp;
use proto::aevum::persistence::v1::Lifecycle;
use proto::temporal::api::common::v1::{Callback, Header, Link, Memo, Payload, Priority, SearchAttributes, WorkflowExecution};
use proto::temporal::api::enums::v1::{
    ContinueAsNewInitiator as Initiator, TaskQueueKind, WorkflowExecutionStatus as Status, WorkflowIdConflictPolicy as Conflict,
    WorkflowIdReusePolicy as Reuse, WorkflowTaskFailedCause as Cause,
};
use proto::temporal::api::history::v1::history_event::Attributes as A;
use proto::temporal::api::sdk::v1::UserMetadata;
use proto::temporal::api::workflow::v1::OnConflictOptions;
use proto::temporal::api::workflowservice::v1::StartWorkflowExecutionRequest;
use testkit::Script;
use testkit::commands::{cancel, complete, continue_as_new, fail, payload, payloads, seconds_of};

use crate::{SECOND, moment, second_start};

/// A workflow that has started: S Ws.
fn started() -> Script {
    let mut script = Script::new();
    script.start();
    script
}

/// A workflow that was started by a changed request.
fn started_with(change: impl FnOnce(&mut StartWorkflowExecutionRequest)) -> Script {
    let mut script = Script::new();
    let mut request = script.start_request("start-1");
    change(&mut request);
    script.start_with(request);
    script
}

/// Another request for the same id, with policies.
fn again(script: &Script, conflict: Conflict, reuse: Reuse) -> StartWorkflowExecutionRequest {
    StartWorkflowExecutionRequest {
        workflow_id_conflict_policy: conflict as i32,
        workflow_id_reuse_policy: reuse as i32,
        ..script.start_request("start-2")
    }
}

fn message(refused: Result<history_engine::StartAnswer, Rejection>) -> String {
    refused.expect_err("it is refused").to_string()
}

#[test]
fn an_open_run_is_met_by_the_conflict_policy() {
    for conflict in [Conflict::Unspecified, Conflict::Fail] {
        let mut script = started();
        let request = again(&script, conflict, Reuse::Unspecified);
        let run = script.run();
        let text = format!("Workflow execution is already running. WorkflowId: order-1, RunId: {run}.");
        assert_eq!(message(script.try_start(request)), text);
    }
    let mut script = started();
    let request = again(&script, Conflict::UseExisting, Reuse::Unspecified);
    let (run, answer) = (script.run(), script.start_with(request));
    assert_eq!((answer.run_id, answer.started, answer.status), (run, false, Status::Running));
    assert_eq!(script.short(), "S1 Ws2");
    let request = again(&script, Conflict::TerminateExisting, Reuse::Unspecified);
    let answer = script.start_with(request);
    assert_eq!((answer.run_id, answer.started, answer.status), (script.run(), true, Status::Running));
    assert_ne!(script.run(), run);
}

#[test]
fn each_policy_is_asked_in_its_own_case_alone() {
    let mut script = started();
    let request = again(&script, Conflict::UseExisting, Reuse::RejectDuplicate);
    assert!(!script.start_with(request).started, "the reuse policy is not asked about an open run");
    script.terminate();
    let request = again(&script, Conflict::Fail, Reuse::AllowDuplicate);
    assert!(script.start_with(request).started, "the conflict policy is not asked about a closed run");
}

#[test]
fn a_closed_run_is_met_by_the_reuse_policy() {
    type End = fn(&mut Script);
    let ends: [(End, bool); 5] = [
        (
            |script| {
                script.work(vec![complete("done")]);
            },
            false,
        ),
        (
            |script| {
                script.work(vec![fail("no")]);
            },
            true,
        ),
        (
            |script| {
                script.work(vec![cancel()]);
            },
            true,
        ),
        (
            |script| {
                script.terminate();
            },
            true,
        ),
        (
            |script| {
                script.wake_after(60 * SECOND);
            },
            true,
        ),
    ];
    for (end, unsuccessful) in ends {
        let mut script = started_with(|request| request.workflow_run_timeout = Some(seconds_of(60)));
        end(&mut script);
        assert_eq!(script.chain.current().map(Run::is_open), Some(false));
        let run = script.run();
        let rejected = format!(
            "Workflow execution already finished. WorkflowId: order-1, RunId: {run}. Workflow Id reuse policy: reject duplicate \
             workflow Id."
        );
        let request = again(&script, Conflict::Fail, Reuse::RejectDuplicate);
        assert_eq!(message(script.try_start(request)), rejected);
        let request = again(&script, Conflict::Fail, Reuse::AllowDuplicateFailedOnly);
        let answer = script.clone().try_start(request);
        if unsuccessful {
            assert!(answer.expect("it may start again").started);
        } else {
            let text = format!(
                "Workflow execution already finished successfully. WorkflowId: order-1, RunId: {run}. Workflow Id reuse policy: \
                 allow duplicate workflow Id if last run failed."
            );
            assert_eq!(message(answer), text);
        }
        for reuse in [Reuse::Unspecified, Reuse::AllowDuplicate] {
            let request = again(&script, Conflict::Fail, reuse);
            assert!(script.clone().start_with(request).started);
        }
    }
}

#[test]
fn the_refusal_names_the_run_that_has_the_id() {
    let mut script = started();
    let first = script.run();
    script.work(vec![continue_as_new("next")]);
    let request = again(&script, Conflict::Fail, Reuse::Unspecified);
    let Err(Rejection::AlreadyStarted { start_request_id, run_id, first_execution_run_id, status, .. }) =
        script.try_start(request)
    else {
        panic!("the id is taken")
    };
    let current = script.chain.current().expect("a run").state();
    assert_eq!((start_request_id, run_id), (current.create_request_id.clone(), script.run().to_string()));
    assert_eq!((first_execution_run_id, status), (first.to_string(), Status::Running));
}

#[test]
fn terminating_the_existing_run_and_starting_the_new_one_are_one_turn() {
    for (conflict, reuse) in second_start() {
        let mut script = started();
        let old = script.run();
        script.poll();
        script.signal("s-1");
        let request = again(&script, conflict, reuse);
        script.start_with(request);
        assert_eq!(script.short_of(old), "S1 Ws2 Wt3 Wf4 Sig5 T6");
        assert_eq!(script.short(), "S1 Ws2");
        let A::WorkflowTaskFailedEventAttributes(failed) = script.event_of(old, 4) else { panic!("event 4 fails the task") };
        assert_eq!(failed.cause(), Cause::ForceCloseCommand);
        let A::WorkflowExecutionTerminatedEventAttributes(of) = script.event_of(old, 6) else { panic!("event 6 ends the run") };
        assert_eq!((of.reason.as_str(), of.identity.as_str()), ("TerminateIfRunning WorkflowIdReusePolicy", "history-service"));
        let details = of.details.expect("it says for whom").payloads[0].data.clone();
        assert_eq!(details, format!("\"terminated by new runID: {}\"", script.run()));
    }
}

#[test]
fn the_same_request_gets_the_same_run_whatever_became_of_it() {
    let mut script = started();
    let first = script.start_request("start-1");
    let run = script.run();
    let policies = StartWorkflowExecutionRequest {
        workflow_id_conflict_policy: Conflict::TerminateExisting as i32,
        ..script.start_request("start-1")
    };
    for request in [first.clone(), policies] {
        let answer = script.start_with(request);
        assert_eq!((answer.run_id, answer.started, answer.status), (run, true, Status::Running));
    }
    script.work(vec![complete("done")]);
    let policies = StartWorkflowExecutionRequest { workflow_id_reuse_policy: Reuse::RejectDuplicate as i32, ..first.clone() };
    for request in [first, policies] {
        let answer = script.start_with(request);
        assert_eq!((answer.run_id, answer.started, answer.status), (run, true, Status::Completed));
    }
}

#[test]
fn a_signals_request_id_is_no_starts() {
    let mut script = started();
    script.signal("start-2");
    let request = again(&script, Conflict::Fail, Reuse::Unspecified);
    assert!(message(script.try_start(request)).starts_with("Workflow execution is already running."));
}

#[test]
fn one_id_serves_a_signal_and_an_attached_start() {
    let attached = |script: &Script| StartWorkflowExecutionRequest {
        on_conflict_options: Some(OnConflictOptions { attach_request_id: true, ..OnConflictOptions::default() }),
        ..again(script, Conflict::UseExisting, Reuse::Unspecified)
    };
    let mut script = started();
    let request = attached(&script);
    script.start_with(request.clone());
    script.signal("start-2").crash().signal("start-2");
    assert_eq!(script.short(), "S1 Ws2 OptionsUpdated3 Sig4", "the signal is not lost, and counts once");
    let mut script = started();
    script.signal("start-2");
    script.start_with(request.clone());
    script.crash().start_with(request);
    assert_eq!(script.short(), "S1 Ws2 Sig3 OptionsUpdated4", "attached, and once");
}

#[test]
fn an_attached_request_id_dedupes_also_after_the_end() {
    let mut script = started();
    let request = StartWorkflowExecutionRequest {
        on_conflict_options: Some(OnConflictOptions { attach_request_id: true, ..OnConflictOptions::default() }),
        ..again(&script, Conflict::UseExisting, Reuse::Unspecified)
    };
    script.start_with(request.clone());
    script.terminate();
    let answer = script.start_with(request);
    assert_eq!((answer.run_id, answer.started, answer.status), (script.run(), false, Status::Terminated));
}

#[test]
fn what_is_attached_is_what_was_asked_for() {
    let asked = |options| {
        let mut script = started();
        let request = StartWorkflowExecutionRequest {
            on_conflict_options: Some(options),
            completion_callbacks: vec![Callback::default()],
            links: vec![Link::default()],
            ..again(&script, Conflict::UseExisting, Reuse::Unspecified)
        };
        script.start_with(request);
        let event = script.history(script.run()).into_iter().nth(2);
        event.map(|event| {
            let Some(A::WorkflowExecutionOptionsUpdatedEventAttributes(of)) = event.attributes else { panic!("not an update") };
            (of.attached_request_id, of.attached_completion_callbacks.len(), event.links.len())
        })
    };
    let none = OnConflictOptions::default();
    assert_eq!(asked(none), None, "nothing asked for, nothing written");
    assert_eq!(asked(OnConflictOptions { attach_request_id: true, ..none }), Some(("start-2".to_owned(), 0, 0)));
    assert_eq!(asked(OnConflictOptions { attach_completion_callbacks: true, ..none }), Some((String::new(), 1, 0)));
    assert_eq!(asked(OnConflictOptions { attach_links: true, ..none }), Some((String::new(), 0, 1)));
}

#[test]
fn an_attachment_while_a_worker_is_busy_comes_after_its_commands() {
    let mut script = started();
    let task = script.poll();
    let request = StartWorkflowExecutionRequest {
        on_conflict_options: Some(OnConflictOptions { attach_request_id: true, ..OnConflictOptions::default() }),
        ..again(&script, Conflict::UseExisting, Reuse::Unspecified)
    };
    script.start_with(request.clone());
    assert_eq!(script.short(), "S1 Ws2");
    script.complete(&task, vec![testkit::commands::schedule_activity("a")]);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 As5 OptionsUpdated6 Ws7");
    assert!(!script.start_with(request).started);
    let seen =
        script.chain.current().and_then(|run| run.requests().find(|seen| seen.request_id == "start-2")).map(|seen| seen.event_id);
    assert_eq!(seen, Some(6), "the request is answered by the event as it was written");
}

#[test]
fn timeouts_follow_from_each_other() {
    // Execution, run and task timeout as asked for, and as they become.
    let table = [
        ((0, 0, 0), (0, 0, 10)),
        ((0, 50, 0), (0, 50, 10)),
        ((60, 0, 0), (60, 60, 10)),
        ((60, 50, 0), (60, 50, 10)),
        ((60, 70, 0), (60, 60, 10)),
        ((0, 0, 300), (0, 0, 120)),
        ((0, 5, 0), (0, 5, 5)),
        ((7, 0, 60), (7, 7, 7)),
    ];
    for ((execution, run, task), expected) in table {
        let script = started_with(|request| {
            request.workflow_execution_timeout = Some(seconds_of(execution));
            request.workflow_run_timeout = Some(seconds_of(run));
            request.workflow_task_timeout = Some(seconds_of(task));
        });
        let of = script.began();
        let seconds = |of: Option<prost_types::Duration>| of.map_or(-1, |of| of.seconds);
        let became =
            (seconds(of.workflow_execution_timeout), seconds(of.workflow_run_timeout), seconds(of.workflow_task_timeout));
        assert_eq!(became, expected, "{execution} {run} {task}");
    }
}

#[test]
fn expirations_count_from_the_start_and_the_first_wait() {
    // Execution timeout, run timeout and delay; expirations of execution and run, all in seconds from the start.
    let table = [
        ((0, 0, 0), (None, None)),
        ((0, 50, 0), (None, Some(50))),
        ((0, 50, 20), (None, Some(70))),
        ((60, 50, 0), (Some(60), Some(50))),
        ((60, 50, 20), (Some(60), Some(60))),
        ((60, 0, 0), (Some(60), Some(60))),
    ];
    for ((execution, run, delay), (execution_ends, run_ends)) in table {
        let mut script = Script::new();
        let start = script.now;
        let request = StartWorkflowExecutionRequest {
            workflow_execution_timeout: Some(seconds_of(execution)),
            workflow_run_timeout: Some(seconds_of(run)),
            workflow_start_delay: Some(seconds_of(delay)),
            ..script.start_request("start-1")
        };
        script.start_with(request);
        let state = script.chain.current().expect("a run").state();
        let at = |seconds: Option<u64>| seconds.map(|of| start + Duration::from_secs(of));
        assert_eq!(state.execution_expiration.as_ref().map(moment), at(execution_ends));
        assert_eq!(state.run_expiration.as_ref().map(moment), at(run_ends));
        let executed = start + Duration::from_secs(u64::try_from(delay).unwrap_or(0));
        assert_eq!(state.execution_time.as_ref().map(moment), Some(executed));
    }
}

#[test]
fn the_end_of_the_execution_is_a_whole_millisecond() {
    for (nanos, millis) in [(400_000, 60_000), (600_000, 60_001)] {
        let mut script = Script::new();
        script.now = Timestamp::from_nanos(nanos);
        let request =
            StartWorkflowExecutionRequest { workflow_execution_timeout: Some(seconds_of(60)), ..script.start_request("start-1") };
        script.start_with(request);
        let expires = script.began().workflow_execution_expiration_time.as_ref().map(moment);
        assert_eq!(expires, Some(Timestamp::from_millis(millis)));
    }
}

#[test]
fn a_start_delay_holds_the_first_workflow_task_back() {
    let mut script = started_with(|request| request.workflow_start_delay = Some(seconds_of(30)));
    assert_eq!((script.short().as_str(), script.began().initiator()), ("S1", Initiator::Unspecified));
    script.signal("s-1");
    assert_eq!(script.short(), "S1 Sig2", "a signal does not shorten it");
    script.wake_after(29 * SECOND);
    assert_eq!(script.short(), "S1 Sig2");
    script.wake_after(SECOND);
    assert_eq!(script.short(), "S1 Sig2 Ws3");
    script.work(vec![]);
    assert_eq!(script.chain.next_wake(), None, "it comes once");
}

#[test]
fn a_cancel_request_ends_the_wait() {
    let mut script = started_with(|request| request.workflow_start_delay = Some(seconds_of(30)));
    script.request_cancel();
    assert_eq!(script.short(), "S1 CancelRequested2 Ws3");
    assert_eq!(script.chain.next_wake(), None);
}

#[test]
fn a_cron_start_that_cannot_be_is_refused() {
    let table = [
        ("every day", "invalid CronSchedule."),
        ("0 0 31 2 *", "invalid CronSchedule, no time can be found to satisfy the schedule"),
    ];
    for (schedule, text) in table {
        let mut script = Script::new();
        let request = StartWorkflowExecutionRequest { cron_schedule: schedule.to_owned(), ..script.start_request("start-1") };
        assert_eq!(message(script.try_start(request)), text);
    }
}

#[test]
fn a_start_without_the_least_is_refused() {
    let mut script = Script::new();
    script.limits.memo_error_bytes = 20;
    script.limits.blob_error_bytes = 20;
    let plain = script.start_request("start-1");
    let memo = Memo { fields: [("note".to_owned(), payload("a long remark"))].into_iter().collect() };
    let table = [
        (StartWorkflowExecutionRequest { request_id: String::new(), ..plain.clone() }, "Missing request ID."),
        (StartWorkflowExecutionRequest { task_queue: None, ..plain.clone() }, "Missing Taskqueue."),
        (StartWorkflowExecutionRequest { workflow_type: None, ..plain.clone() }, "Missing WorkflowType."),
        (StartWorkflowExecutionRequest { memo: Some(memo), ..plain.clone() }, "Memo size exceeds limit."),
        (StartWorkflowExecutionRequest { input: Some(payloads("a long remark")), ..plain }, "Blob data size exceeds limit."),
    ];
    for (request, text) in table {
        assert_eq!(script.try_start(request), Err(Rejection::InvalidArgument(text.to_owned())));
    }
}

#[test]
fn the_first_event_says_what_was_asked_for() {
    let nothing =
        Payload { metadata: [("encoding".to_owned(), "binary/null".into())].into_iter().collect(), ..Payload::default() };
    let fields = |name: &str| [(name.to_owned(), payload("v")), ("nothing".to_owned(), nothing.clone())].into_iter().collect();
    let mut script = Script::new();
    let asked = StartWorkflowExecutionRequest {
        input: Some(payloads("in")),
        header: Some(Header { fields: [("trace".to_owned(), payload("t"))].into_iter().collect() }),
        memo: Some(Memo { fields: fields("note") }),
        search_attributes: Some(SearchAttributes { indexed_fields: fields("Customer") }),
        completion_callbacks: vec![Callback::default()],
        priority: Some(Priority { priority_key: 2, ..Priority::default() }),
        user_metadata: Some(UserMetadata { summary: Some(payload("sum")), ..UserMetadata::default() }),
        links: vec![Link::default()],
        continued_failure: Some(testkit::commands::application_failure("before", false)),
        last_completion_result: Some(payloads("last")),
        ..script.start_request("start-1")
    };
    let answer = script.start_with(asked.clone());
    let run = script.run().to_string();
    assert_eq!((answer.run_id.to_string(), answer.started, answer.status), (run.clone(), true, Status::Running));
    assert_eq!(answer.first_execution_run_id, run);
    let (event, of) = (script.history(script.run()).remove(0), script.began());
    assert_eq!((event.user_metadata, event.links), (asked.user_metadata, asked.links));
    assert_eq!((of.attempt, of.initiator()), (1, Initiator::Unspecified));
    assert_eq!((&of.first_execution_run_id, &of.original_execution_run_id), (&run, &run));
    assert_eq!(of.continued_execution_run_id, "");
    let own = WorkflowExecution { workflow_id: "order-1".to_owned(), run_id: run };
    assert_eq!((of.root_workflow_execution, of.parent_workflow_execution), (Some(own), None));
    assert_eq!((of.input, of.header, of.identity.as_str()), (asked.input, asked.header, "client"));
    assert_eq!((of.completion_callbacks.len(), of.priority), (1, asked.priority));
    assert_eq!((of.continued_failure, of.last_completion_result), (asked.continued_failure, asked.last_completion_result));
    let names: Vec<_> = of.memo.unwrap_or_default().fields.into_keys().collect();
    assert_eq!(names, ["note"], "what says nothing is left out");
    let names: Vec<_> = of.search_attributes.unwrap_or_default().indexed_fields.into_keys().collect();
    assert_eq!(names, ["Customer"]);
    let queue = of.task_queue.expect("a queue");
    assert_eq!((queue.name.as_str(), queue.kind()), ("orders", TaskQueueKind::Normal));
}

#[test]
fn a_child_waits_for_its_parent_to_schedule_its_first_task() {
    let mut script = Script::new();
    let execution = |id: &str| WorkflowExecution { workflow_id: id.to_owned(), run_id: model::RunId::new(uuid(9)).to_string() };
    let parent = Parent {
        namespace_id: "ns-id".to_owned(),
        namespace: "default".to_owned(),
        execution: execution("parent"),
        initiated_event_id: 5,
        initiated_event_version: 3,
        root: execution("root"),
    };
    let request = script.start_request("start-1");
    let start = Start { request: request.clone(), parent: Some(parent) };
    assert!(matches!(script.must(Input::Start(Box::new(start))), Answer::Started(_)));
    assert_eq!(script.short(), "S1");
    assert_eq!(script.chain.next_wake(), None);
    let of = script.began();
    assert_eq!((of.parent_workflow_execution, of.root_workflow_execution), (Some(execution("parent")), Some(execution("root"))));
    assert_eq!((of.parent_workflow_namespace.as_str(), of.parent_workflow_namespace_id.as_str()), ("default", "ns-id"));
    assert_eq!((of.parent_initiated_event_id, of.parent_initiated_event_version), (5, 3));
    let run = script.run();
    script.must(Input::ScheduleFirstWorkflowTask(run));
    script.must(Input::ScheduleFirstWorkflowTask(run));
    assert_eq!(script.short(), "S1 Ws2");
    script.work(vec![]);
    script.must(Input::ScheduleFirstWorkflowTask(run));
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4", "the first one comes once");
}

fn uuid(of: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(of)
}

#[test]
fn an_eager_task_is_given_only_where_it_is_due_and_as_long_as_the_caller_has_it() {
    let eager = |request: &mut StartWorkflowExecutionRequest| request.request_eager_execution = true;
    let delayed = started_with(|request| {
        eager(request);
        request.workflow_start_delay = Some(seconds_of(30));
    });
    assert_eq!((delayed.short().as_str(), delayed.began().eager_execution_accepted), ("S1", false));

    let mut script = started_with(eager);
    assert!(script.began().eager_execution_accepted);
    let mut request = script.start_request("start-1");
    eager(&mut request);
    let task = script.start_with(request.clone()).eager_task.expect("the caller has it");
    assert_eq!((task.attempt, task.scheduled_event_id, task.started_event_id), (1, 2, 3));
    script.fail(&task);
    assert_eq!(script.start_with(request.clone()).eager_task, None, "it failed");
    script.poll();
    assert_eq!(script.start_with(request).eager_task, None, "another worker has the next attempt");
}

#[test]
fn a_run_counts_as_running_from_its_first_workflow_task_on() {
    let lifecycle = |script: &Script| script.chain.current().map(|run| run.state().lifecycle());
    let mut script = started_with(|request| request.workflow_start_delay = Some(seconds_of(5)));
    assert_eq!(lifecycle(&script), Some(Lifecycle::Created));
    script.wake_after(5 * SECOND);
    assert_eq!(lifecycle(&script), Some(Lifecycle::Running));
    script.work(vec![complete("done")]);
    assert_eq!(lifecycle(&script), Some(Lifecycle::Completed));
}
