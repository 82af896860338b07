//! SignalWithStart: one call that signals the open run, or starts a run that begins with the signal.

use proto::temporal::api::enums::v1::{WorkflowIdConflictPolicy as Conflict, WorkflowIdReusePolicy as Reuse};
use proto::temporal::api::history::v1::history_event::Attributes as A;
use proto::temporal::api::workflowservice::v1::SignalWithStartWorkflowExecutionRequest;
use testkit::Script;
use testkit::commands::{complete, payloads, seconds_of};

use crate::{SECOND, second_start};

#[test]
fn it_cannot_be_told_to_fail_where_a_run_is_open() {
    let mut script = Script::new();
    let request = SignalWithStartWorkflowExecutionRequest {
        workflow_id_conflict_policy: Conflict::Fail as i32,
        ..script.signal_with_start_request("r-1")
    };
    let text = "Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for this operation.";
    assert_eq!(script.signal_with_start(request).map_err(|why| why.to_string()), Err(text.to_owned()));
}

#[test]
fn an_open_run_is_signalled_once_per_request() {
    let mut script = Script::new();
    let run = script.start();
    script.work(vec![]);
    let request = SignalWithStartWorkflowExecutionRequest {
        signal_input: Some(payloads("hello")),
        ..script.signal_with_start_request("r-1")
    };
    for _ in 0..2 {
        let answer = script.signal_with_start(request.clone()).expect("accepted");
        assert_eq!((answer.run_id, answer.started), (run, false));
        assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 Sig5 Ws6");
    }
    let A::WorkflowExecutionSignaledEventAttributes(of) = script.event(5) else { panic!("event 5 signals") };
    assert_eq!((of.signal_name.as_str(), of.input, of.request_id.as_str()), ("go", Some(payloads("hello")), "r-1"));
}

#[test]
fn a_new_run_begins_with_the_signal() {
    let mut script = Script::new();
    let request = SignalWithStartWorkflowExecutionRequest {
        input: Some(payloads("in")),
        signal_input: Some(payloads("hello")),
        ..script.signal_with_start_request("r-1")
    };
    let answer = script.signal_with_start(request.clone()).expect("accepted");
    assert_eq!((answer.run_id, answer.started), (script.run(), true));
    assert_eq!(script.short(), "S1 Sig2 Ws3");
    assert_eq!(script.began().input, Some(payloads("in")));
    let A::WorkflowExecutionSignaledEventAttributes(of) = script.event(2) else { panic!("event 2 signals") };
    assert_eq!((of.signal_name.as_str(), of.input, of.identity.as_str()), ("go", Some(payloads("hello")), "client"));
    let answer = script.signal_with_start(request).expect("accepted");
    assert_eq!((answer.run_id, answer.started), (script.run(), false));
    assert_eq!(script.short(), "S1 Sig2 Ws3", "the same request signals once");
    script.signal("r-1");
    assert_eq!(script.short(), "S1 Sig2 Ws3", "also where it comes as a plain signal");
}

#[test]
fn it_ends_the_wait_of_an_open_run_but_not_of_its_own() {
    let mut script = Script::new();
    let request = SignalWithStartWorkflowExecutionRequest {
        workflow_start_delay: Some(seconds_of(30)),
        ..script.signal_with_start_request("r-1")
    };
    script.signal_with_start(request).expect("accepted");
    assert_eq!(script.short(), "S1 Sig2");
    let mut waiting = script.clone();
    waiting.wake_after(30 * SECOND);
    assert_eq!(waiting.short(), "S1 Sig2 Ws3");
    let request = script.signal_with_start_request("r-2");
    script.signal_with_start(request).expect("accepted");
    assert_eq!(script.short(), "S1 Sig2 Sig3 Ws4");
}

#[test]
fn a_closed_run_is_met_by_the_reuse_policy() {
    let mut script = Script::new();
    script.start();
    script.work(vec![complete("done")]);
    let with = |script: &Script, reuse: Reuse| SignalWithStartWorkflowExecutionRequest {
        workflow_id_reuse_policy: reuse as i32,
        ..script.signal_with_start_request("r-1")
    };
    for reuse in [Reuse::RejectDuplicate, Reuse::AllowDuplicateFailedOnly] {
        let request = with(&script, reuse);
        let refused = script.signal_with_start(request).expect_err("the id was used");
        assert!(matches!(refused, history_engine::Rejection::AlreadyStarted { .. }));
    }
    let request = with(&script, Reuse::AllowDuplicate);
    assert!(script.signal_with_start(request).expect("accepted").started);
    assert_eq!(script.short(), "S1 Sig2 Ws3");
}

#[test]
fn it_may_replace_the_open_run() {
    for (conflict, reuse) in second_start() {
        let mut script = Script::new();
        let old = script.start();
        let request = SignalWithStartWorkflowExecutionRequest {
            workflow_id_conflict_policy: conflict as i32,
            workflow_id_reuse_policy: reuse as i32,
            ..script.signal_with_start_request("r-1")
        };
        assert!(script.signal_with_start(request).expect("accepted").started);
        assert_eq!((script.short_of(old).as_str(), script.short().as_str()), ("S1 Ws2 T3", "S1 Sig2 Ws3"));
    }
}

#[test]
fn a_run_that_is_closing_or_full_takes_no_signal() {
    let mut script = Script::new();
    script.start();
    let task = script.poll();
    script.signal("s-1");
    let refused = script.try_complete(&task, crate::with(vec![complete("done")]));
    assert!(refused.is_err(), "the signal must not be overlooked");
    script.poll();
    let request = script.signal_with_start_request("r-1");
    let refused = script.signal_with_start(request).expect_err("it is closing");
    assert!(matches!(refused, history_engine::Rejection::ResourceExhausted { .. }));

    let mut script = Script::new();
    script.limits.signals_per_run = 1;
    script.start();
    script.signal("s-1");
    let request = script.signal_with_start_request("r-1");
    let refused = script.signal_with_start(request).expect_err("it has all it takes");
    assert_eq!(refused.to_string(), "exceeded workflow execution limit for signal events");
}
