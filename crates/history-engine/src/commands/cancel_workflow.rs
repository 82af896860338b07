//! CancelWorkflowExecution: the workflow ends as cancelled, asked for or not. Nothing follows it.

use proto::temporal::api::command::v1::{CancelWorkflowExecutionCommandAttributes, Command};
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use proto::temporal::api::history::v1::{WorkflowExecutionCanceledEventAttributes, history_event::Attributes};

use super::{Batch, CommandFailure, checks};
use crate::decide::close;
use crate::turn::{EventDraft, Turn};

pub(super) fn run(
    turn: &mut Turn<'_>,
    batch: &mut Batch<'_>,
    command: &Command,
    of: &CancelWorkflowExecutionCommandAttributes,
) -> Result<(), CommandFailure> {
    checks::nothing_unhandled(turn, batch)?;
    let name = "CancelWorkflowExecutionCommandAttributes.Details";
    checks::blob(turn, Cause::BadCancelWorkflowExecutionAttributes, of.details.as_ref(), name)?;
    let attributes = WorkflowExecutionCanceledEventAttributes {
        workflow_task_completed_event_id: batch.completed_event_id,
        details: of.details.clone(),
    };
    let event = EventDraft::of_command(command, Attributes::WorkflowExecutionCanceledEventAttributes(attributes));
    close::close(turn, batch.run, event);
    Ok(())
}
