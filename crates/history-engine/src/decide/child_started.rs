//! A child was started, or could not be.

use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::enums::v1::StartChildWorkflowExecutionFailedCause;
use proto::temporal::api::history::v1::{
    ChildWorkflowExecutionStartedEventAttributes, StartChildWorkflowExecutionFailedEventAttributes,
    StartChildWorkflowExecutionInitiatedEventAttributes, history_event::Attributes,
};

use super::activity::open;
use super::workflow_task;
use crate::chain::Chain;
use crate::decision::{Answer, Decision};
use crate::input::{ChildStarted, ToInitiator};
use crate::rejection::Rejection;
use crate::state::children::initiated;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, input: &ChildStarted) -> Result<Decision, Rejection> {
    let (of, started_event_id) = pending(&turn.chain, input.to)?;
    if started_event_id != 0 {
        // Told before.
        return Ok(turn.done(Answer::Done));
    }
    let attributes = match input.outcome {
        Ok(run) => started(&of, input.to.initiated_event_id, run.to_string()),
        Err(cause) => not_started(&of, input.to.initiated_event_id, cause),
    };
    turn.event_or_buffer(input.to.run, attributes);
    workflow_task::ensure(&mut turn, input.to.run);
    Ok(turn.done(Answer::Done))
}

/// What was initiated, and the Started event (0: not known to have started), of a child that an open run waits for.
pub(super) fn pending(
    chain: &Chain,
    to: ToInitiator,
) -> Result<(StartChildWorkflowExecutionInitiatedEventAttributes, i64), Rejection> {
    let child = open(chain, to.run)?.child(to.initiated_event_id).and_then(|child| Some((initiated(child)?, child)));
    let (of, child) = child.ok_or_else(|| Rejection::NotFound("Pending child execution not found.".to_owned()))?;
    Ok((of.clone(), child.started_event_id))
}

/// The event that says that a child has started.
pub(super) fn started(
    of: &StartChildWorkflowExecutionInitiatedEventAttributes,
    initiated_event_id: i64,
    run_id: String,
) -> Attributes {
    Attributes::ChildWorkflowExecutionStartedEventAttributes(ChildWorkflowExecutionStartedEventAttributes {
        namespace: of.namespace.clone(),
        namespace_id: of.namespace_id.clone(),
        initiated_event_id,
        workflow_execution: Some(WorkflowExecution { workflow_id: of.workflow_id.clone(), run_id }),
        workflow_type: of.workflow_type.clone(),
        header: of.header.clone(),
    })
}

fn not_started(
    of: &StartChildWorkflowExecutionInitiatedEventAttributes,
    initiated_event_id: i64,
    cause: StartChildWorkflowExecutionFailedCause,
) -> Attributes {
    #[expect(deprecated, reason = "old workers still read what they sent")]
    let control = of.control.clone();
    #[expect(deprecated, reason = "old workers still read what they sent")]
    Attributes::StartChildWorkflowExecutionFailedEventAttributes(StartChildWorkflowExecutionFailedEventAttributes {
        namespace: of.namespace.clone(),
        namespace_id: of.namespace_id.clone(),
        workflow_id: of.workflow_id.clone(),
        workflow_type: of.workflow_type.clone(),
        cause: cause as i32,
        control,
        initiated_event_id,
        workflow_task_completed_event_id: of.workflow_task_completed_event_id,
    })
}

#[cfg(test)]
mod tests;
