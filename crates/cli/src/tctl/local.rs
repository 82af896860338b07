//! Commands that need no cluster: this program's own settings, and decoding.

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::flag::Flag;
use super::flag::admin::{BASE64_DATA, BASE64_FILE, BINARY_FILE, HEX_DATA, HEX_FILE, PROTO_TYPE};
use super::row::Verb;
use super::words::Words;
use crate::render::json::{self, PayloadForm};
use crate::screen::Screen;

/// The only version of tctl's words that there is here.
const VERSION: &str = "current";

/// Carries out a verb.
pub(super) fn perform(verb: Verb, words: &Words, screen: &mut Screen) -> anyhow::Result<()> {
    let arguments = words.arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match verb {
        Verb::ConfigGet => match arguments.as_slice() {
            ["version"] => screen.text(&format!("{VERSION}\n")),
            _ => bail!("the only setting is `version`"),
        },
        Verb::ConfigSet => match arguments.as_slice() {
            ["version", "current" | "1" | "v1"] => Ok(()),
            ["version", other] => bail!("tctl's version {other:?} is not built; call this program as `temporal` for newer words"),
            _ => bail!("write `config set version VALUE`"),
        },
        Verb::DecodeProto => {
            let text = message(words)?;
            screen.text(&format!("\n{text}\n"))
        }
        Verb::DecodeBase64 => {
            let bytes = STANDARD.decode(content(words, &BASE64_DATA, &BASE64_FILE)?.trim()).context("this is not base64")?;
            screen.text(&format!("\n{}\n", String::from_utf8_lossy(&bytes)))
        }
        _ => bail!("this command needs a cluster"),
    }
}

/// A flag's text, or what the file holds that another flag names.
fn content(words: &Words, data: &Flag, file: &Flag) -> anyhow::Result<String> {
    match (words.text(data), words.text(file)) {
        (Some(text), _) => Ok(text),
        (None, Some(path)) => std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}")),
        (None, None) => bail!("give --{} or --{}", data.name(), file.name()),
    }
}

fn message(words: &Words) -> anyhow::Result<String> {
    let name = words.required(&PROTO_TYPE)?;
    let bytes = match words.text(&BINARY_FILE) {
        Some(path) => std::fs::read(&path).with_context(|| format!("cannot read {path}"))?,
        None => unhex(&content(words, &HEX_DATA, &HEX_FILE)?)?,
    };
    let message = json::decode(&name, &bytes, PayloadForm::Tctl).with_context(|| {
        format!("cannot show this as {name}; the public API's messages are known, Temporal's inner ones are not")
    })?;
    Ok(serde_json::to_string_pretty(&message)?)
}

fn unhex(text: &str) -> anyhow::Result<Vec<u8>> {
    let digits = text.trim();
    let digits = digits.strip_prefix("0x").unwrap_or(digits).as_bytes();
    ensure!(digits.len().is_multiple_of(2), "the hex data has an odd number of digits");
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.chars().all(|c| c.is_ascii_hexdigit()));
        pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).context("this is not hex data")
    };
    digits.chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_with_and_without_its_prefix() {
        assert_eq!(unhex("0x0aFf\n").unwrap(), [10, 255]);
        assert_eq!(unhex("0aff").unwrap(), [10, 255]);
        assert!(unhex("0a1").is_err() && unhex("zz").is_err());
    }
}
