//! CompleteWorkflowExecution: the workflow's result. A cron workflow goes on at its next time.

use proto::temporal::api::command::v1::{Command, CompleteWorkflowExecutionCommandAttributes};
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use proto::temporal::api::history::v1::{WorkflowExecutionCompletedEventAttributes, history_event::Attributes};

use super::{Batch, CommandFailure, checks};
use crate::decide::{close, next_run};
use crate::turn::{EventDraft, Turn};

pub(super) fn run(
    turn: &mut Turn<'_>,
    batch: &mut Batch<'_>,
    command: &Command,
    of: &CompleteWorkflowExecutionCommandAttributes,
) -> Result<(), CommandFailure> {
    checks::nothing_unhandled(turn, batch)?;
    let name = "CompleteWorkflowExecutionCommandAttributes.Result";
    checks::blob(turn, Cause::BadCompleteWorkflowExecutionAttributes, of.result.as_ref(), name)?;
    let follow = next_run::after_completion(turn, batch.run, of.result.as_ref());
    let attributes = WorkflowExecutionCompletedEventAttributes {
        result: of.result.clone(),
        workflow_task_completed_event_id: batch.completed_event_id,
        new_execution_run_id: follow.as_ref().map(next_run::Follow::run_id).unwrap_or_default(),
    };
    let event = EventDraft::of_command(command, Attributes::WorkflowExecutionCompletedEventAttributes(attributes));
    close::close(turn, batch.run, event);
    if let Some(follow) = follow {
        follow.create(turn, batch.run);
    }
    Ok(())
}
