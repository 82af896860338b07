//! What a run must not outgrow, and what must not pile up before a busy worker.

use history_engine::{Input, Rejection};
use proto::temporal::api::enums::v1::{WorkflowExecutionStatus as Status, WorkflowTaskFailedCause as Cause};
use proto::temporal::api::history::v1::history_event::Attributes as A;
use proto::temporal::api::workflowservice::v1 as api;
use testkit::Script;
use testkit::commands::{complete, marker, payloads, schedule_activity};

use crate::with;

fn started() -> Script {
    let mut script = Script::new();
    script.start();
    script
}

fn is_terminated(script: &Script, reason: &str) {
    assert_eq!(script.chain.current().map(history_engine::Run::status), Some(Status::Terminated));
    let Some(A::WorkflowExecutionTerminatedEventAttributes(of)) =
        script.history(script.run()).pop().and_then(|event| event.attributes)
    else {
        panic!("a terminated run ends so")
    };
    assert_eq!((of.reason.as_str(), of.identity.as_str()), (reason, "history-service"));
}

fn refused(why: &str) -> Rejection {
    Rejection::InvalidArgument(why.to_owned())
}

#[test]
fn a_history_with_too_many_events_ends_the_run_without_what_was_one_too_many() {
    let mut script = started();
    script.limits.history_error_count = 3;
    script.signal("s-1");
    let reason = "Workflow history count exceeds limit.";
    let signal = script.signal_input("s-2");
    assert_eq!(script.give(signal), Err(refused(reason)));
    assert_eq!(script.short(), "S1 Ws2 Sig3 T4");
    is_terminated(&script, reason);
}

#[test]
fn a_history_that_is_too_large_ends_the_run() {
    let mut script = started();
    script.limits.history_error_bytes = 1_000;
    let task = script.poll();
    let reason = "Workflow history size exceeds limit.";
    let answer = script.try_complete(&task, with(vec![marker(&"m".repeat(900))]));
    assert_eq!(answer, Err(refused(reason)));
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 T5", "what the worker did is dropped");
    is_terminated(&script, reason);
}

#[test]
fn a_state_that_is_too_large_ends_the_run() {
    let mut script = started();
    script.work(vec![schedule_activity("a"), schedule_activity("b")]);
    script.must(super::activity(&script, 5, 1));
    script.limits.state_error_bytes = 4_000;
    let reason = "Workflow mutable state size exceeds limit.";
    let beat = |details: &str| {
        Input::Heartbeat(Box::new(history_engine::Heartbeat {
            activity: history_engine::ActivityRef::Token(super::attempt_of(&script, 5, 1)),
            details: Some(payloads(details)),
            identity: "worker".to_owned(),
        }))
    };
    let (small, large) = (beat("x"), beat(&"x".repeat(4_000)));
    script.must(small);
    assert_eq!(script.give(large), Err(refused(reason)));
    is_terminated(&script, reason);
}

#[test]
fn a_run_that_ends_in_time_may_be_as_large_as_it_likes() {
    let mut script = started();
    script.limits.history_error_count = 4;
    let task = script.poll();
    script.complete(&task, vec![complete("done")]);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 Completed5");
}

#[test]
fn a_run_that_comes_near_its_limit_is_reported_once() {
    let mut script = started();
    script.limits.history_warn_count = 3;
    script.limits.history_warn_bytes = 500;
    let warned = |script: &mut Script, name: &str| {
        script.fresh_page();
        let signal = script.signal_input(name);
        script.must(signal);
        let page = script.transcript();
        (page.contains("HistoryCount"), page.contains("HistorySize"))
    };
    assert_eq!(warned(&mut script, "s-1"), (false, false));
    assert_eq!(warned(&mut script, "s-2"), (true, false));
    assert_eq!(warned(&mut script, &"s-3".repeat(200)), (false, true));
    assert_eq!(warned(&mut script, "s-4"), (false, false));
}

#[test]
fn events_that_pile_up_before_a_busy_worker_take_its_task_away() {
    let mut script = started();
    script.limits.buffered_events = 3;
    let task = script.poll();
    script.signal("s-1").signal("s-2").signal("s-3");
    assert_eq!(script.short(), "S1 Ws2");
    script.signal("s-4");
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 Sig5 Sig6 Sig7 Sig8 Ws9");
    let A::WorkflowTaskFailedEventAttributes(of) = script.event(4) else { panic!("event 4 fails the task") };
    assert_eq!((of.cause(), of.identity.as_str()), (Cause::ForceCloseCommand, "history-service"));
    assert!(script.try_complete(&task, with(vec![])).is_err());
    assert_eq!(script.poll().attempt, 1);
}

#[test]
fn bytes_that_pile_up_before_a_busy_worker_take_its_task_away() {
    let mut script = started();
    script.limits.buffered_bytes = 1_000;
    script.poll();
    let mut signal = |size: usize| {
        let request = api::SignalWorkflowExecutionRequest {
            workflow_execution: Some(script.target()),
            signal_name: "go".to_owned(),
            input: Some(payloads(&"x".repeat(size))),
            ..api::SignalWorkflowExecutionRequest::default()
        };
        let of = history_engine::Signal { request, from: None, child_workflow_only: false };
        script.must(Input::Signal(Box::new(of)));
        script.short()
    };
    assert_eq!(signal(400), "S1 Ws2");
    assert_eq!(signal(800), "S1 Ws2 Wt3 Wf4 Sig5 Sig6 Ws7");
}

#[test]
fn a_run_takes_so_many_signals_and_no_more() {
    let mut script = started();
    script.limits.signals_per_run = 3;
    script.signal("s-1").poll();
    script.signal("s-2").signal("s-3");
    let why = refused("exceeded workflow execution limit for signal events");
    let signal = script.signal_input("s-4");
    assert_eq!(script.give(signal), Err(why), "those that wait count too");
    script.signal("s-3");
}

#[test]
fn what_is_not_configured_is_as_in_temporal() {
    const MIB: usize = 1024 * 1024;
    let of = model::limits::Limits::DEFAULT;
    assert_eq!((of.id_bytes, of.blob_error_bytes, of.blob_warn_bytes), (1_000, 2 * MIB, MIB / 2));
    assert_eq!((of.memo_error_bytes, of.state_error_bytes, of.activity_failure_bytes), (2 * MIB, 8 * MIB, 4 * 1024));
    let pending = [of.pending_activities, of.pending_children, of.pending_signals, of.pending_cancels];
    assert_eq!(pending, [2_000; 4]);
    let mib = |mib: i64| mib * 1024 * 1024;
    assert_eq!((of.history_error_bytes, of.history_warn_bytes, of.history_suggest_bytes), (mib(50), mib(10), mib(4)));
    assert_eq!((of.history_error_count, of.history_warn_count, of.history_suggest_count), (51_200, 10_240, 4_096));
    assert_eq!((of.signals_per_run, of.transaction_bytes), (10_000, mib(4)));
    assert_eq!((of.buffered_events, of.buffered_bytes), (100, 2 * MIB));
    let times = [
        of.default_workflow_task_timeout,
        of.max_workflow_task_timeout,
        of.workflow_task_heartbeat_timeout,
        of.workflow_task_retry_max_interval,
    ];
    assert_eq!(times.map(|time| time.as_secs()), [10, 120, 1_800, 600]);
    let attributes =
        [of.search_attribute_keys, of.search_attribute_value_bytes, of.search_attribute_total_bytes].map(|limit| limit as u64);
    assert_eq!(attributes, [100, 2 * 1024, 40 * 1024]);
}
