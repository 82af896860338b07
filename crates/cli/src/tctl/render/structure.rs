//! A message on one line, as Go prints a structure: `{EventId:1, EventType:TimerFired, Attributes:{...}}`.
//!
//! Names are Go's, fields come in the order of the API's text; numbers, switches and enums are printed even when they are
//! zero, empty texts and messages are left out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::{Message, Name};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, ReflectMessage as _, Value};
use proto::temporal::api::common::v1::{Payload, Payloads};

use super::go;
use crate::render::json::key_text;
use crate::render::{json, names, payload};

/// Longer words are broken, so that tables can wrap them.
const LONGEST_WORD: usize = 120;

/// How much is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// Everything.
    Full,
    /// Everything, but no field longer than this.
    Limited(usize),
    /// For a cell of a table: no field longer than this, of lists the first item only, long words broken.
    Cell(usize),
}

/// The message; nothing for an empty one.
pub(crate) fn line<M: Message + Name>(message: &M, length: Length) -> String {
    json::dynamic(&M::full_name(), &message.encode_to_vec()).map(|message| structure(&message, length)).unwrap_or_default()
}

/// Payloads in brackets.
pub(crate) fn payloads(payloads: Option<&Payloads>) -> String {
    let Some(payloads) = payloads else { return String::new() };
    format!("[{}]", payloads.payloads.iter().map(of_payload).collect::<Vec<_>>().join(", "))
}

/// What a payload holds.
fn of_payload(payload: &Payload) -> String {
    match payload.metadata.get("encoding").map(|encoding| &encoding[..]) {
        Some(b"binary/null") => "nil".to_owned(),
        _ => payload::text(payload),
    }
}

/// The message that belongs to an event's type, which is all of an event that differs.
pub(crate) fn attributes(event: &DynamicMessage, length: Length) -> String {
    let attributes = event.fields().find(|(field, _)| field.containing_oneof().is_some());
    match attributes {
        Some((_, Value::Message(attributes))) => structure(attributes, length),
        _ => structure(event, length),
    }
}

fn structure(message: &DynamicMessage, length: Length) -> String {
    let descriptor = message.descriptor();
    if let Some(text) = special(descriptor.full_name(), message) {
        return text;
    }
    let mut parts = Vec::new();
    for declared in &descriptor.descriptor_proto().field {
        let Some(field) = declared.number.and_then(|number| descriptor.get_field(number.unsigned_abs())) else { continue };
        let (name, text) = match field.containing_oneof() {
            Some(choice) if !choice.is_synthetic() && message.has_field(&field) => {
                let inner = labelled(&camel(field.name()), &value(&message.get_field(&field), &field, length), length);
                (camel(choice.name()), format!("{{{inner}}}"))
            }
            Some(choice) if !choice.is_synthetic() => continue,
            _ if field.supports_presence() && !message.has_field(&field) => continue,
            _ => (camel(field.name()), value(&message.get_field(&field), &field, length)),
        };
        if !text.is_empty() {
            parts.push(labelled(&name, &text, length));
        }
    }
    if parts.is_empty() { String::new() } else { format!("{{{}}}", parts.join(", ")) }
}

/// Messages that have a form of their own.
fn special(name: &str, message: &DynamicMessage) -> Option<String> {
    match name {
        "temporal.api.common.v1.Payload" => Some(of_payload(&message.transcode_to().ok()?)),
        "temporal.api.common.v1.Payloads" => Some(payloads(Some(&message.transcode_to().ok()?))),
        "google.protobuf.Timestamp" => Some(go::raw_time(Some(&message.transcode_to().ok()?))),
        "google.protobuf.Duration" => {
            let span: prost_types::Duration = message.transcode_to().ok()?;
            Some(go::span(span.seconds, span.nanos))
        }
        _ => None,
    }
}

/// A field with its name, as long as it may be. What leads further down is never cut, and failures are not either.
fn labelled(name: &str, text: &str, length: Length) -> String {
    let whole = name.ends_with("EventAttributes") || name.ends_with("Failure");
    match length {
        Length::Limited(longest) if !whole => format!("{name}:{}", shortened(text, longest)),
        Length::Cell(longest) if !whole => format!("{name}:{}", broken(&shortened(text, longest))),
        _ => format!("{name}:{text}"),
    }
}

/// Beginning and end.
fn shortened(text: &str, longest: usize) -> String {
    let count = text.chars().count();
    if longest == 0 || count <= longest {
        return text.to_owned();
    }
    let begin: String = text.chars().take(longest / 2).collect();
    let end: String = text.chars().skip(count - longest / 2).collect();
    format!("{begin} ... {end}")
}

fn broken(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = 0;
    for letter in text.chars() {
        if letter == ' ' {
            run = 0;
        } else if run == LONGEST_WORD {
            out.push(' ');
            run = 1;
        } else {
            run += 1;
        }
        out.push(letter);
    }
    out
}

fn value(value: &Value, field: &FieldDescriptor, length: Length) -> String {
    match value {
        Value::List(items) => list(items, &field.kind(), length),
        Value::Map(entries) => map(entries, field),
        value => single(value, &field.kind(), length),
    }
}

fn single(value: &Value, kind: &Kind, length: Length) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::I32(value) => value.to_string(),
        Value::U32(value) => value.to_string(),
        Value::I64(value) => value.to_string(),
        Value::U64(value) => value.to_string(),
        Value::F32(value) => value.to_string(),
        Value::F64(value) => value.to_string(),
        Value::String(text) => text.clone(),
        Value::Bytes(bytes) if bytes.is_empty() => String::new(),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains(char::is_control) => format!("[{}]", text.trim()),
            _ => format!("[{}]", STANDARD.encode(bytes)),
        },
        Value::EnumNumber(number) => match kind.as_enum().and_then(|kind| kind.get_value(*number)) {
            Some(value) => names::short(value.parent_enum().name(), value.name()),
            None => number.to_string(),
        },
        Value::Message(message) => structure(message, length),
        Value::List(_) | Value::Map(_) => String::new(),
    }
}

fn list(items: &[Value], kind: &Kind, length: Length) -> String {
    let text = |item| single(item, kind, length);
    match (items, length) {
        ([first, rest @ ..], Length::Cell(_)) if !rest.is_empty() => format!("[{},...{} more]", text(first), rest.len()),
        _ => format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(",")),
    }
}

fn map(entries: &std::collections::HashMap<MapKey, Value>, field: &FieldDescriptor) -> String {
    let kind = field.kind();
    let Some(entry) = kind.as_message() else { return String::new() };
    let kind = entry.map_entry_value_field().kind();
    let mut pairs: Vec<_> = entries.iter().map(|(name, value)| (key_text(name), single(value, &kind, Length::Full))).collect();
    pairs.retain(|(name, value)| !name.is_empty() && !value.is_empty());
    pairs.sort();
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| format!("{name}:{value}")).collect();
    if pairs.is_empty() { String::new() } else { format!("map{{{}}}", pairs.join(", ")) }
}

/// `workflow_id` is `WorkflowId`.
fn camel(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_uppercase() + rest
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proto::temporal::api::common::v1::{WorkflowExecution, WorkflowType};
    use proto::temporal::api::enums::v1::EventType;
    use proto::temporal::api::history::v1::history_event::Attributes;
    use proto::temporal::api::history::v1::{HistoryEvent, WorkflowExecutionSignaledEventAttributes};
    use serde_json::json;

    use super::*;
    use crate::args::payload::json_payload;

    #[test]
    fn a_structure_has_go_s_names_and_its_zeros() {
        let execution = WorkflowExecution { workflow_id: "w".to_owned(), run_id: String::new() };
        assert_eq!(line(&execution, Length::Full), "{WorkflowId:w}");
        assert_eq!(line(&WorkflowType::default(), Length::Full), "");
        let attributes = WorkflowExecutionSignaledEventAttributes {
            signal_name: "paid".to_owned(),
            input: Some(Payloads { payloads: vec![json_payload(&json!({"id": 7})), json_payload(&json!(1))] }),
            identity: "me".to_owned(),
            ..WorkflowExecutionSignaledEventAttributes::default()
        };
        let event = HistoryEvent {
            event_id: 5,
            event_time: Some(prost_types::Timestamp { seconds: 1_767_225_600, nanos: 0 }),
            event_type: EventType::WorkflowExecutionSignaled.into(),
            attributes: Some(Attributes::WorkflowExecutionSignaledEventAttributes(attributes)),
            ..HistoryEvent::default()
        };
        let text = line(&event, Length::Full);
        let begin = "{EventId:5, EventTime:2026-01-01 00:00:00 +0000 UTC, EventType:WorkflowExecutionSignaled, Version:0, TaskId:0, \
                     WorkerMayIgnore:false,";
        assert!(text.starts_with(begin), "{text}");
        let inside = "Attributes:{WorkflowExecutionSignaledEventAttributes:{SignalName:paid, Input:[{\"id\":7}, 1], Identity:me,";
        assert!(text.contains(inside), "{text}");
    }

    #[test]
    fn long_fields_are_shortened_and_long_words_broken() {
        assert_eq!(shortened("abcdefghij", 4), "ab ... ij");
        assert_eq!(shortened("abc", 4), "abc");
        assert_eq!(broken(&"x".repeat(130)), format!("{} {}", "x".repeat(120), "x".repeat(10)));
        let kind = WorkflowType { name: "abcdefghij".to_owned() };
        assert_eq!(line(&kind, Length::Limited(4)), "{Name:ab ... ij}");
    }
}
