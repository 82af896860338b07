//! Search attributes as one JSON column.
//!
//! `{"2:CustomOrderStatus":"FAILED"}`: the type's number stands in the key, so that a value of another type is another key.
//! Of a full text its words are kept beside it (`"words:Note"`), cut and folded as every store does, since SQLite folds ASCII
//! only.

use std::collections::BTreeMap;

use model::Timestamp;
use model::visibility::{SearchAttributeType, SearchAttributeValue};
use persistence::Error;
use serde_json::{Map, Value};
use visibility::evaluate::words;

const WORDS: &str = "words";

/// The column's text.
pub(super) fn encode(attributes: &BTreeMap<String, SearchAttributeValue>) -> String {
    let mut members = Map::new();
    for (name, value) in attributes {
        let (ty, value) = match value {
            SearchAttributeValue::Text(text) => {
                members.insert(format!("{WORDS}:{name}"), words(text).collect());
                (SearchAttributeType::Text, Value::from(text.as_str()))
            }
            SearchAttributeValue::Keyword(text) => (SearchAttributeType::Keyword, Value::from(text.as_str())),
            SearchAttributeValue::Int(number) => (SearchAttributeType::Int, Value::from(*number)),
            SearchAttributeValue::Double(number) => (SearchAttributeType::Double, Value::from(*number)),
            SearchAttributeValue::Bool(truth) => (SearchAttributeType::Bool, Value::from(*truth)),
            SearchAttributeValue::Datetime(time) => (SearchAttributeType::Datetime, Value::from(time.as_nanos())),
            SearchAttributeValue::KeywordList(texts) => (SearchAttributeType::KeywordList, Value::from(texts.clone())),
        };
        members.insert(format!("{}:{name}", ty as i32), value);
    }
    Value::Object(members).to_string()
}

/// The attributes in a column's text.
pub(super) fn decode(text: &str) -> Result<BTreeMap<String, SearchAttributeValue>, Error> {
    let corrupt = || Error::Corrupt("search attributes are no such object".into());
    let Ok(Value::Object(members)) = serde_json::from_str(text) else { return Err(corrupt()) };
    let mut attributes = BTreeMap::new();
    for (key, value) in members {
        let (ty, name) = key.split_once(':').ok_or_else(corrupt)?;
        if ty != WORDS {
            attributes.insert(name.to_owned(), typed(ty, value).ok_or_else(corrupt)?);
        }
    }
    Ok(attributes)
}

fn typed(ty: &str, value: Value) -> Option<SearchAttributeValue> {
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        _ => None,
    };
    Some(match ty {
        "1" => SearchAttributeValue::Text(text(value)?),
        "2" => SearchAttributeValue::Keyword(text(value)?),
        "3" => SearchAttributeValue::Int(value.as_i64()?),
        "4" => SearchAttributeValue::Double(value.as_f64().unwrap_or(f64::NAN)),
        "5" => SearchAttributeValue::Bool(value.as_bool()?),
        "6" => SearchAttributeValue::Datetime(Timestamp::from_nanos(value.as_i64()?)),
        "7" => match value {
            Value::Array(items) => SearchAttributeValue::KeywordList(items.into_iter().map(text).collect::<Option<_>>()?),
            _ => return None,
        },
        _ => return None,
    })
}

/// Where an attribute of this type stands in the object, as a JSON path.
pub(super) fn path(ty: SearchAttributeType, name: &str) -> String {
    quoted(format!("{}:{name}", ty as i32))
}

/// Where the words of a full text stand.
pub(super) fn words_path(name: &str) -> String {
    quoted(format!("{WORDS}:{name}"))
}

fn quoted(key: String) -> String {
    format!("$.{}", Value::from(key))
}
