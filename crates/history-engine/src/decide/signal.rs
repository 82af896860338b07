//! SignalWorkflowExecution, and signal-with-start.

use model::RunId;
use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::enums::v1::{ResourceExhaustedCause, WorkflowIdConflictPolicy as Conflict};
use proto::temporal::api::history::v1::{WorkflowExecutionSignaledEventAttributes, history_event::Attributes as A};
use proto::temporal::api::workflowservice::v1::{
    SignalWithStartWorkflowExecutionRequest, SignalWorkflowExecutionRequest, StartWorkflowExecutionRequest,
};

use super::start::{self, Admission};
use super::{target, workflow_task};
use crate::decision::{Answer, Decision};
use crate::input::{Signal, Start};
use crate::rejection::Rejection;
use crate::turn::{EventDraft, Turn};

pub(crate) fn decide(mut turn: Turn<'_>, input: &Signal) -> Result<Decision, Rejection> {
    let request = &input.request;
    let run = target::run(&turn, request.workflow_execution.as_ref())?;
    if turn.run(run)?.has_signal(&request.request_id) {
        return Ok(turn.done(Answer::Done));
    }
    if !turn.run(run)?.is_open() {
        return Err(Rejection::closed());
    }
    accept(&turn, run)?;
    if input.child_workflow_only
        && let Some(from) = &input.from
    {
        target::is_child_of(turn.run(run)?, from)?;
    }
    turn.event_or_buffer(run, event(request, input.from.clone()));
    workflow_task::ensure(&mut turn, run);
    Ok(turn.done(Answer::Done))
}

/// Whether the run takes another signal.
fn accept(turn: &Turn<'_>, run: RunId) -> Result<(), Rejection> {
    let state = turn.run(run)?;
    let waiting = state.state().buffered_events.iter();
    let waiting = waiting.filter(|event| matches!(event.attributes, Some(A::WorkflowExecutionSignaledEventAttributes(_))));
    let signals = state.state().signal_count.saturating_add(i64::try_from(waiting.count()).unwrap_or(i64::MAX));
    if signals >= turn.env.limits.signals_per_run {
        return Err(Rejection::InvalidArgument("exceeded workflow execution limit for signal events".to_owned()));
    }
    if state.state().close_attempted && state.workflow_task_is_started() {
        return Err(Rejection::ResourceExhausted {
            cause: ResourceExhaustedCause::BusyWorkflow,
            message: "workflow operation can not be applied because workflow is closing".to_owned(),
        });
    }
    Ok(())
}

fn event(request: &SignalWorkflowExecutionRequest, from: Option<WorkflowExecution>) -> EventDraft {
    let attributes = WorkflowExecutionSignaledEventAttributes {
        signal_name: request.signal_name.clone(),
        input: request.input.clone(),
        identity: request.identity.clone(),
        header: request.header.clone(),
        external_workflow_execution: from,
        request_id: request.request_id.clone(),
        ..WorkflowExecutionSignaledEventAttributes::default()
    };
    EventDraft {
        attributes: Some(A::WorkflowExecutionSignaledEventAttributes(attributes)),
        links: request.links.clone(),
        ..EventDraft::default()
    }
}

/// SignalWithStart: signals the open run, or starts one that has the signal.
pub(crate) fn with_start(mut turn: Turn<'_>, request: &SignalWithStartWorkflowExecutionRequest) -> Result<Decision, Rejection> {
    if let Some(answer) = start::earlier(&turn, &request.request_id) {
        return Ok(turn.done(answer));
    }
    if let Some(current) = turn.chain.current() {
        let created = !request.request_id.is_empty() && current.state().create_request_id == request.request_id;
        if created || current.has_signal(&request.request_id) {
            let answer = start::existing(&turn, current.id(), false)?;
            return Ok(turn.done(answer));
        }
    }
    let (input, signal) = split(request);
    start::check(&turn, &input.request)?;
    let (conflict, reuse) =
        start::policies(request.workflow_id_conflict_policy(), request.workflow_id_reuse_policy(), Conflict::UseExisting);
    if conflict == Conflict::Fail {
        let message = "Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for this operation.";
        return Err(Rejection::InvalidArgument(message.to_owned()));
    }
    let signal = event(&signal, None);
    let answer = match start::admit(&turn, conflict, reuse)? {
        Admission::New => start::start(&mut turn, &input, Some(signal))?,
        Admission::Replace(old) => start::replace(&mut turn, old, &input, Some(signal))?,
        Admission::Existing(run) => {
            accept(&turn, run)?;
            turn.event_or_buffer(run, signal);
            // It also ends a start delay.
            workflow_task::schedule(&mut turn, run);
            start::existing(&turn, run, false)?
        }
    };
    Ok(turn.done(answer))
}

/// The two halves of the request.
fn split(request: &SignalWithStartWorkflowExecutionRequest) -> (Start, SignalWorkflowExecutionRequest) {
    let start = StartWorkflowExecutionRequest {
        namespace: request.namespace.clone(),
        workflow_id: request.workflow_id.clone(),
        workflow_type: request.workflow_type.clone(),
        task_queue: request.task_queue.clone(),
        input: request.input.clone(),
        workflow_execution_timeout: request.workflow_execution_timeout,
        workflow_run_timeout: request.workflow_run_timeout,
        workflow_task_timeout: request.workflow_task_timeout,
        identity: request.identity.clone(),
        request_id: request.request_id.clone(),
        retry_policy: request.retry_policy.clone(),
        cron_schedule: request.cron_schedule.clone(),
        memo: request.memo.clone(),
        search_attributes: request.search_attributes.clone(),
        header: request.header.clone(),
        workflow_start_delay: request.workflow_start_delay,
        user_metadata: request.user_metadata.clone(),
        links: request.links.clone(),
        versioning_override: request.versioning_override.clone(),
        priority: request.priority.clone(),
        ..StartWorkflowExecutionRequest::default()
    };
    let signal = SignalWorkflowExecutionRequest {
        signal_name: request.signal_name.clone(),
        input: request.signal_input.clone(),
        identity: request.identity.clone(),
        request_id: request.request_id.clone(),
        header: request.header.clone(),
        links: request.links.clone(),
        ..SignalWorkflowExecutionRequest::default()
    };
    (Start { request: start, parent: None }, signal)
}
