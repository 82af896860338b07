//! What several commands check, and how they say what is wrong.

use prost::Message;
use proto::temporal::api::common::v1::{Memo, SearchAttributes};
use proto::temporal::api::enums::v1::{CommandType, WorkflowTaskFailedCause as Cause};
use proto::temporal::api::history::v1::{HistoryEvent, history_event::Attributes as A};

use super::{Batch, CommandFailure, command_name};
use crate::turn::Turn;

/// The command's kind and its attributes do not fit together.
pub(super) fn without_attributes(kind: CommandType) -> CommandFailure {
    let name = command_name(kind);
    CommandFailure::new(bad_attributes(kind), format!("{name}CommandAttributes is not set on {name}Command."))
}

/// The server cannot do it yet.
pub(super) fn not_built(kind: CommandType) -> CommandFailure {
    let message = format!("{} is not supported by this server", command_name(kind));
    CommandFailure::new(Cause::FeatureDisabled, message)
}

fn bad_attributes(kind: CommandType) -> Cause {
    use CommandType as T;
    match kind {
        T::ScheduleActivityTask => Cause::BadScheduleActivityAttributes,
        T::RequestCancelActivityTask => Cause::BadRequestCancelActivityAttributes,
        T::StartTimer => Cause::BadStartTimerAttributes,
        T::CancelTimer => Cause::BadCancelTimerAttributes,
        T::RecordMarker => Cause::BadRecordMarkerAttributes,
        T::CompleteWorkflowExecution => Cause::BadCompleteWorkflowExecutionAttributes,
        T::FailWorkflowExecution => Cause::BadFailWorkflowExecutionAttributes,
        T::CancelWorkflowExecution => Cause::BadCancelWorkflowExecutionAttributes,
        T::ContinueAsNewWorkflowExecution => Cause::BadContinueAsNewAttributes,
        T::StartChildWorkflowExecution => Cause::BadStartChildExecutionAttributes,
        T::SignalExternalWorkflowExecution => Cause::BadSignalWorkflowExecutionAttributes,
        T::RequestCancelExternalWorkflowExecution => Cause::BadRequestCancelExternalWorkflowExecutionAttributes,
        T::UpsertWorkflowSearchAttributes => Cause::BadSearchAttributes,
        T::ModifyWorkflowProperties => Cause::BadModifyWorkflowPropertiesAttributes,
        _ => Cause::FeatureDisabled,
    }
}

/// A command that ends the workflow must not overlook what has arrived meanwhile.
pub(super) fn nothing_unhandled(turn: &Turn<'_>, batch: &Batch<'_>) -> Result<(), CommandFailure> {
    // The end of an activity that a command of the same batch has cancelled is no news to the worker.
    let own = |event: &HistoryEvent| {
        matches!(&event.attributes, Some(A::ActivityTaskCanceledEventAttributes(of))
            if of.latest_cancel_requested_event_id > batch.completed_event_id)
    };
    let buffered = turn.chain.run(batch.run).map(|state| state.state().buffered_events.as_slice()).unwrap_or_default();
    if !buffered.iter().all(own) { Err(CommandFailure::new(Cause::UnhandledCommand, "")) } else { Ok(()) }
}

/// A payload that is too large cannot be tried again: the workflow ends.
pub(super) fn blob(turn: &Turn<'_>, cause: Cause, what: Option<&impl Message>, name: &str) -> Result<(), CommandFailure> {
    if what.is_some_and(|what| what.encoded_len() > turn.env.limits.blob_error_bytes) {
        return Err(CommandFailure::terminating(cause, format!("{name} exceeds size limit.")));
    }
    Ok(())
}

/// A memo that is too large ends the workflow too.
pub(super) fn memo(turn: &Turn<'_>, cause: Cause, memo: Option<&Memo>, name: &str) -> Result<(), CommandFailure> {
    if memo.is_some_and(|memo| memo.encoded_len() > turn.env.limits.memo_error_bytes) {
        return Err(CommandFailure::terminating(cause, format!("{name} exceeds size limit.")));
    }
    Ok(())
}

/// A duration as SDKs may send it: unset, zero or positive.
pub(super) fn duration(cause: Cause, of: Option<&prost_types::Duration>, name: &str) -> Result<(), CommandFailure> {
    let Some(of) = of else { return Ok(()) };
    let complaint = match (of.seconds.signum(), of.nanos.signum()) {
        (1, -1) | (-1, 1) => "duration has seconds and nanos with different signs",
        (-1, _) | (_, -1) => "negative duration",
        _ => return Ok(()),
    };
    Err(CommandFailure::new(cause, format!("invalid {name}: {complaint}")))
}

/// An id or a name within its limit.
pub(super) fn id(turn: &Turn<'_>, cause: Cause, of: &str, name: &str) -> Result<(), CommandFailure> {
    let limit = turn.env.limits.id_bytes;
    if of.len() > limit {
        return Err(CommandFailure::new(cause, format!("{name} exceeds length limit. Length={} Limit={limit}", of.len())));
    }
    Ok(())
}

/// What is wrong with search attributes that a command sets: their names and types (which only the caller of the engine
/// knows), their number, their sizes.
pub(super) fn search_attributes(turn: &Turn<'_>, batch: &Batch<'_>, of: Option<&SearchAttributes>) -> Result<(), String> {
    if let Some(why) = batch.bad_search_attributes {
        return Err(why.to_owned());
    }
    let Some(of) = of else { return Ok(()) };
    let (count, limit) = (of.indexed_fields.len(), turn.env.limits.search_attribute_keys);
    if count > limit {
        return Err(format!("number of search attributes {count} exceeds limit {limit}"));
    }
    search_attribute_sizes(turn, of)
}

/// Sizes of search attributes: of what a command sets, or of what a run has then.
pub(super) fn search_attribute_sizes(turn: &Turn<'_>, of: &SearchAttributes) -> Result<(), String> {
    let limit = turn.env.limits.search_attribute_value_bytes;
    for (name, payload) in &of.indexed_fields {
        let size = payload.data.len();
        if size > limit {
            return Err(format!("search attribute {name} value size {size} exceeds size limit {limit}"));
        }
    }
    let (total, limit) = (of.encoded_len(), turn.env.limits.search_attribute_total_bytes);
    if total > limit {
        return Err(format!("total size of search attributes {total} exceeds size limit {limit}"));
    }
    Ok(())
}
