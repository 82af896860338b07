//! RequestCancelActivityTask: a running activity hears of it with its next heartbeat, one that has not started ends at once.

use bytes::Bytes;
use proto::temporal::api::command::v1::{Command, RequestCancelActivityTaskCommandAttributes};
use proto::temporal::api::common::v1::{Payload, Payloads};
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use proto::temporal::api::history::v1::{
    ActivityTaskCancelRequestedEventAttributes, ActivityTaskCanceledEventAttributes, history_event::Attributes,
};

use super::{Batch, CommandFailure, duplicate};
use crate::state::Run;
use crate::turn::Turn;

pub(super) fn run(
    turn: &mut Turn<'_>,
    batch: &mut Batch<'_>,
    command: &Command,
    of: &RequestCancelActivityTaskCommandAttributes,
) -> Result<(), CommandFailure> {
    let scheduled_event_id = of.scheduled_event_id;
    if scheduled_event_id <= 0 {
        let why = "ScheduledEventId is not set on RequestCancelActivityTaskCommand.";
        return Err(CommandFailure::new(Cause::BadRequestCancelActivityAttributes, why));
    }
    let Some(owner) = turn.chain.run(batch.run) else { return Ok(()) };
    let activity = owner.activity(scheduled_event_id);
    let known = match activity {
        Some(activity) => !activity.cancel_requested,
        None => owner.has_buffered_end_of(scheduled_event_id),
    };
    if !known {
        let detail = format!("ScheduledEventID: {scheduled_event_id}");
        let action = "add-activitytask-cancel-requested-event";
        return Err(duplicate(Cause::BadRequestCancelActivityAttributes, action, &detail));
    }
    let ends_now = activity.is_some_and(|activity| activity.started.is_none());
    let requested = ActivityTaskCancelRequestedEventAttributes {
        scheduled_event_id,
        workflow_task_completed_event_id: batch.completed_event_id,
    };
    let attributes = Attributes::ActivityTaskCancelRequestedEventAttributes(requested);
    let requested_event_id = turn.command_event(batch.run, command, attributes);
    if ends_now {
        let canceled = ActivityTaskCanceledEventAttributes {
            details: Some(not_started()),
            latest_cancel_requested_event_id: requested_event_id,
            scheduled_event_id,
            started_event_id: 0,
            identity: batch.request.identity.clone(),
            ..ActivityTaskCanceledEventAttributes::default()
        };
        // It follows the events of all commands and asks for a new workflow task, or is dropped where one of them closes the
        // workflow.
        turn.buffer(batch.run, Attributes::ActivityTaskCanceledEventAttributes(canceled));
    }
    Ok(())
}

/// What the workflow reads of an activity that was cancelled before it started: a JSON string.
fn not_started() -> Payloads {
    let metadata = [("encoding".to_owned(), Bytes::from_static(b"json/plain"))].into();
    let data = Bytes::from_static(b"\"ACTIVITY_ID_NOT_STARTED\"");
    Payloads { payloads: vec![Payload { metadata, data, ..Payload::default() }] }
}

impl Run {
    /// Whether the end of this activity waits in the buffer.
    fn has_buffered_end_of(&self, scheduled: i64) -> bool {
        use Attributes as A;
        self.state().buffered_events.iter().any(|event| match &event.attributes {
            Some(A::ActivityTaskCompletedEventAttributes(of)) => of.scheduled_event_id == scheduled,
            Some(A::ActivityTaskFailedEventAttributes(of)) => of.scheduled_event_id == scheduled,
            Some(A::ActivityTaskTimedOutEventAttributes(of)) => of.scheduled_event_id == scheduled,
            Some(A::ActivityTaskCanceledEventAttributes(of)) => of.scheduled_event_id == scheduled,
            _ => false,
        })
    }
}
