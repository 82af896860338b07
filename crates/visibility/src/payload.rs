//! Search attribute values as payloads: `json/plain`, with the type as metadata on the way out and not needed on the way in.
//!
//! SDKs differ (Go sends `TemporalChangeVersion` without a type), so a registered type always wins over the metadata. `null`
//! and an empty list mean removal.

use std::collections::BTreeMap;

use bytes::Bytes;
use model::Timestamp;
use model::visibility::{SearchAttributeType, SearchAttributeValue};
use proto::temporal::api::common::v1::{Payload, SearchAttributes as Fields};
use serde_json::Value as Json;

use crate::registry::SearchAttributes;

const ENCODING: &str = "encoding";
pub(crate) const TYPE: &str = "type";
const JSON_PLAIN: &[u8] = b"json/plain";
const BINARY_NULL: &[u8] = b"binary/null";

/// The payload does not hold a value of the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("payload does not hold a value of the search attribute's type")]
pub struct Undecodable;

/// The payload of a value, with its type as metadata.
pub fn encode(value: &SearchAttributeValue) -> Payload {
    let json = match value {
        SearchAttributeValue::Text(value) | SearchAttributeValue::Keyword(value) => Json::from(value.as_str()),
        SearchAttributeValue::Int(value) => Json::from(*value),
        SearchAttributeValue::Double(value) => Json::from(*value),
        SearchAttributeValue::Bool(value) => Json::from(*value),
        SearchAttributeValue::Datetime(value) => Json::from(format_datetime(*value)),
        SearchAttributeValue::KeywordList(values) => Json::from(values.as_slice()),
    };
    let metadata = BTreeMap::from([
        (ENCODING.to_owned(), Bytes::from_static(JSON_PLAIN)),
        (TYPE.to_owned(), Bytes::from_static(value.ty().name().as_bytes())),
    ]);
    Payload { metadata, data: Bytes::from(json.to_string()), ..Payload::default() }
}

/// The payloads of a row's values, as list replies carry them.
pub fn encode_all(values: &BTreeMap<String, SearchAttributeValue>) -> Fields {
    Fields { indexed_fields: values.iter().map(|(name, value)| (name.clone(), encode(value))).collect() }
}

/// The value in a payload; `None` means removal. Without a type, the payload's metadata must name one.
pub fn decode(payload: &Payload, ty: Option<SearchAttributeType>) -> Result<Option<SearchAttributeValue>, Undecodable> {
    let ty = ty.or_else(|| declared_type(payload)).ok_or(Undecodable)?;
    match read_json(payload).ok_or(Undecodable)? {
        Json::Null => Ok(None),
        Json::Array(items) if items.is_empty() => Ok(None),
        Json::Array(items) if ty == SearchAttributeType::KeywordList => {
            let items = items.into_iter().map(text).collect::<Option<_>>();
            items.map(SearchAttributeValue::KeywordList).map(Some).ok_or(Undecodable)
        }
        // A list of one stands for its element.
        Json::Array(mut items) => match (items.pop(), items.is_empty()) {
            (Some(Json::Null), true) => Ok(None),
            (Some(item), true) => scalar(item, ty).map(Some).ok_or(Undecodable),
            _ => Err(Undecodable),
        },
        json => scalar(json, ty).map(Some).ok_or(Undecodable),
    }
}

/// The values of a run's stored payloads, for its row. Removed values, and names or values that no longer make sense, are
/// left out: a row must never fail for one of its attributes.
pub fn decode_all(attributes: &SearchAttributes, fields: &BTreeMap<String, Payload>) -> BTreeMap<String, SearchAttributeValue> {
    let mut values = BTreeMap::new();
    for (name, payload) in fields {
        let ty = attributes.find(name).map(|(ty, _)| ty);
        if let Ok(Some(value)) = decode(payload, ty) {
            values.insert(name.clone(), value);
        }
    }
    values
}

/// The value for an error text, much as Go prints it.
pub(crate) fn show(payload: &Payload) -> String {
    read_json(payload).map_or_else(|| format!("value from <{} bytes>", payload.data.len()), |json| show_json(&json))
}

fn show_json(json: &Json) -> String {
    match json {
        Json::Null => "<nil>".to_owned(),
        Json::String(text) => text.clone(),
        Json::Array(items) => format!("[{}]", items.iter().map(show_json).collect::<Vec<_>>().join(" ")),
        Json::Object(fields) => {
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}:{}", show_json(value))).collect();
            format!("map[{}]", fields.join(" "))
        }
        Json::Bool(_) | Json::Number(_) => json.to_string(),
    }
}

fn declared_type(payload: &Payload) -> Option<SearchAttributeType> {
    let name = payload.metadata.get(TYPE)?;
    std::str::from_utf8(name).ok().and_then(SearchAttributeType::from_name)
}

fn read_json(payload: &Payload) -> Option<Json> {
    match payload.metadata.get(ENCODING).map(Bytes::as_ref) {
        Some(JSON_PLAIN) => serde_json::from_slice(&payload.data).ok(),
        Some(BINARY_NULL) => Some(Json::Null),
        _ => None,
    }
}

fn text(json: Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text),
        _ => None,
    }
}

fn scalar(json: Json, ty: SearchAttributeType) -> Option<SearchAttributeValue> {
    match ty {
        SearchAttributeType::Text => text(json).map(SearchAttributeValue::Text),
        SearchAttributeType::Keyword => text(json).map(SearchAttributeValue::Keyword),
        SearchAttributeType::Int => json.as_i64().map(SearchAttributeValue::Int),
        SearchAttributeType::Double => json.as_f64().map(SearchAttributeValue::Double),
        SearchAttributeType::Bool => json.as_bool().map(SearchAttributeValue::Bool),
        SearchAttributeType::Datetime => json.as_str().and_then(parse_datetime).map(SearchAttributeValue::Datetime),
        SearchAttributeType::KeywordList => None,
    }
}

/// Reads RFC 3339. Moments outside what the house counts (1677 to 2262) become its ends.
pub fn parse_datetime(text: &str) -> Option<Timestamp> {
    // The date library ends some hours before the year 9999 does, which people write to mean "for ever".
    let (text, end) = match text.strip_prefix("9999-12-31T") {
        Some(rest) => (format!("9999-12-30T{rest}"), true),
        None => (text.to_owned(), false),
    };
    let moment: jiff::Timestamp = text.parse().ok()?;
    Some(if end { Timestamp::MAX } else { Timestamp::from_parts(moment.as_second(), moment.subsec_nanosecond()) })
}

/// Writes RFC 3339 in UTC, with as many digits as needed.
pub fn format_datetime(time: Timestamp) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(time.as_nanos())).map_or_else(|_| time.to_string(), |moment| moment.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(data: &str) -> Payload {
        let metadata = BTreeMap::from([(ENCODING.to_owned(), Bytes::from_static(JSON_PLAIN))]);
        Payload { metadata, data: Bytes::copy_from_slice(data.as_bytes()), ..Payload::default() }
    }

    #[test]
    fn values_of_every_type_come_back() {
        for value in [
            SearchAttributeValue::Text("a b".into()),
            SearchAttributeValue::Keyword("ü\"'\\".into()),
            SearchAttributeValue::Int(i64::MIN),
            SearchAttributeValue::Double(1.0),
            SearchAttributeValue::Double(-2.5e-9),
            SearchAttributeValue::Double(1.494_457_299_999_999_9),
            SearchAttributeValue::Bool(true),
            SearchAttributeValue::Datetime(Timestamp::from_nanos(1_700_000_000_000_000_001)),
            SearchAttributeValue::KeywordList(vec!["a".into(), String::new()]),
        ] {
            let payload = encode(&value);
            assert_eq!(decode(&payload, None), Ok(Some(value.clone())));
            assert_eq!(decode(&payload, Some(value.ty())), Ok(Some(value)));
        }
    }

    #[test]
    fn null_and_the_empty_list_remove_a_value() {
        let null =
            Payload { metadata: BTreeMap::from([(ENCODING.to_owned(), Bytes::from_static(BINARY_NULL))]), ..Payload::default() };
        for payload in [plain("null"), plain("[]"), plain("[null]"), null] {
            assert_eq!(decode(&payload, Some(SearchAttributeType::Int)), Ok(None));
        }
    }

    #[test]
    fn a_list_of_one_stands_for_its_element() {
        use SearchAttributeType as Type;
        let keyword = SearchAttributeValue::Keyword("a".into());
        assert_eq!(decode(&plain("[\"a\"]"), Some(Type::Keyword)), Ok(Some(keyword)));
        assert_eq!(decode(&plain("[7]"), Some(Type::Int)), Ok(Some(SearchAttributeValue::Int(7))));
        assert_eq!(decode(&plain("[1,2]"), Some(Type::Int)), Err(Undecodable));
    }

    #[test]
    fn what_is_not_of_the_type_is_refused() {
        use SearchAttributeType as Type;
        for (data, ty) in [
            ("1.0", Type::Int),
            ("\"1\"", Type::Int),
            ("true", Type::Double),
            ("\"yesterday\"", Type::Datetime),
            ("5", Type::Datetime),
            ("\"a\"", Type::KeywordList),
            ("[\"a\",null]", Type::KeywordList),
            ("{}", Type::Keyword),
            ("{", Type::Keyword),
        ] {
            assert_eq!(decode(&plain(data), Some(ty)), Err(Undecodable), "{data}");
        }
        assert_eq!(decode(&plain("1"), None), Err(Undecodable));
        assert_eq!(decode(&Payload::default(), Some(Type::Int)), Err(Undecodable));
    }
}
