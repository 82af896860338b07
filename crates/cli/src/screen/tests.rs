//! Screens that keep what is printed on them.

use std::sync::{Arc, Mutex};

use proto::temporal::api::common::v1::WorkflowType;

use super::*;
use crate::args::TimeFormat;

/// What was printed, out and err together.
#[derive(Default, Clone)]
pub(crate) struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A screen without colour at a fixed time.
pub(crate) fn screen(captured: &Captured, output: Output) -> Screen {
    let style = Style { color: false, time: TimeFormat::Iso, now: "2026-01-01T00:00:00Z".parse().unwrap() };
    Screen {
        out: Box::new(captured.clone()),
        err: Box::new(captured.clone()),
        output,
        payloads: PayloadForm::Shorthand,
        style,
        error_style: style,
    }
}

fn names(items: &[WorkflowType], first: bool, _: &Style) -> String {
    let head = if first { "NAMES\n" } else { "" };
    items.iter().fold(head.to_owned(), |text, item| text + &item.name + "\n")
}

#[test]
fn lists_are_an_array_lines_or_text() {
    let pages = [vec!["a", "b"], vec!["c"]];
    let table = [
        (Output::Table, "NAMES\na\nb\nc\n"),
        (Output::Json, "[\n  {\n    \"name\": \"a\"\n  },\n  {\n    \"name\": \"b\"\n  },\n  {\n    \"name\": \"c\"\n  }\n]\n"),
        (Output::Jsonl, "{\"name\":\"a\"}\n{\"name\":\"b\"}\n{\"name\":\"c\"}\n"),
        (Output::None, ""),
    ];
    for (output, expected) in table {
        let captured = Captured::default();
        let mut screen = screen(&captured, output);
        let mut list = screen.list().unwrap();
        for page in &pages {
            let items: Vec<_> = page.iter().map(|name| WorkflowType { name: (*name).to_owned() }).collect();
            list.page(&items, names).unwrap();
        }
        list.end().unwrap();
        assert_eq!(captured.text(), expected, "{output:?}");
    }
}

#[test]
fn an_empty_list_is_an_empty_array() {
    let captured = Captured::default();
    let mut screen = screen(&captured, Output::Json);
    screen.list().unwrap().end().unwrap();
    assert_eq!(captured.text(), "[]\n");
}

#[test]
fn an_error_shows_its_causes_on_one_line() {
    let captured = Captured::default();
    let mut screen = screen(&captured, Output::Json);
    screen.complain(&anyhow::anyhow!("no such file").context("cannot read the input file x"));
    assert_eq!(captured.text(), "error: cannot read the input file x: no such file\n");
}
