//! What several commands check, and how they say what is wrong.

use prost::Message;
use proto::temporal::api::command::v1::command::Attributes as C;
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

/// The kind of command that has such attributes.
pub(super) const fn kind_of(attributes: &C) -> CommandType {
    use CommandType as T;
    match attributes {
        C::ScheduleActivityTaskCommandAttributes(_) => T::ScheduleActivityTask,
        C::StartTimerCommandAttributes(_) => T::StartTimer,
        C::CompleteWorkflowExecutionCommandAttributes(_) => T::CompleteWorkflowExecution,
        C::FailWorkflowExecutionCommandAttributes(_) => T::FailWorkflowExecution,
        C::RequestCancelActivityTaskCommandAttributes(_) => T::RequestCancelActivityTask,
        C::CancelTimerCommandAttributes(_) => T::CancelTimer,
        C::CancelWorkflowExecutionCommandAttributes(_) => T::CancelWorkflowExecution,
        C::RequestCancelExternalWorkflowExecutionCommandAttributes(_) => T::RequestCancelExternalWorkflowExecution,
        C::RecordMarkerCommandAttributes(_) => T::RecordMarker,
        C::ContinueAsNewWorkflowExecutionCommandAttributes(_) => T::ContinueAsNewWorkflowExecution,
        C::StartChildWorkflowExecutionCommandAttributes(_) => T::StartChildWorkflowExecution,
        C::SignalExternalWorkflowExecutionCommandAttributes(_) => T::SignalExternalWorkflowExecution,
        C::UpsertWorkflowSearchAttributesCommandAttributes(_) => T::UpsertWorkflowSearchAttributes,
        C::ProtocolMessageCommandAttributes(_) => T::ProtocolMessage,
        C::ModifyWorkflowPropertiesCommandAttributes(_) => T::ModifyWorkflowProperties,
        C::ScheduleNexusOperationCommandAttributes(_) => T::ScheduleNexusOperation,
        C::RequestCancelNexusOperationCommandAttributes(_) => T::RequestCancelNexusOperation,
    }
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

/// A text that becomes a name of something stored: a NUL byte has no place in one.
pub(super) fn storable(text: &str, what: &str, command: &str) -> Result<(), String> {
    if text.contains('\0') {
        return Err(format!("{what} on {command} contains a NUL byte, which cannot be stored; leave it out."));
    }
    Ok(())
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

/// The same for names and their values together.
pub(super) fn blobs<'a, M: Message + 'a>(
    turn: &Turn<'_>,
    cause: Cause,
    fields: impl IntoIterator<Item = (&'a String, &'a M)>,
    name: &str,
) -> Result<(), CommandFailure> {
    let bytes: usize = fields.into_iter().map(|(name, of)| name.len().saturating_add(of.encoded_len())).sum();
    if bytes > turn.env.limits.blob_error_bytes {
        return Err(CommandFailure::terminating(cause, format!("{name} exceeds size limit.")));
    }
    Ok(())
}

/// What is wrong with search attributes that a command sets: their names and types (which only the caller of the engine
/// knows), and their number.
pub(super) fn search_attributes(turn: &Turn<'_>, batch: &Batch<'_>, of: Option<&SearchAttributes>) -> Result<(), String> {
    if let Some(why) = batch.bad_search_attributes {
        return Err(why.to_owned());
    }
    let (count, limit) = (of.map_or(0, |of| of.indexed_fields.len()), turn.env.limits.search_attribute_keys);
    if count > limit {
        return Err(format!("number of search attributes {count} exceeds limit {limit}"));
    }
    Ok(())
}

/// Sizes of search attributes: of what a command sets, or of what a run has then. Too large ones end the workflow.
pub(super) fn search_attribute_sizes(turn: &Turn<'_>, cause: Cause, of: Option<&SearchAttributes>) -> Result<(), CommandFailure> {
    let Some(of) = of else { return Ok(()) };
    let limit = turn.env.limits.search_attribute_value_bytes;
    for (name, payload) in &of.indexed_fields {
        let size = payload.data.len();
        if size > limit {
            let why = format!("search attribute {name} value size {size} exceeds size limit {limit}");
            return Err(CommandFailure::terminating(cause, why));
        }
    }
    let (total, limit) = (of.encoded_len(), turn.env.limits.search_attribute_total_bytes);
    if total > limit {
        let why = format!("total size of search attributes {total} exceeds size limit {limit}");
        return Err(CommandFailure::terminating(cause, why));
    }
    Ok(())
}
