//! What a payload holds, as text and as JSON.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proto::temporal::api::common::v1::{Payload, Payloads};
use serde_json::Value;

/// The JSON that a payload stands for: its content, `null` for an empty one, `None` if it holds something else or carries
/// metadata that would be lost.
pub(crate) fn shorthand(payload: &Payload) -> Option<Value> {
    let encoding = payload.metadata.get("encoding").map(|encoding| &encoding[..])?;
    let only = |allowed: &[&str]| payload.metadata.keys().all(|key| allowed.contains(&key.as_str()));
    if !payload.external_payloads.is_empty() {
        return None;
    }
    match encoding {
        b"json/plain" if only(&["encoding", "type"]) => serde_json::from_slice(&payload.data).ok(),
        b"binary/null" if only(&["encoding"]) => Some(Value::Null),
        b"json/protobuf" if only(&["encoding", "messageType"]) => {
            let mut value: Value = serde_json::from_slice(&payload.data).ok()?;
            let kind = String::from_utf8(payload.metadata.get("messageType")?.to_vec()).ok()?;
            value.as_object_mut()?.insert("_protoMessageType".to_owned(), Value::String(kind));
            Some(value)
        }
        _ => None,
    }
}

/// A payload on one line for people.
pub(crate) fn text(payload: &Payload) -> String {
    let encoding = payload.metadata.get("encoding").map(|encoding| String::from_utf8_lossy(encoding)).unwrap_or_default();
    match (&*encoding, std::str::from_utf8(&payload.data)) {
        ("binary/null", _) => "null".to_owned(),
        (encoding, Ok(json)) if encoding.starts_with("json/") => one_line(json),
        ("binary/plain", Ok(text)) if !text.contains(char::is_control) => format!("<{encoding}> {text}"),
        ("", _) => format!("<no encoding> {}", STANDARD.encode(&payload.data)),
        (encoding, _) => format!("<{encoding}> {}", STANDARD.encode(&payload.data)),
    }
}

/// Payloads, each on a line; nothing for none.
pub(crate) fn lines(payloads: Option<&Payloads>) -> String {
    let payloads = payloads.map(|payloads| payloads.payloads.as_slice()).unwrap_or_default();
    payloads.iter().map(text).collect::<Vec<_>>().join("\n")
}

/// Named payloads, each on a line; nothing for none.
pub(crate) fn fields(fields: &BTreeMap<String, Payload>) -> String {
    fields.iter().map(|(name, payload)| format!("{name}: {}", text(payload))).collect::<Vec<_>>().join("\n")
}

/// JSON over several lines becomes one; other JSON stays as the worker wrote it, digits and order included.
fn one_line(json: &str) -> String {
    if !json.contains('\n') {
        return json.to_owned();
    }
    serde_json::from_str::<Value>(json).map_or_else(|_| json.to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn payload(encoding: &str, data: &[u8], more: &[(&str, &str)]) -> Payload {
        let mut metadata = BTreeMap::new();
        for (key, value) in [("encoding", encoding)].iter().chain(more) {
            metadata.insert((*key).to_owned(), value.as_bytes().to_vec().into());
        }
        Payload { metadata, data: data.to_vec().into(), ..Payload::default() }
    }

    #[test]
    fn payloads_show_their_content() {
        let table = [
            (payload("json/plain", b"{\"b\":1,\"a\":12345678901234567890123}", &[]), "{\"b\":1,\"a\":12345678901234567890123}"),
            (payload("json/plain", b"{\n \"a\": 1\n}", &[]), "{\"a\":1}"),
            (payload("json/plain", b"broken", &[]), "broken"),
            (payload("json/protobuf", b"{\"x\":1}", &[("messageType", "a.B")]), "{\"x\":1}"),
            (payload("binary/null", b"", &[]), "null"),
            (payload("binary/plain", b"hello", &[]), "<binary/plain> hello"),
            (payload("binary/plain", &[0, 255], &[]), "<binary/plain> AP8="),
            (payload("binary/encrypted", b"hi", &[]), "<binary/encrypted> aGk="),
            (Payload { data: "hi".into(), ..Payload::default() }, "<no encoding> aGk="),
        ];
        for (payload, expected) in table {
            assert_eq!(text(&payload), expected);
        }
    }

    #[test]
    fn only_what_loses_nothing_is_shortened() {
        let table = [
            (payload("json/plain", b"[1]", &[]), Some(json!([1]))),
            (payload("json/plain", b"\"v\"", &[("type", "Keyword")]), Some(json!("v"))),
            (payload("json/plain", b"1", &[("mine", "x")]), None),
            (payload("json/plain", b"broken", &[]), None),
            (payload("binary/null", b"", &[]), Some(Value::Null)),
            (
                payload("json/protobuf", b"{\"x\":1}", &[("messageType", "a.B")]),
                Some(json!({"x": 1, "_protoMessageType": "a.B"})),
            ),
            (payload("binary/plain", b"x", &[]), None),
        ];
        for (payload, expected) in table {
            assert_eq!(shorthand(&payload), expected, "{payload:?}");
        }
    }
}
