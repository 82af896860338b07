//! Where output goes, in the form that was asked for. Verbs hand over messages and text; this decides between JSON, lines
//! of JSON and text, and is the only place that writes.

use std::io::{IsTerminal as _, Write};

use prost::{Message, Name};
use serde::Serialize;

use crate::args::{ColorChoice, GlobalArgs, Output, TimeFormat};
use crate::render::json::{self, PayloadForm};
use crate::render::style::{Ink, Style};

/// The place to print to.
pub(crate) struct Screen {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    output: Output,
    payloads: PayloadForm,
    /// How text looks on it.
    pub(crate) style: Style,
    /// How text looks on stderr.
    error_style: Style,
}

impl Screen {
    /// Standard output and error. Colour: as asked for; by default on a terminal unless NO_COLOR is set.
    pub(crate) fn of_terminal(globals: &GlobalArgs) -> Self {
        let payloads = if globals.no_json_shorthand_payloads { PayloadForm::AsSent } else { PayloadForm::Shorthand };
        Self { output: globals.output, payloads, ..Self::for_people(globals.color, globals.time_format) }
    }

    /// The same for a program that prints text only.
    pub(crate) fn for_people(color: ColorChoice, time: TimeFormat) -> Self {
        let wanted = |terminal: bool| match color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        let now = jiff::Timestamp::now();
        Self {
            out: Box::new(std::io::stdout()),
            err: Box::new(std::io::stderr()),
            output: Output::Table,
            payloads: PayloadForm::Shorthand,
            style: Style { color: wanted(std::io::stdout().is_terminal()), time, now },
            error_style: Style { color: wanted(std::io::stderr().is_terminal()), time, now },
        }
    }

    /// Whether people read this, not programs.
    pub(crate) fn is_text(&self) -> bool {
        self.output == Output::Table
    }

    /// Whether payloads in JSON show their content.
    pub(crate) fn payload_form(&self) -> PayloadForm {
        self.payloads
    }

    /// Text for people; programs do not get it.
    pub(crate) fn text(&mut self, text: &str) -> anyhow::Result<()> {
        if self.is_text() {
            self.out.write_all(text.as_bytes())?;
            self.out.flush()?;
        }
        Ok(())
    }

    /// One line for people, in this ink.
    pub(crate) fn say(&mut self, ink: Ink, line: &str) -> anyhow::Result<()> {
        let line = format!("{}\n", self.style.paint(ink, line));
        self.text(&line)
    }

    /// A message of the API: as JSON, or as the text that `render` makes of it.
    pub(crate) fn message<M: Message + Name>(
        &mut self,
        message: &M,
        render: impl FnOnce(&M, &Style) -> String,
    ) -> anyhow::Result<()> {
        if self.is_text() {
            let text = render(message, &self.style);
            return self.text(&text);
        }
        let value = json::of(message, self.payloads)?;
        self.value(&value)
    }

    /// Something that programs get; people do not.
    pub(crate) fn value(&mut self, value: &impl Serialize) -> anyhow::Result<()> {
        let text = match self.output {
            Output::Json => serde_json::to_string_pretty(value)?,
            Output::Jsonl => serde_json::to_string(value)?,
            Output::Table | Output::None => return Ok(()),
        };
        writeln!(self.out, "{text}")?;
        self.out.flush()?;
        Ok(())
    }

    /// Starts a list: in JSON one array, in JSON lines an item a line, for people as `render` has it.
    pub(crate) fn list(&mut self) -> anyhow::Result<List<'_>> {
        if self.output == Output::Json {
            write!(self.out, "[")?;
        }
        Ok(List { screen: self, items: 0 })
    }

    /// Bytes that are the whole point of a command, whatever `--output` says.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.out.write_all(bytes)?;
        self.out.flush()?;
        Ok(())
    }

    /// A remark beside the output, on stderr.
    pub(crate) fn note(&mut self, note: &str) {
        // A lost remark must not fail the command.
        let _ = writeln!(self.err, "{} {note}", self.error_style.paint(Ink::Warn, "note:"));
    }

    /// A labelled line on stderr.
    pub(crate) fn alarm(&mut self, ink: Ink, label: &str, text: &str) {
        let _ = self.out.flush();
        // Nothing is left to do when stderr is gone.
        let _ = writeln!(self.err, "{} {text}", self.error_style.paint(ink, label));
    }

    /// Why the command failed, on stderr, with its causes.
    pub(crate) fn complain(&mut self, error: &anyhow::Error) {
        self.alarm(Ink::Bad, "error:", &format!("{error:#}"));
    }
}

/// A list being printed page by page.
pub(crate) struct List<'a> {
    screen: &'a mut Screen,
    items: usize,
}

impl List<'_> {
    /// Prints one page; `render` also learns whether it is the first.
    pub(crate) fn page<M: Message + Name>(
        &mut self,
        items: &[M],
        render: impl FnOnce(&[M], bool, &Style) -> String,
    ) -> anyhow::Result<()> {
        let first = self.items == 0;
        let before = self.items;
        self.items += items.len();
        match self.screen.output {
            Output::Table if !items.is_empty() => {
                let text = render(items, first, &self.screen.style);
                self.screen.text(&text)?;
            }
            Output::Json => {
                for (index, item) in items.iter().enumerate() {
                    let text = serde_json::to_string_pretty(&json::of(item, self.screen.payloads)?)?;
                    let comma = if before + index == 0 { "" } else { "," };
                    write!(self.screen.out, "{comma}\n  {}", text.replace('\n', "\n  "))?;
                }
            }
            Output::Jsonl => {
                for item in items {
                    let value = json::of(item, self.screen.payloads)?;
                    self.screen.value(&value)?;
                }
            }
            Output::Table | Output::None => {}
        }
        Ok(())
    }

    /// Ends the list; an empty one is `[]`.
    pub(crate) fn end(self) -> anyhow::Result<()> {
        if self.screen.output == Output::Json {
            writeln!(self.screen.out, "{}]", if self.items == 0 { "" } else { "\n" })?;
        }
        self.screen.out.flush()?;
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests;
