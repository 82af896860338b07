//! ContinueAsNewWorkflowExecution: the run ends and another one takes over, with what the command gives it.

use proto::temporal::api::command::v1::{Command, ContinueAsNewWorkflowExecutionCommandAttributes};
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use proto::temporal::api::history::v1::{WorkflowExecutionContinuedAsNewEventAttributes, history_event::Attributes};
use scheduler::Cron;

use super::{Batch, CommandFailure, checks};
use crate::decide::{close, next_run};
use crate::retry;
use crate::turn::{EventDraft, Turn};

const BAD: Cause = Cause::BadContinueAsNewAttributes;

pub(super) fn run(
    turn: &mut Turn<'_>,
    batch: &mut Batch<'_>,
    command: &Command,
    of: &ContinueAsNewWorkflowExecutionCommandAttributes,
) -> Result<(), CommandFailure> {
    checks::nothing_unhandled(turn, batch)?;
    check(turn, batch, of)?;
    let policy = of.retry_policy.as_ref().map(retry::with_defaults);
    if let Some(policy) = &policy {
        retry::check(policy).map_err(|complaint| CommandFailure::new(BAD, complaint))?;
    }
    let Some(follow) = next_run::as_told(turn, batch.run, of, policy) else { return Ok(()) };
    let start = follow.start();
    #[expect(deprecated, reason = "workers send and read it")]
    let attributes = WorkflowExecutionContinuedAsNewEventAttributes {
        new_execution_run_id: follow.run_id(),
        workflow_type: start.workflow_type.clone(),
        task_queue: start.task_queue.clone(),
        input: of.input.clone(),
        workflow_run_timeout: start.workflow_run_timeout,
        workflow_task_timeout: start.workflow_task_timeout,
        workflow_task_completed_event_id: batch.completed_event_id,
        backoff_start_interval: start.first_workflow_task_backoff,
        initiator: start.initiator,
        failure: of.failure.clone(),
        last_completion_result: of.last_completion_result.clone(),
        header: of.header.clone(),
        memo: of.memo.clone(),
        search_attributes: of.search_attributes.clone(),
        ..WorkflowExecutionContinuedAsNewEventAttributes::default()
    };
    let event = EventDraft::of_command(command, Attributes::WorkflowExecutionContinuedAsNewEventAttributes(Box::new(attributes)));
    close::close(turn, batch.run, event);
    follow.create(turn, batch.run);
    Ok(())
}

fn check(turn: &Turn<'_>, batch: &Batch<'_>, of: &ContinueAsNewWorkflowExecutionCommandAttributes) -> Result<(), CommandFailure> {
    checks::id(turn, BAD, of.workflow_type.as_ref().map_or("", |kind| &kind.name), "WorkflowType")?;
    checks::id(turn, BAD, of.task_queue.as_ref().map_or("", |queue| &queue.name), "TaskQueue")?;
    checks::duration(BAD, of.workflow_run_timeout.as_ref(), "WorkflowRunTimeout")?;
    checks::duration(BAD, of.workflow_task_timeout.as_ref(), "WorkflowTaskTimeout")?;
    checks::duration(BAD, of.backoff_start_interval.as_ref(), "BackoffStartInterval")?;
    if !of.cron_schedule.is_empty()
        && let Err(error) = Cron::parse(&of.cron_schedule)
    {
        return Err(CommandFailure::new(BAD, error.api_message()));
    }
    checks::blob(turn, BAD, of.input.as_ref(), "ContinueAsNewWorkflowExecutionCommandAttributes.Input")?;
    checks::memo(turn, BAD, of.memo.as_ref(), "ContinueAsNewWorkflowExecutionCommandAttributes.Memo")?;
    checks::search_attributes(turn, batch, of.search_attributes.as_ref()).map_err(|why| {
        let kind = of.workflow_type.as_ref().map_or("", |kind| &kind.name);
        let queue = of.task_queue.as_ref().map_or("", |queue| &queue.name);
        let message = format!(
            "invalid SearchAttributes on ContinueAsNewWorkflowExecutionCommand: {why}. WorkflowType={kind} TaskQueue={queue}"
        );
        CommandFailure::new(Cause::BadSearchAttributes, message)
    })
}
