//! Another workflow was asked to cancel, or could not be.

use proto::temporal::api::history::v1::{
    ExternalWorkflowExecutionCancelRequestedEventAttributes as CancelRequested,
    RequestCancelExternalWorkflowExecutionFailedEventAttributes as CancelFailed, history_event::Attributes,
};

use super::activity::open;
use super::workflow_task;
use crate::decision::{Answer, Decision};
use crate::input::ExternalCanceled;
use crate::rejection::Rejection;
use crate::state::externals::cancel;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, input: &ExternalCanceled) -> Result<Decision, Rejection> {
    let (run, initiated_event_id) = (input.to.run, input.to.initiated_event_id);
    let pending = open(&turn.chain, run)?.external_cancels().get(&initiated_event_id).and_then(cancel);
    let Some(of) = pending.cloned() else {
        // Told before.
        return Ok(turn.done(Answer::Done));
    };
    #[expect(deprecated, reason = "old workers still read what they sent")]
    let event = match input.outcome {
        Ok(()) => Attributes::ExternalWorkflowExecutionCancelRequestedEventAttributes(CancelRequested {
            initiated_event_id,
            namespace: of.namespace,
            namespace_id: of.namespace_id,
            workflow_execution: of.workflow_execution,
        }),
        Err(cause) => Attributes::RequestCancelExternalWorkflowExecutionFailedEventAttributes(CancelFailed {
            cause: cause as i32,
            workflow_task_completed_event_id: of.workflow_task_completed_event_id,
            namespace: of.namespace,
            namespace_id: of.namespace_id,
            workflow_execution: of.workflow_execution,
            initiated_event_id,
            control: of.control,
        }),
    };
    turn.event_or_buffer(run, event);
    workflow_task::ensure(&mut turn, run);
    Ok(turn.done(Answer::Done))
}

#[cfg(test)]
mod tests;
