//! Messages of the API as JSON, the way protobuf defines it: camel-case names, enum names, 64-bit numbers as strings.
//!
//! In shorthand, payloads that hold JSON appear as that JSON, as Temporal's command line does; histories that an SDK shall
//! replay are printed as sent. Fields come in the order of their numbers, streamed rather than collected.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::{Message, Name};
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MapKey, ReflectMessage as _, Value};
use serde::ser::{Error as _, SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};

use super::{names, payload};

/// How payloads look in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PayloadForm {
    /// Their content, where it is JSON.
    Shorthand,
    /// Metadata and data in base64.
    AsSent,
    /// The same, and enums by their short names: `Running`, as tctl printed them.
    Tctl,
}

/// Why a message is not printed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JsonError {
    /// The build left a type out of the descriptors.
    #[error("the type {0} is unknown to this build")]
    UnknownType(String),
    /// The bytes are not of that type.
    #[error("the message does not decode")]
    Undecodable(#[from] prost::DecodeError),
}

/// A message ready to be serialized.
#[derive(Debug)]
pub(crate) struct Json {
    message: DynamicMessage,
    payloads: PayloadForm,
}

impl Json {
    /// Every field by its path, in the order of the API: messages are opened up, lists and payloads stay whole.
    pub(crate) fn flat(&self) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        flatten("", &self.message, self.payloads, &mut fields);
        fields
    }
}

fn flatten(prefix: &str, message: &DynamicMessage, payloads: PayloadForm, fields: &mut Vec<(String, String)>) {
    for (field, value) in message.fields() {
        let path = format!("{prefix}{}", field.json_name());
        match value {
            Value::Message(inner) if opens(inner, payloads) => flatten(&format!("{path}."), inner, payloads, fields),
            Value::String(text) => fields.push((path, text.clone())),
            value => {
                let leaf = Field { value, kind: field.kind(), payloads };
                match serde_json::to_value(leaf) {
                    // Times, spans and names of enums need no quotes.
                    Ok(serde_json::Value::String(text)) => fields.push((path, text)),
                    Ok(value) => fields.push((path, value.to_string())),
                    Err(_) => {}
                }
            }
        }
    }
}

/// Whether a message is shown field by field.
fn opens(message: &DynamicMessage, payloads: PayloadForm) -> bool {
    let descriptor = message.descriptor();
    let name = descriptor.full_name();
    let whole = payloads == PayloadForm::Shorthand && shorthand(name, message).is_some();
    !whole && !name.starts_with("google.protobuf.") && message.fields().next().is_some()
}

/// The message as JSON.
pub(crate) fn of<M: Message + Name>(message: &M, payloads: PayloadForm) -> Result<Json, JsonError> {
    decode(&M::full_name(), &message.encode_to_vec(), payloads)
}

/// A message of which only the name and the bytes are known, on one line; `None` for strange types or broken bytes.
pub(crate) fn named(full_name: &str, bytes: &[u8]) -> Option<String> {
    serde_json::to_string(&decode(full_name, bytes, PayloadForm::Shorthand).ok()?).ok()
}

/// Bytes said to be of this type.
pub(crate) fn decode(full_name: &str, bytes: &[u8], payloads: PayloadForm) -> Result<Json, JsonError> {
    Ok(Json { message: dynamic(full_name, bytes)?, payloads })
}

/// The same, to be looked through field by field.
pub(crate) fn dynamic(full_name: &str, bytes: &[u8]) -> Result<DynamicMessage, JsonError> {
    let descriptor = pool().get_message_by_name(full_name).ok_or_else(|| JsonError::UnknownType(full_name.to_owned()))?;
    Ok(DynamicMessage::decode(descriptor, bytes)?)
}

fn pool() -> &'static DescriptorPool {
    static POOL: OnceLock<DescriptorPool> = OnceLock::new();
    POOL.get_or_init(|| DescriptorPool::decode(proto::DESCRIPTORS).expect("the build writes descriptors that decode"))
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        View { message: &self.message, payloads: self.payloads }.serialize(serializer)
    }
}

/// A message inside a [`Json`].
struct View<'a> {
    message: &'a DynamicMessage,
    payloads: PayloadForm,
}

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let descriptor = self.message.descriptor();
        let name = descriptor.full_name();
        if name.starts_with("google.protobuf.") {
            return self.message.serialize(serializer);
        }
        if self.payloads == PayloadForm::Shorthand
            && let Some(short) = shorthand(name, self.message)
        {
            return short.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        for (field, value) in self.message.fields() {
            map.serialize_entry(field.json_name(), &Field { value, kind: field.kind(), payloads: self.payloads })?;
        }
        map.end()
    }
}

/// The content of a payload, or of all payloads in a list if each has a short form.
fn shorthand(name: &str, message: &DynamicMessage) -> Option<serde_json::Value> {
    match name {
        "temporal.api.common.v1.Payload" => payload::shorthand(&message.transcode_to().ok()?),
        "temporal.api.common.v1.Payloads" => {
            let payloads: proto::temporal::api::common::v1::Payloads = message.transcode_to().ok()?;
            payloads.payloads.iter().map(payload::shorthand).collect::<Option<Vec<_>>>().map(serde_json::Value::Array)
        }
        _ => None,
    }
}

/// A value inside a message; its kind names its enum's values.
struct Field<'a> {
    value: &'a Value,
    kind: Kind,
    payloads: PayloadForm,
}

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::I32(value) => serializer.serialize_i32(*value),
            Value::U32(value) => serializer.serialize_u32(*value),
            Value::I64(value) => serializer.collect_str(value),
            Value::U64(value) => serializer.collect_str(value),
            Value::F32(value) => float(f64::from(*value), value, serializer),
            Value::F64(value) => float(*value, value, serializer),
            Value::String(value) => serializer.serialize_str(value),
            Value::Bytes(value) => serializer.serialize_str(&STANDARD.encode(value)),
            Value::EnumNumber(number) => match self.kind.as_enum().and_then(|kind| kind.get_value(*number)) {
                Some(value) if self.payloads == PayloadForm::Tctl => {
                    serializer.serialize_str(&names::short(value.parent_enum().name(), value.name()))
                }
                Some(value) => serializer.serialize_str(value.name()),
                None => serializer.serialize_i32(*number),
            },
            Value::Message(message) => View { message, payloads: self.payloads }.serialize(serializer),
            Value::List(values) => {
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    list.serialize_element(&Field { value, kind: self.kind.clone(), payloads: self.payloads })?;
                }
                list.end()
            }
            Value::Map(entries) => self.map(entries, serializer),
        }
    }
}

impl Field<'_> {
    fn map<S: Serializer>(&self, entries: &std::collections::HashMap<MapKey, Value>, serializer: S) -> Result<S::Ok, S::Error> {
        let entry = self.kind.as_message().ok_or_else(|| S::Error::custom("a map field has no entry type"))?;
        let kind = entry.map_entry_value_field().kind();
        let mut sorted: Vec<_> = entries.iter().map(|(key, value)| (key_text(key), value)).collect();
        sorted.sort_by(|left, right| left.0.cmp(&right.0));
        let mut map = serializer.serialize_map(Some(sorted.len()))?;
        for (key, value) in sorted {
            map.serialize_entry(&key, &Field { value, kind: kind.clone(), payloads: self.payloads })?;
        }
        map.end()
    }
}

/// The key of an entry of a map.
pub(crate) fn key_text(key: &MapKey) -> String {
    match key {
        MapKey::Bool(key) => key.to_string(),
        MapKey::I32(key) => key.to_string(),
        MapKey::I64(key) => key.to_string(),
        MapKey::U32(key) => key.to_string(),
        MapKey::U64(key) => key.to_string(),
        MapKey::String(key) => key.clone(),
    }
}

/// JSON has no number for what is not finite; protobuf says which strings stand for them.
fn float<S: Serializer>(wide: f64, value: &impl Serialize, serializer: S) -> Result<S::Ok, S::Error> {
    if wide.is_finite() {
        value.serialize(serializer)
    } else if wide.is_nan() {
        serializer.serialize_str("NaN")
    } else {
        serializer.serialize_str(if wide > 0.0 { "Infinity" } else { "-Infinity" })
    }
}

#[cfg(test)]
mod tests {
    use proto::temporal::api::common::v1::{Memo, Payloads, SearchAttributes, WorkflowExecution, WorkflowType};
    use proto::temporal::api::enums::v1::{EventType, WorkflowExecutionStatus};
    use proto::temporal::api::history::v1::history_event::Attributes;
    use proto::temporal::api::history::v1::{HistoryEvent, WorkflowExecutionStartedEventAttributes};
    use proto::temporal::api::workflow::v1::WorkflowExecutionInfo;
    use serde_json::json;

    use super::*;
    use crate::args::payload::json_payload;

    fn text<M: Message + Name>(message: &M, payloads: PayloadForm) -> String {
        serde_json::to_string(&of(message, payloads).unwrap()).unwrap()
    }

    fn started() -> HistoryEvent {
        let attributes = WorkflowExecutionStartedEventAttributes {
            workflow_type: Some(WorkflowType { name: "Order".to_owned() }),
            input: Some(Payloads { payloads: vec![json_payload(&json!({"id": 7}))] }),
            workflow_task_timeout: Some(prost_types::Duration { seconds: 10, nanos: 0 }),
            attempt: 1,
            ..WorkflowExecutionStartedEventAttributes::default()
        };
        HistoryEvent {
            event_id: 1,
            event_time: Some(prost_types::Timestamp { seconds: 1_767_225_600, nanos: 123_000_000 }),
            event_type: EventType::WorkflowExecutionStarted.into(),
            attributes: Some(Attributes::WorkflowExecutionStartedEventAttributes(Box::new(attributes))),
            ..HistoryEvent::default()
        }
    }

    #[test]
    fn an_event_is_the_json_that_replayers_read() {
        assert_eq!(
            text(&started(), PayloadForm::AsSent),
            "{\"eventId\":\"1\",\"eventTime\":\"2026-01-01T00:00:00.123Z\",\
             \"eventType\":\"EVENT_TYPE_WORKFLOW_EXECUTION_STARTED\",\"workflowExecutionStartedEventAttributes\":\
             {\"workflowType\":{\"name\":\"Order\"},\"input\":{\"payloads\":[{\"metadata\":{\"encoding\":\
             \"anNvbi9wbGFpbg==\"},\"data\":\"eyJpZCI6N30=\"}]},\"workflowTaskTimeout\":\"10s\",\"attempt\":1}}"
        );
    }

    #[test]
    fn shorthand_shows_what_payloads_hold() {
        assert!(text(&started(), PayloadForm::Shorthand).contains("\"input\":[{\"id\":7}]"));
        let info = WorkflowExecutionInfo {
            execution: Some(WorkflowExecution { workflow_id: "w".to_owned(), run_id: String::new() }),
            status: WorkflowExecutionStatus::Running.into(),
            memo: Some(Memo {
                fields: [("b".to_owned(), json_payload(&json!(2))), ("a".to_owned(), json_payload(&json!(1)))].into(),
            }),
            search_attributes: Some(SearchAttributes { indexed_fields: [("K".to_owned(), json_payload(&json!("v")))].into() }),
            ..WorkflowExecutionInfo::default()
        };
        assert_eq!(
            text(&info, PayloadForm::Shorthand),
            "{\"execution\":{\"workflowId\":\"w\"},\"status\":\"WORKFLOW_EXECUTION_STATUS_RUNNING\",\
             \"memo\":{\"fields\":{\"a\":1,\"b\":2}},\"searchAttributes\":{\"indexedFields\":{\"K\":\"v\"}}}"
        );
    }

    #[test]
    fn payloads_without_a_short_form_are_printed_as_sent() {
        let mut odd = json_payload(&json!(1));
        odd.metadata.insert("encoding".to_owned(), "binary/encrypted".into());
        let payloads = Payloads { payloads: vec![json_payload(&json!(1)), odd] };
        assert!(text(&payloads, PayloadForm::Shorthand).starts_with("{\"payloads\":["));
    }

    #[test]
    fn unknown_enum_numbers_stay_numbers() {
        let event = HistoryEvent { event_type: 9_999, ..HistoryEvent::default() };
        assert_eq!(text(&event, PayloadForm::AsSent), "{\"eventType\":9999}");
    }

    #[test]
    fn strange_types_and_broken_bytes_are_not_printed() {
        assert_eq!(named("no.such.Type", b""), None);
        assert_eq!(named("temporal.api.history.v1.HistoryEvent", b"\xff\xff"), None);
    }
}
