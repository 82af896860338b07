//! StartTimer.

use proto::temporal::api::command::v1::{Command, StartTimerCommandAttributes};
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use proto::temporal::api::history::v1::{TimerStartedEventAttributes, history_event::Attributes};

use super::{Batch, CommandFailure, duplicate};
use crate::time::checked_duration;
use crate::turn::Turn;

pub(super) fn run(
    turn: &mut Turn<'_>,
    batch: &mut Batch<'_>,
    command: &Command,
    of: &StartTimerCommandAttributes,
) -> Result<(), CommandFailure> {
    let bad = |why: String| CommandFailure::new(Cause::BadStartTimerAttributes, why);
    check_id(&of.timer_id, "StartTimerCommand", turn.env.limits.id_bytes).map_err(bad)?;
    let start_to_fire_timeout = checked_duration(of.start_to_fire_timeout.as_ref()).map_err(|why| {
        bad(format!("An invalid StartToFireTimeout is set on StartTimerCommand: {why}. TimerId={}", of.timer_id))
    })?;
    if turn.chain.run(batch.run).is_some_and(|run| run.timers().contains_key(&of.timer_id)) {
        let detail = format!("TimerID: {}", of.timer_id);
        return Err(duplicate(Cause::StartTimerDuplicateId, "add-timer-started-event", &detail));
    }
    let started = TimerStartedEventAttributes {
        timer_id: of.timer_id.clone(),
        start_to_fire_timeout,
        workflow_task_completed_event_id: batch.completed_event_id,
    };
    turn.command_event(batch.run, command, Attributes::TimerStartedEventAttributes(started));
    Ok(())
}

/// Why a timer's id cannot be used.
pub(super) fn check_id(id: &str, command: &str, limit: usize) -> Result<(), String> {
    if id.is_empty() {
        return Err(format!("TimerId is not set on {command}."));
    }
    if id.len() > limit {
        let length = id.len();
        return Err(format!("TimerId on {command} exceeds length limit. TimerId={id} Length={length} Limit={limit}"));
    }
    Ok(())
}
