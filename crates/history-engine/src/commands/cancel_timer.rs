//! CancelTimer. A timer that has fired while the worker was busy, so that it could not know, is cancelled all the same.

use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::command::v1::{CancelTimerCommandAttributes, Command};
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use proto::temporal::api::history::v1::{TimerCanceledEventAttributes, history_event::Attributes};

use super::start_timer::check_id;
use super::{Batch, CommandFailure, duplicate};
use crate::turn::Turn;

pub(super) fn run(
    turn: &mut Turn<'_>,
    batch: &mut Batch<'_>,
    command: &Command,
    of: &CancelTimerCommandAttributes,
) -> Result<(), CommandFailure> {
    check_id(&of.timer_id, "CancelTimerCommand", turn.env.limits.id_bytes)
        .map_err(|why| CommandFailure::new(Cause::BadCancelTimerAttributes, why))?;
    let Some(owner) = turn.chain.run(batch.run) else { return Ok(()) };
    let running = owner.timers().get(&of.timer_id).map(|timer| timer.started_event_id);
    let fired = owner.buffered_firing(&of.timer_id);
    let Some(started_event_id) = running.or(fired) else {
        let detail = format!("TimerID: {}", of.timer_id);
        return Err(duplicate(Cause::BadCancelTimerAttributes, "add-timer-canceled-event", &detail));
    };
    if running.is_none() {
        let removed = stored::BufferedEventRemoved { timer_id: of.timer_id.clone() };
        turn.mark(batch.run, stored::mark::Kind::BufferedEventRemoved(removed));
    }
    let canceled = TimerCanceledEventAttributes {
        timer_id: of.timer_id.clone(),
        started_event_id,
        workflow_task_completed_event_id: batch.completed_event_id,
        identity: batch.request.identity.clone(),
    };
    turn.command_event(batch.run, command, Attributes::TimerCanceledEventAttributes(canceled));
    Ok(())
}
