//! Search attributes as one JSON column.
//!
//! `{"2:CustomOrderStatus":"FAILED"}`: the type's number stands in the key, so that a value of another type is another key.
//! A float is the integer that sorts like it, since its decimal form comes back from databases and JSON readers rounded.
//! Of a full text its words are kept beside it (`"words:Note"`), cut and folded as every store does, since databases fold
//! letters each in their own way.

use std::collections::BTreeMap;

use model::Timestamp;
use model::visibility::{SearchAttributeType, SearchAttributeValue};
use persistence::Error;
use serde_json::{Map, Value};
use visibility::evaluate::words;

const WORDS: &str = "words";

/// The column's text.
pub(crate) fn encode(attributes: &BTreeMap<String, SearchAttributeValue>) -> String {
    let mut members = Map::new();
    for (name, value) in attributes {
        let (ty, value) = match value {
            SearchAttributeValue::Text(text) => {
                members.insert(words_key(name), words(text).collect());
                (SearchAttributeType::Text, Value::from(text.as_str()))
            }
            SearchAttributeValue::Keyword(text) => (SearchAttributeType::Keyword, Value::from(text.as_str())),
            SearchAttributeValue::Int(number) => (SearchAttributeType::Int, Value::from(*number)),
            SearchAttributeValue::Double(number) => (SearchAttributeType::Double, Value::from(float_rank(*number))),
            SearchAttributeValue::Bool(truth) => (SearchAttributeType::Bool, Value::from(*truth)),
            SearchAttributeValue::Datetime(time) => (SearchAttributeType::Datetime, Value::from(time.as_nanos())),
            SearchAttributeValue::KeywordList(texts) => (SearchAttributeType::KeywordList, Value::from(texts.clone())),
        };
        members.insert(key(ty, name), value);
    }
    Value::Object(members).to_string()
}

/// The attributes in a column's text.
pub(crate) fn decode(text: &str) -> Result<BTreeMap<String, SearchAttributeValue>, Error> {
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
        "4" => SearchAttributeValue::Double(float_of_rank(value.as_i64()?)),
        "5" => SearchAttributeValue::Bool(value.as_bool()?),
        "6" => SearchAttributeValue::Datetime(Timestamp::from_nanos(value.as_i64()?)),
        "7" => match value {
            Value::Array(items) => SearchAttributeValue::KeywordList(items.into_iter().map(text).collect::<Option<_>>()?),
            _ => return None,
        },
        _ => return None,
    })
}

/// Where an attribute of this type stands in the object.
pub(crate) fn key(ty: SearchAttributeType, name: &str) -> String {
    format!("{}:{name}", ty as i32)
}

/// Where the words of a full text stand.
pub(crate) fn words_key(name: &str) -> String {
    format!("{WORDS}:{name}")
}

/// The integer that sorts where this float does; both zeros are one.
pub(crate) const fn float_rank(number: f64) -> i64 {
    let bits = (number + 0.0).to_bits().cast_signed();
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

const fn float_of_rank(rank: i64) -> f64 {
    let bits = if rank < 0 { rank ^ i64::MAX } else { rank };
    f64::from_bits(bits.cast_unsigned())
}
