//! RequestCancelWorkflowExecution. Asking twice, or asking a closed run, changes nothing and succeeds.

use proto::temporal::api::history::v1::{WorkflowExecutionCancelRequestedEventAttributes, history_event::Attributes as A};

use super::{target, workflow_task};
use crate::decision::{Answer, Decision};
use crate::input::RequestCancel;
use crate::rejection::Rejection;
use crate::turn::{EventDraft, Turn};

pub(crate) fn decide(mut turn: Turn<'_>, input: &RequestCancel) -> Result<Decision, Rejection> {
    let request = &input.request;
    let run = target::in_chain(&turn, request.workflow_execution.as_ref(), &request.first_execution_run_id)?;
    let state = turn.run(run)?;
    if !state.is_open() {
        return Ok(turn.done(Answer::Done));
    }
    target::is_of_chain(state, &request.first_execution_run_id)?;
    if input.child_workflow_only
        && let Some((from, _)) = &input.from
    {
        target::is_child_of(state, from)?;
    }
    if state.state().cancel_requested {
        return Ok(turn.done(Answer::Done));
    }
    let attributes = WorkflowExecutionCancelRequestedEventAttributes {
        cause: request.reason.clone(),
        external_initiated_event_id: input.from.as_ref().map(|(_, id)| *id).unwrap_or_default(),
        external_workflow_execution: input.from.as_ref().map(|(from, _)| from.clone()),
        identity: request.identity.clone(),
    };
    let draft = EventDraft {
        attributes: Some(A::WorkflowExecutionCancelRequestedEventAttributes(attributes)),
        links: request.links.clone(),
        ..EventDraft::default()
    };
    turn.event_or_buffer(run, draft);
    // A run that waits for its first workflow task is woken: it is to end, not to wait.
    workflow_task::schedule(&mut turn, run);
    Ok(turn.done(Answer::Done))
}
