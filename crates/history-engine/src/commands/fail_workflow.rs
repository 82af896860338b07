//! FailWorkflowExecution: the workflow failed. It is tried again, goes on by cron, or ends.

use proto::temporal::api::command::v1::{Command, FailWorkflowExecutionCommandAttributes};
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use proto::temporal::api::history::v1::{WorkflowExecutionFailedEventAttributes, history_event::Attributes};

use super::{Batch, CommandFailure, checks};
use crate::decide::{close, next_run};
use crate::turn::{EventDraft, Turn};

pub(super) fn run(
    turn: &mut Turn<'_>,
    batch: &mut Batch<'_>,
    command: &Command,
    of: &FailWorkflowExecutionCommandAttributes,
) -> Result<(), CommandFailure> {
    checks::nothing_unhandled(turn, batch)?;
    let Some(failure) = &of.failure else {
        let message = "Failure is not set on FailWorkflowExecutionCommand.";
        return Err(CommandFailure::new(Cause::BadFailWorkflowExecutionAttributes, message));
    };
    let name = "FailWorkflowExecutionCommandAttributes.Failure";
    checks::blob(turn, Cause::BadFailWorkflowExecutionAttributes, Some(failure), name)?;
    let (retry_state, follow) = next_run::after_failure(turn, batch.run, failure, false);
    let attributes = WorkflowExecutionFailedEventAttributes {
        failure: Some(failure.clone()),
        retry_state: retry_state as i32,
        workflow_task_completed_event_id: batch.completed_event_id,
        new_execution_run_id: follow.as_ref().map(next_run::Follow::run_id).unwrap_or_default(),
    };
    let event = EventDraft::of_command(command, Attributes::WorkflowExecutionFailedEventAttributes(attributes));
    close::close(turn, batch.run, event);
    if let Some(follow) = follow {
        follow.create(turn, batch.run);
    }
    Ok(())
}
