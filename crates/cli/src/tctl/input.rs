//! Inputs, memos and search attributes by tctl's rules.

use anyhow::{Context as _, bail, ensure};
use bytes::Bytes;
use proto::temporal::api::common::v1::{Payload, Payloads};
use serde_json::Value;

use super::flag::workflow::{INPUT, INPUT_FILE, MEMO, MEMO_FILE, MEMO_KEY, SEARCH_ATTR_KEY, SEARCH_ATTR_VALUE};
use super::words::Words;
use crate::args::pairs::Json;
use crate::args::payload::json_payload;

/// Each --input is one argument; a file may hold several, and comes second to flags.
pub(super) fn inputs(words: &Words) -> anyhow::Result<Option<Payloads>> {
    let flags = words.texts(&INPUT);
    if flags.is_empty() {
        return file(words);
    }
    let payloads = flags.iter().map(|text| one(text)).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Payloads { payloads }))
}

/// One --input may hold several arguments.
pub(super) fn stream_of_inputs(words: &Words) -> anyhow::Result<Option<Payloads>> {
    match words.text(&INPUT) {
        Some(text) => Ok(Some(Payloads { payloads: several(&text)? })),
        None => file(words),
    }
}

fn file(words: &Words) -> anyhow::Result<Option<Payloads>> {
    let Some(path) = words.text(&INPUT_FILE) else { return Ok(None) };
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read the input file {path}"))?;
    Ok(Some(Payloads { payloads: several(&text)? }))
}

fn one(text: &str) -> anyhow::Result<Payload> {
    if text.eq_ignore_ascii_case("null") {
        return Ok(Payload {
            metadata: [("encoding".to_owned(), Bytes::from_static(b"binary/null"))].into(),
            ..Payload::default()
        });
    }
    match several(text)?.as_slice() {
        [payload] => Ok(payload.clone()),
        _ => bail!("each --input is one JSON value; {text:?} is not, repeat the flag for several"),
    }
}

/// JSON values one after the other. They go out as they were typed: numbers keep their digits.
fn several(text: &str) -> anyhow::Result<Vec<Payload>> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let mut payloads = Vec::new();
    let mut begin = 0;
    while let Some(value) = values.next() {
        let value = value.with_context(|| format!("the input {text:?} is not JSON; quote strings, as in '\"text\"'"))?;
        let end = values.byte_offset();
        let raw = text.get(begin..end).unwrap_or_default().trim();
        payloads.push(Payload { data: Bytes::copy_from_slice(raw.as_bytes()), ..json_payload(&value) });
        begin = end;
    }
    Ok(payloads)
}

/// A text as an argument.
pub(super) fn text(text: String) -> Payloads {
    Payloads { payloads: vec![json_payload(&Value::String(text))] }
}

/// Memo fields: keys and texts in their order.
pub(super) fn memo(words: &Words) -> anyhow::Result<Vec<Json>> {
    let keys = words.texts(&MEMO_KEY);
    let flags = words.texts(&MEMO);
    let values = match (flags.is_empty(), words.text(&MEMO_FILE)) {
        (false, Some(_)) => bail!("give either --memo or --memo_file"),
        (true, Some(path)) => {
            let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read the memo file {path}"))?;
            text.lines().map(str::to_owned).collect()
        }
        (_, None) => flags,
    };
    ensure!(keys.len() == values.len(), "there are {} --memo_key and {} values: give as many", keys.len(), values.len());
    Ok(keys.into_iter().zip(values).map(|(key, value)| Json { key, value: Value::String(value) }).collect())
}

/// Search attributes: names and JSON values, between bars.
pub(super) fn search_attributes(words: &Words) -> anyhow::Result<Vec<Json>> {
    let split = |text: Option<String>| -> Vec<String> {
        text.iter()
            .filter(|text| !text.trim().is_empty())
            .flat_map(|text| text.split('|'))
            .map(|part| part.trim().to_owned())
            .collect()
    };
    let (keys, values) = (split(words.text(&SEARCH_ATTR_KEY)), split(words.text(&SEARCH_ATTR_VALUE)));
    if keys.is_empty() || values.is_empty() {
        return Ok(Vec::new());
    }
    ensure!(keys.len() == values.len(), "there are {} search attributes and {} values: give as many", keys.len(), values.len());
    let pair = |(key, value): (String, String)| {
        let value = serde_json::from_str(&value)
            .with_context(|| format!("the value {value:?} of search attribute {key:?} is not JSON; quote strings"))?;
        Ok(Json { key, value })
    };
    keys.into_iter().zip(values).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tctl::words::{Found, command, find, plainly};

    fn words(line: &[&str]) -> Words {
        let root = command("1".to_owned());
        let words = plainly(line.iter().map(|word| (*word).to_owned()).collect(), &root).unwrap();
        let matches = root.try_get_matches_from(std::iter::once("tctl".to_owned()).chain(words)).unwrap();
        match find(matches).unwrap() {
            Found::Row(_, words) => words,
            other => panic!("{other:?}"),
        }
    }

    fn start(line: &[&str]) -> Words {
        words(&[&["wf", "start"], line].concat())
    }

    #[test]
    fn each_input_flag_is_one_argument_and_null_is_none() {
        let payloads = inputs(&start(&["-i", "{\"id\": 1.50}", "--input", "NULL"])).unwrap().unwrap().payloads;
        assert_eq!(payloads[0].data, "{\"id\": 1.50}");
        assert_eq!(payloads[1].metadata["encoding"], "binary/null");
        assert!(inputs(&start(&["-i", "1 2"])).unwrap_err().to_string().contains("one JSON value"));
        assert!(inputs(&start(&["-i", "bare"])).unwrap_err().to_string().contains("not JSON"));
        assert_eq!(inputs(&start(&[])).unwrap(), None);
    }

    #[test]
    fn a_query_s_input_and_a_file_may_hold_several() {
        let asked = stream_of_inputs(&words(&["wf", "query", "-i", "1 \"b\""])).unwrap().unwrap();
        assert_eq!(asked.payloads.len(), 2);
        let folder = std::env::temp_dir().join(format!("tctl-input-{}", uuid::Uuid::new_v4()));
        std::fs::write(&folder, "{\"a\":1}\n[2]\n").unwrap();
        let read = inputs(&start(&["-if", folder.to_str().unwrap()])).unwrap().unwrap();
        std::fs::remove_file(&folder).unwrap();
        assert_eq!(read.payloads.iter().map(|payload| &payload.data[..]).collect::<Vec<_>>(), [&b"{\"a\":1}"[..], b"[2]"]);
    }

    #[test]
    fn memos_and_search_attributes_pair_up() {
        let memo = memo(&start(&["--memo_key", "a", "--memo", "x", "--memo_key", "b", "--memo", "1"])).unwrap();
        assert_eq!((memo[1].key.as_str(), &memo[1].value), ("b", &json!("1")));
        assert!(super::memo(&start(&["--memo_key", "a"])).is_err());
        let line = ["--search_attr_key", "A | B", "--search_attr_value", "\"x\" | [1,2]"];
        let attributes = search_attributes(&start(&line)).unwrap();
        assert_eq!((attributes[0].key.as_str(), &attributes[1].value), ("A", &json!([1, 2])));
        assert!(search_attributes(&start(&["--search_attr_key", "A", "--search_attr_value", "bare"])).is_err());
    }
}
