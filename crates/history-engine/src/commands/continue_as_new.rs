//! ContinueAsNewWorkflowExecution: the run ends and another one takes over, with what the command gives it.

use proto::temporal::api::command::v1::{Command, ContinueAsNewWorkflowExecutionCommandAttributes};
use proto::temporal::api::common::v1::RetryPolicy;
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use proto::temporal::api::history::v1::{WorkflowExecutionContinuedAsNewEventAttributes, history_event::Attributes};
use scheduler::{Cron, CronError};

use super::{Batch, CommandFailure, checks, task_queue};
use crate::decide::{close, next_run};
use crate::retry;
use crate::time::checked_duration;
use crate::turn::{EventDraft, Turn};

const BAD: Cause = Cause::BadContinueAsNewAttributes;

pub(super) fn run(
    turn: &mut Turn<'_>,
    batch: &mut Batch<'_>,
    command: &Command,
    of: &ContinueAsNewWorkflowExecutionCommandAttributes,
) -> Result<(), CommandFailure> {
    checks::nothing_unhandled(turn, batch)?;
    let policy = check(turn, batch, of)?;
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

/// How texts call it.
const COMMAND: &str = "ContinueAsNewWorkflowExecutionCommand";

/// What the command must have, in the order in which it is checked: names, times, policy, search attributes, then sizes.
fn check(
    turn: &Turn<'_>,
    batch: &Batch<'_>,
    of: &ContinueAsNewWorkflowExecutionCommandAttributes,
) -> Result<Option<RetryPolicy>, CommandFailure> {
    let Some(owner) = turn.chain.run(batch.run) else { return Ok(None) };
    let bad = |why: String| CommandFailure::new(BAD, why);
    let limit = turn.env.limits.id_bytes;
    let own = owner.start_attributes().workflow_type.as_ref().map_or("", |kind| &kind.name);
    let kind = of.workflow_type.as_ref().map(|kind| kind.name.as_str()).filter(|name| !name.is_empty()).unwrap_or(own);
    if kind.len() > limit {
        let length = kind.len();
        let why = format!("WorkflowType on {COMMAND} exceeds length limit. WorkflowType={kind} Length={length} Limit={limit}");
        return Err(bad(why));
    }
    checks::storable(kind, "WorkflowType", COMMAND).map_err(bad)?;
    let own = owner.normal_task_queue().name;
    let named = of.task_queue.as_ref().map(|queue| queue.name.as_str()).filter(|name| !name.is_empty()).unwrap_or(&own);
    let about = format!("WorkflowType={kind} TaskQueue={named}");
    task_queue::normalized(of.task_queue.as_ref(), &own, limit)
        .map_err(|why| bad(format!("error validating {COMMAND} TaskQueue: {why}. {about}")))?;
    for (name, duration) in [
        ("WorkflowRunTimeout", &of.workflow_run_timeout),
        ("WorkflowTaskTimeout", &of.workflow_task_timeout),
        ("BackoffStartInterval", &of.backoff_start_interval),
    ] {
        checked_duration(duration.as_ref()).map_err(|why| bad(format!("Invalid {name} on {COMMAND}: {why}. {about}")))?;
    }
    let policy = of.retry_policy.as_ref().map(retry::with_defaults);
    if let Some(policy) = &policy {
        retry::check(policy).map_err(|why| bad(format!("invalid WorkflowRetryPolicy on {COMMAND}: {why}. {about}")))?;
    }
    if !of.cron_schedule.is_empty() {
        let wrong = |error: CronError| bad(format!("invalid CronSchedule on {COMMAND}: {}. {about}", error.api_message()));
        Cron::validate(&of.cron_schedule, turn.env.now).map_err(wrong)?;
    }
    checks::search_attributes(turn, batch, of.search_attributes.as_ref()).map_err(|why| {
        CommandFailure::new(Cause::BadSearchAttributes, format!("invalid SearchAttributes on {COMMAND}: {why}. {about}"))
    })?;
    checks::blob(turn, BAD, of.input.as_ref(), "ContinueAsNewWorkflowExecutionCommandAttributes. Input")?;
    checks::memo(turn, BAD, of.memo.as_ref(), "ContinueAsNewWorkflowExecutionCommandAttributes. Memo")?;
    checks::search_attribute_sizes(turn, BAD, of.search_attributes.as_ref())?;
    Ok(policy)
}
