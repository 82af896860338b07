//! `KEY=VALUE` flags: plain text, JSON values, and search attributes.

use serde_json::Value;

/// A key and a plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Before the first `=`.
    pub key: String,
    /// After it.
    pub value: String,
}

/// A key and a JSON value.
#[derive(Debug, Clone, PartialEq)]
pub struct Json {
    /// Before the first `=`.
    pub key: String,
    /// After it.
    pub value: Value,
}

/// Why a text is not the pair it should be.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PairError {
    /// No `=`, or nothing before it.
    #[error("write KEY=VALUE")]
    NoKey,
    /// The value had to be JSON.
    #[error("the value is not JSON ({0}); quote strings, for example note='\"text\"'")]
    NotJson(String),
    /// The value is no search attribute.
    #[error("a search attribute is a string, a number, true or false, or a list of strings")]
    NotSearchable,
}

/// Reads `KEY=VALUE`, the value as it stands.
pub fn text(raw: &str) -> Result<Text, PairError> {
    match raw.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok(Text { key: key.to_owned(), value: value.to_owned() }),
        _ => Err(PairError::NoKey),
    }
}

/// Reads `KEY=JSON`.
pub fn json(raw: &str) -> Result<Json, PairError> {
    let Text { key, value } = text(raw)?;
    let value = serde_json::from_str(&value).map_err(|error| PairError::NotJson(error.to_string()))?;
    Ok(Json { key, value })
}

/// Reads `KEY=VALUE` for a search attribute. The value is JSON; a bare word is a string, for shells eat quotes.
///
/// The attribute's registered type decides in the end: `"2026-01-01T00:00:00Z"` suits a Datetime as well as a Keyword.
/// So the value carries only what JSON says, and digits meant as a Keyword must be quoted.
pub fn search_attribute(raw: &str) -> Result<Json, PairError> {
    let Text { key, value } = text(raw)?;
    let value = match serde_json::from_str::<Value>(&value) {
        Ok(value) => value,
        Err(error) if value.starts_with(['"', '[', '{']) => return Err(PairError::NotJson(error.to_string())),
        Err(_) => Value::String(value),
    };
    let searchable = match &value {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => true,
        Value::Array(items) => items.iter().all(Value::is_string),
        Value::Null | Value::Object(_) => false,
    };
    if searchable { Ok(Json { key, value }) } else { Err(PairError::NotSearchable) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn search_attributes_take_the_type_that_their_value_shows() {
        let table = [
            ("S=\"FAILED\"", Some(json!("FAILED"))),
            ("S=FAILED", Some(json!("FAILED"))),
            ("S=cust-123", Some(json!("cust-123"))),
            ("S=a=b", Some(json!("a=b"))),
            ("S=", Some(json!(""))),
            ("N=5", Some(json!(5))),
            ("N=\"5\"", Some(json!("5"))),
            ("N=1.5", Some(json!(1.5))),
            ("B=true", Some(json!(true))),
            ("T=2026-01-01T00:00:00Z", Some(json!("2026-01-01T00:00:00Z"))),
            ("L=[\"a\",\"b\"]", Some(json!(["a", "b"]))),
            ("L=[1]", None),
            ("O={}", None),
            ("O=null", None),
            ("L=[\"a\"", None),
            ("noequals", None),
            ("=v", None),
        ];
        for (raw, value) in table {
            assert_eq!(search_attribute(raw).ok().map(|pair| pair.value), value, "{raw}");
        }
    }

    #[test]
    fn memo_values_must_be_json() {
        assert_eq!(json("a={\"b\":1}").unwrap().value, json!({"b": 1}));
        assert!(json("a=bare").unwrap_err().to_string().contains("quote strings"));
    }
}
