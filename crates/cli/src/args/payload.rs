//! Inputs: JSON on the command line or in files, with metadata for those who use other encodings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use clap::Args;
use proto::temporal::api::common::v1::{Payload, Payloads};
use serde_json::Value;

use super::pairs::{Json, Text, text};

/// Flags for the arguments of a workflow, signal or query.
#[derive(Debug, Clone, Default, Args)]
pub struct PayloadArgs {
    /// An argument in JSON (repeat it for several)
    #[arg(long, short, value_name = "JSON", conflicts_with = "input_file", allow_hyphen_values = true)]
    pub input: Vec<String>,
    /// A file that holds an argument in JSON (repeat it for several)
    #[arg(long, value_name = "FILE")]
    pub input_file: Vec<PathBuf>,
    /// Metadata for the inputs, in their order; the first also serves those without one [default: encoding=json/plain]
    #[arg(long, value_parser = text, value_name = "KEY=VALUE")]
    pub input_meta: Vec<Text>,
    /// The inputs are base64
    #[arg(long)]
    pub input_base64: bool,
}

/// Why inputs cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// A file could not be read.
    #[error("cannot read the input file {0}")]
    Unreadable(String, #[source] std::io::Error),
    /// An input is not JSON though its encoding says so.
    #[error(
        "input {0} is not JSON ({1}); quote strings, for example --input '\"text\"', or name another encoding with --input-meta"
    )]
    NotJson(usize, String),
    /// A flag that holds one JSON value does not.
    #[error("{0} is not JSON ({1}); quote strings, for example {0} '\"text\"'")]
    FlagNotJson(&'static str, String),
    /// An input is not base64.
    #[error("input {0} is not base64")]
    NotBase64(usize),
    /// More metadata than inputs.
    #[error("--input-meta gives {0:?} more often than there are inputs")]
    TooMuchMetadata(String),
}

impl PayloadArgs {
    /// The payloads to send, or `None` when there are no inputs.
    pub(crate) fn payloads(&self) -> Result<Option<Payloads>, PayloadError> {
        let mut inputs: Vec<Vec<u8>> = self.input.iter().map(|input| input.clone().into_bytes()).collect();
        for file in &self.input_file {
            let content = std::fs::read(file);
            inputs.push(content.map_err(|error| PayloadError::Unreadable(file.display().to_string(), error))?);
        }
        let metadata = self.metadata(inputs.len())?;
        let payloads = inputs
            .into_iter()
            .enumerate()
            .map(|(index, input)| self.payload(index, input, &metadata))
            .collect::<Result<Vec<_>, _>>()?;
        Ok((!payloads.is_empty()).then_some(Payloads { payloads }))
    }

    fn metadata(&self, inputs: usize) -> Result<BTreeMap<&str, Vec<&str>>, PayloadError> {
        let mut metadata: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for Text { key, value } in &self.input_meta {
            let values = metadata.entry(key).or_default();
            if values.len() == inputs {
                return Err(PayloadError::TooMuchMetadata(key.clone()));
            }
            values.push(value);
        }
        metadata.entry("encoding").or_insert_with(|| vec!["json/plain"]);
        Ok(metadata)
    }

    fn payload(&self, index: usize, input: Vec<u8>, all: &BTreeMap<&str, Vec<&str>>) -> Result<Payload, PayloadError> {
        let metadata: BTreeMap<String, Bytes> = all
            .iter()
            .filter_map(|(key, values)| {
                let value = values.get(index).or(values.first())?;
                Some(((*key).to_owned(), Bytes::copy_from_slice(value.as_bytes())))
            })
            .collect();
        let number = index + 1;
        let data = if self.input_base64 {
            STANDARD.decode(input.trim_ascii()).map_err(|_| PayloadError::NotBase64(number))?
        } else {
            input
        };
        if metadata.get("encoding").is_some_and(|encoding| encoding.starts_with(b"json/")) {
            serde_json::from_slice::<serde::de::IgnoredAny>(&data)
                .map_err(|error| PayloadError::NotJson(number, error.to_string()))?;
        }
        Ok(Payload { metadata, data: data.into(), ..Payload::default() })
    }
}

/// A payload that holds this JSON value.
pub(crate) fn json_payload(value: &Value) -> Payload {
    Payload {
        metadata: BTreeMap::from([("encoding".to_owned(), Bytes::from_static(b"json/plain"))]),
        data: value.to_string().into(),
        ..Payload::default()
    }
}

/// Named payloads, for memos, search attributes and headers; a name given twice keeps its last value.
pub(crate) fn json_fields(pairs: &[Json]) -> BTreeMap<String, Payload> {
    pairs.iter().map(|pair| (pair.key.clone(), json_payload(&pair.value))).collect()
}

/// One JSON text from a flag, checked, as payloads.
pub(crate) fn one_json(flag: &'static str, raw: &str) -> Result<Payloads, PayloadError> {
    let value: Value = serde_json::from_str(raw).map_err(|error| PayloadError::FlagNotJson(flag, error.to_string()))?;
    // The text goes out as it was typed: numbers keep their digits.
    let payload = Payload { data: Bytes::copy_from_slice(raw.as_bytes()), ..json_payload(&value) };
    Ok(Payloads { payloads: vec![payload] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(input: &[&str], meta: &[(&str, &str)], input_base64: bool) -> Result<Vec<Payload>, PayloadError> {
        let input = input.iter().map(|text| (*text).to_owned()).collect();
        let input_meta = meta.iter().map(|(key, value)| Text { key: (*key).to_owned(), value: (*value).to_owned() }).collect();
        let args = PayloadArgs { input, input_file: Vec::new(), input_meta, input_base64 };
        Ok(args.payloads()?.map(|payloads| payloads.payloads).unwrap_or_default())
    }

    #[test]
    fn inputs_are_json_unless_told_otherwise() {
        let payloads = inputs(&["{\"id\": 1}", "\"two\""], &[], false).unwrap();
        assert_eq!(payloads.len(), 2);
        assert_eq!(payloads[0].data, "{\"id\": 1}");
        assert_eq!(payloads[1].metadata["encoding"], "json/plain");
        assert!(inputs(&["bare"], &[], false).unwrap_err().to_string().starts_with("input 1 is not JSON"));
        assert!(inputs(&[], &[], false).unwrap().is_empty());
    }

    #[test]
    fn metadata_goes_to_the_inputs_in_order_and_the_first_serves_the_rest() {
        let payloads = inputs(&["x", "y"], &[("encoding", "binary/plain"), ("a", "1"), ("a", "2")], false).unwrap();
        assert_eq!(payloads[1].metadata["encoding"], "binary/plain");
        assert_eq!((&payloads[0].metadata["a"][..], &payloads[1].metadata["a"][..]), (&b"1"[..], &b"2"[..]));
        assert!(inputs(&["x"], &[("a", "1"), ("a", "2")], false).is_err());
    }

    #[test]
    fn one_value_goes_out_as_it_was_typed() {
        assert_eq!(one_json("--result", "1.50").unwrap().payloads[0].data, "1.50");
        let error = one_json("--result", "paid").unwrap_err().to_string();
        assert!(error.starts_with("--result is not JSON") && error.ends_with("for example --result '\"text\"'"), "{error}");
    }

    #[test]
    fn base64_inputs_are_decoded() {
        let payloads = inputs(&["aGk="], &[("encoding", "binary/plain")], true).unwrap();
        assert_eq!(payloads[0].data, "hi");
        assert!(inputs(&["?"], &[("encoding", "binary/plain")], true).is_err());
    }
}
