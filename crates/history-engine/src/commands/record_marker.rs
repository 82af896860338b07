//! RecordMarker: a note of the worker's to itself (side effects, versions, local activities).

use proto::temporal::api::command::v1::{Command, RecordMarkerCommandAttributes};
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use proto::temporal::api::history::v1::{MarkerRecordedEventAttributes, history_event::Attributes};

use super::{Batch, CommandFailure, checks};
use crate::turn::Turn;

pub(super) fn run(
    turn: &mut Turn<'_>,
    batch: &mut Batch<'_>,
    command: &Command,
    of: &RecordMarkerCommandAttributes,
) -> Result<(), CommandFailure> {
    if of.marker_name.is_empty() {
        let message = "MarkerName is not set on RecordMarkerCommand.";
        return Err(CommandFailure::new(Cause::BadRecordMarkerAttributes, message));
    }
    let limit = turn.env.limits.id_bytes;
    if of.marker_name.len() > limit {
        let (name, length) = (&of.marker_name, of.marker_name.len());
        let message =
            format!("MarkerName on RecordMarkerCommand exceeds length limit. MarkerName={name} Length={length} Limit={limit}");
        return Err(CommandFailure::new(Cause::BadRecordMarkerAttributes, message));
    }
    checks::blobs(turn, Cause::BadRecordMarkerAttributes, &of.details, "RecordMarkerCommandAttributes.Details")?;
    let attributes = MarkerRecordedEventAttributes {
        marker_name: of.marker_name.clone(),
        details: of.details.clone(),
        workflow_task_completed_event_id: batch.completed_event_id,
        header: of.header.clone(),
        failure: of.failure.clone(),
    };
    turn.command_event(batch.run, command, Attributes::MarkerRecordedEventAttributes(attributes));
    Ok(())
}
