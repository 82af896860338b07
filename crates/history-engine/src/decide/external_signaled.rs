//! Another workflow was signalled, or could not be.

use proto::temporal::api::history::v1::{
    ExternalWorkflowExecutionSignaledEventAttributes, SignalExternalWorkflowExecutionFailedEventAttributes,
    history_event::Attributes,
};

use super::activity::open;
use super::workflow_task;
use crate::decision::{Answer, Decision};
use crate::input::ExternalSignaled;
use crate::rejection::Rejection;
use crate::state::externals::signal;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, input: &ExternalSignaled) -> Result<Decision, Rejection> {
    let (run, initiated_event_id) = (input.to.run, input.to.initiated_event_id);
    let pending = open(&turn.chain, run)?.external_signals().get(&initiated_event_id).and_then(signal);
    let Some(of) = pending.cloned() else {
        // Told before.
        return Ok(turn.done(Answer::Done));
    };
    #[expect(deprecated, reason = "old workers still read what they sent")]
    let event = match input.outcome {
        Ok(()) => {
            Attributes::ExternalWorkflowExecutionSignaledEventAttributes(ExternalWorkflowExecutionSignaledEventAttributes {
                initiated_event_id,
                namespace: of.namespace,
                namespace_id: of.namespace_id,
                workflow_execution: of.workflow_execution,
                control: of.control,
            })
        }
        Err(cause) => Attributes::SignalExternalWorkflowExecutionFailedEventAttributes(
            SignalExternalWorkflowExecutionFailedEventAttributes {
                cause: cause as i32,
                workflow_task_completed_event_id: of.workflow_task_completed_event_id,
                namespace: of.namespace,
                namespace_id: of.namespace_id,
                workflow_execution: of.workflow_execution,
                initiated_event_id,
                control: of.control,
            },
        ),
    };
    turn.event_or_buffer(run, event);
    workflow_task::ensure(&mut turn, run);
    Ok(turn.done(Answer::Done))
}

#[cfg(test)]
mod tests;
