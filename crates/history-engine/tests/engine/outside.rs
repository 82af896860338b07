//! What users and other workflows do to a run from outside: signal, cancel, terminate, delete.

use history_engine::{Answer, Input, Rejection, RequestCancel, Signal, Task, Terminate};
use model::RunId;
use proto::temporal::api::common::v1::{Header, Link, WorkflowExecution};
use proto::temporal::api::enums::v1::WorkflowExecutionStatus as Status;
use proto::temporal::api::history::v1::history_event::Attributes as A;
use proto::temporal::api::workflowservice::v1 as api;
use testkit::Script;
use testkit::commands::{complete, continue_as_new, payload, payloads};

use crate::SECOND;

fn started() -> Script {
    let mut script = Script::new();
    script.start();
    script
}

fn named(run_id: String) -> Option<WorkflowExecution> {
    Some(WorkflowExecution { workflow_id: "order-1".to_owned(), run_id })
}

fn somebody() -> WorkflowExecution {
    WorkflowExecution { workflow_id: "other".to_owned(), run_id: RunId::new(uuid::Uuid::from_u128(9)).to_string() }
}

/// The three requests that name a run, by this name.
fn requests(run_id: &str) -> [Input; 3] {
    let workflow_execution = named(run_id.to_owned());
    let signal = api::SignalWorkflowExecutionRequest {
        workflow_execution: workflow_execution.clone(),
        signal_name: "go".to_owned(),
        ..Default::default()
    };
    let cancel =
        api::RequestCancelWorkflowExecutionRequest { workflow_execution: workflow_execution.clone(), ..Default::default() };
    let terminate = api::TerminateWorkflowExecutionRequest { workflow_execution, ..Default::default() };
    [
        Input::Signal(Box::new(Signal { request: signal, from: None, child_workflow_only: false })),
        Input::RequestCancel(Box::new(RequestCancel { request: cancel, from: None, child_workflow_only: false })),
        Input::Terminate(Box::new(Terminate { request: terminate, from_parent: None })),
    ]
}

fn closed() -> Rejection {
    Rejection::NotFound("workflow execution already completed".to_owned())
}

#[test]
fn who_is_not_there_cannot_be_reached() {
    let mut script = Script::new();
    for input in requests("") {
        assert_eq!(script.give(input), Err(Rejection::NotFound("workflow not found for ID: order-1".to_owned())));
    }
    let mut script = started();
    for input in requests("no-uuid") {
        assert_eq!(script.give(input), Err(Rejection::InvalidArgument("Invalid RunId.".to_owned())));
    }
    let other = RunId::new(uuid::Uuid::from_u128(9));
    for input in requests(&other.to_string()) {
        assert_eq!(script.give(input), Err(Rejection::RunNotLoaded(other)));
    }
}

#[test]
fn a_closed_run_takes_no_signal_and_no_termination_but_a_cancel_request_is_done() {
    let mut script = started();
    script.work(vec![complete("done")]);
    let [signal, cancel, terminate] = requests("");
    assert_eq!(script.give(signal), Err(closed()));
    assert_eq!(script.give(terminate), Err(closed()));
    assert_eq!(script.give(cancel), Ok(Answer::Done));
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 Completed5");
}

#[test]
fn a_run_of_a_chain_can_be_named() {
    let mut script = started();
    let first = script.run();
    script.pass(2 * SECOND).work(vec![continue_as_new("next")]);
    let [signal, ..] = requests(&first.to_string());
    assert_eq!(script.give(signal), Err(closed()), "that run is over");
    let [signal, ..] = requests(&script.run().to_string());
    script.must(signal);
    assert_eq!(script.short(), "S1 Ws2 Sig3");
}

#[test]
fn a_signal_is_written_as_it_was_sent() {
    let mut script = started();
    let header = Some(Header { fields: [("trace".to_owned(), payload("t"))].into_iter().collect() });
    let request = api::SignalWorkflowExecutionRequest {
        workflow_execution: Some(script.target()),
        signal_name: "go".to_owned(),
        input: Some(payloads("hello")),
        identity: "me".to_owned(),
        request_id: "s-1".to_owned(),
        header: header.clone(),
        links: vec![Link::default()],
        ..Default::default()
    };
    script.must(Input::Signal(Box::new(Signal { request, from: Some(somebody()), child_workflow_only: false })));
    let event = script.history(script.run()).remove(2);
    let Some(A::WorkflowExecutionSignaledEventAttributes(of)) = event.attributes else { panic!("event 3 signals") };
    assert_eq!((of.signal_name.as_str(), of.input, of.identity.as_str()), ("go", Some(payloads("hello")), "me"));
    assert_eq!((of.request_id.as_str(), of.header, event.links.len()), ("s-1", header, 1));
    assert_eq!(of.external_workflow_execution, Some(somebody()));
}

#[test]
fn a_signal_that_comes_twice_counts_once_even_after_the_end() {
    let mut script = started();
    script.signal("s-1").signal("s-1");
    assert_eq!(script.short(), "S1 Ws2 Sig3");
    let task = script.poll();
    script.signal("s-2").signal("s-2");
    script.complete(&task, vec![]);
    assert_eq!(script.short(), "S1 Ws2 Sig3 Wt4 Wc5 Sig6 Ws7");
    let seen =
        script.chain.current().and_then(|run| run.requests().find(|seen| seen.request_id == "s-2")).map(|seen| seen.event_id);
    assert_eq!(seen, Some(6), "the request is answered by the event as it was written");
    script.crash().signal("s-2").work(vec![complete("done")]);
    script.signal("s-1").signal("s-2");
    assert_eq!(script.short(), "S1 Ws2 Sig3 Wt4 Wc5 Sig6 Ws7 Wt8 Wc9 Completed10");
}

#[test]
fn signals_without_a_request_id_all_count() {
    let mut script = started();
    let [signal, ..] = requests("");
    script.must(signal.clone());
    script.must(signal);
    assert_eq!(script.short(), "S1 Ws2 Sig3 Sig4");
}

#[test]
fn a_cancel_request_says_who_and_why_and_wakes_the_worker() {
    let mut script = started();
    script.work(vec![]);
    let request = api::RequestCancelWorkflowExecutionRequest {
        workflow_execution: Some(script.target()),
        reason: "enough".to_owned(),
        identity: "me".to_owned(),
        links: vec![Link::default()],
        ..Default::default()
    };
    let of = RequestCancel { request, from: Some((somebody(), 7)), child_workflow_only: false };
    script.must(Input::RequestCancel(Box::new(of)));
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 CancelRequested5 Ws6");
    let event = script.history(script.run()).remove(4);
    let Some(A::WorkflowExecutionCancelRequestedEventAttributes(of)) = event.attributes else { panic!("event 5 asks") };
    assert_eq!((of.cause.as_str(), of.identity.as_str(), event.links.len()), ("enough", "me", 1));
    assert_eq!((of.external_workflow_execution, of.external_initiated_event_id), (Some(somebody()), 7));
}

#[test]
fn a_cancel_request_waits_for_a_busy_worker_and_comes_once() {
    let mut script = started();
    let task = script.poll();
    script.request_cancel().request_cancel();
    assert_eq!(script.short(), "S1 Ws2");
    script.complete(&task, vec![]);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 CancelRequested5 Ws6");
    script.request_cancel();
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 CancelRequested5 Ws6");
}

/// Cancel and terminate by the first run of the chain, while a run of it is named that is over.
fn of_chain(named_run: RunId, first: &str) -> [Input; 2] {
    let workflow_execution = named(named_run.to_string());
    let cancel = api::RequestCancelWorkflowExecutionRequest {
        workflow_execution: workflow_execution.clone(),
        first_execution_run_id: first.to_owned(),
        ..Default::default()
    };
    let terminate = api::TerminateWorkflowExecutionRequest {
        workflow_execution,
        first_execution_run_id: first.to_owned(),
        ..Default::default()
    };
    [
        Input::RequestCancel(Box::new(RequestCancel { request: cancel, from: None, child_workflow_only: false })),
        Input::Terminate(Box::new(Terminate { request: terminate, from_parent: None })),
    ]
}

#[test]
fn a_chain_is_reached_by_its_first_run_whatever_run_is_current() {
    let mut script = started();
    let first = script.run();
    script.pass(2 * SECOND).work(vec![continue_as_new("next")]);
    let other = RunId::new(uuid::Uuid::from_u128(9));
    for input in of_chain(first, &other.to_string()) {
        assert_eq!(script.give(input), Err(Rejection::NotFound("workflow execution not found".to_owned())));
    }
    for input in of_chain(first, &first.to_string()) {
        script.must(input);
    }
    assert_eq!(script.short(), "S1 Ws2 CancelRequested3 T4");
    let [cancel, terminate] = of_chain(first, &other.to_string());
    assert_eq!(script.give(cancel), Ok(Answer::Done), "there is nothing left to cancel");
    assert_eq!(script.give(terminate), Err(closed()));
}

#[test]
fn only_the_parent_reaches_who_is_only_for_its_parent() {
    let mut script = started();
    let wrong = Rejection::NotFound("workflow parent does not match".to_owned());
    let [signal, cancel, terminate] = requests("");
    let (Input::Signal(mut signal), Input::RequestCancel(mut cancel), Input::Terminate(mut terminate)) =
        (signal, cancel, terminate)
    else {
        panic!("in this order")
    };
    (signal.from, signal.child_workflow_only) = (Some(somebody()), true);
    (cancel.from, cancel.child_workflow_only) = (Some((somebody(), 5)), true);
    terminate.from_parent = Some(somebody());
    for input in [Input::Signal(signal), Input::RequestCancel(cancel), Input::Terminate(terminate)] {
        assert_eq!(script.give(input), Err(wrong.clone()));
    }
}

#[test]
fn a_termination_says_who_and_why_or_what_stands_for_it() {
    let request = api::TerminateWorkflowExecutionRequest {
        workflow_execution: named(String::new()),
        reason: "enough".to_owned(),
        details: Some(payloads("details")),
        identity: "me".to_owned(),
        links: vec![Link::default()],
        ..Default::default()
    };
    let plain = api::TerminateWorkflowExecutionRequest { workflow_execution: named(String::new()), ..Default::default() };
    let table = [
        (request, ("enough", "me", Some(payloads("details")), 1)),
        (plain, ("terminated by user via frontend", "frontend-service", None, 0)),
    ];
    for (request, (reason, identity, details, links)) in table {
        let mut script = started();
        script.try_terminate(request).expect("it is open");
        let event = script.history(script.run()).remove(2);
        let Some(A::WorkflowExecutionTerminatedEventAttributes(of)) = event.attributes else { panic!("event 3 ends the run") };
        assert_eq!((of.reason.as_str(), of.identity.as_str(), of.details, event.links.len()), (reason, identity, details, links));
    }
}

#[test]
fn a_terminated_run_is_not_tried_again() {
    let mut script = Script::new();
    let mut request = script.start_request("start-1");
    request.retry_policy = Some(proto::temporal::api::common::v1::RetryPolicy::default());
    let run = script.start_with(request).run_id;
    script.terminate();
    assert_eq!((script.run(), script.chain.next_wake()), (run, None));
    assert_eq!(script.chain.current().map(history_engine::Run::status), Some(Status::Terminated));
}

#[test]
fn deleting_an_open_run_ends_it_first() {
    let mut script = started();
    script.poll();
    script.signal("s-1");
    script.must(Input::Delete(None));
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wf4 Sig5 T6");
    let A::WorkflowExecutionTerminatedEventAttributes(of) = script.event(6) else { panic!("event 6 ends the run") };
    assert_eq!((of.reason.as_str(), of.identity.as_str()), ("Delete workflow execution", "history-service"));
    let run = script.run();
    assert_eq!(script.chain.tasks(), [Task::DeleteRun { run }]);
    script.must(Input::Delete(Some(run)));
    assert_eq!(script.chain.tasks(), [Task::DeleteRun { run }], "asking twice is asking once");
    script.must(Input::Deleted(run));
    script.must(Input::Deleted(run));
    assert_eq!((script.chain.current_id(), script.chain.tasks()), (None, vec![]));
}

#[test]
fn a_closed_run_is_deleted_once_nobody_needs_it() {
    let mut script = started();
    let run = script.run();
    script.work(vec![testkit::commands::start_child("child"), complete("done")]);
    script.must(Input::Delete(None));
    let close = Task::CloseChild { run, initiated_event_id: 5 };
    assert_eq!(script.chain.tasks(), [close], "its child comes first");
    let to = history_engine::ToInitiator { run, initiated_event_id: 5 };
    script.must(Input::ChildClosePolicyApplied(to));
    assert_eq!(script.chain.tasks(), [Task::DeleteRun { run }]);
    assert_eq!(script.short(), "S1 Ws2 Wt3 Wc4 StartChildWorkflowExecutionInitiated5 Completed6");
}

#[test]
fn deleting_who_is_not_there_is_not_found() {
    let mut script = Script::new();
    assert_eq!(script.give(Input::Delete(None)), Err(Rejection::NotFound("workflow not found for ID: order-1".to_owned())));
}
