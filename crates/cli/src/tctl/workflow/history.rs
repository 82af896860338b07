//! `workflow show`, `showid`, `observe` and `observeid`.

use anyhow::{Context as _, ensure};
use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::enums::v1::EventType;
use proto::temporal::api::history::v1::{History, HistoryEvent};
use serde::Serialize as _;

use super::execution;
use crate::history::{Pages, Reading};
use crate::render::json::{self, PayloadForm};
use crate::render::style::Ink;
use crate::session::Session;
use crate::tctl::flag::workflow as flag;
use crate::tctl::render::event::{self, Columns};
use crate::tctl::render::grid::{Lines, grid};
use crate::tctl::render::structure::{self, Length};
use crate::tctl::words::Words;

/// `show`.
pub(in crate::tctl) async fn show(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let mut history = History::default();
    let mut pages = Pages::new(execution(words)?, Reading::Recorded);
    while let Some(events) = pages.next(&session.connection).await.context("Failed to get the history.")? {
        history.events.extend(events);
    }
    let text = shown(&history, words, session)?;
    session.screen.text(&text)?;
    match words.text(&flag::OUTPUT_FILENAME) {
        Some(path) => {
            let json = indented(&history)?;
            std::fs::write(&path, json).with_context(|| format!("cannot write the history to {path}"))
        }
        None => Ok(()),
    }
}

fn shown(history: &History, words: &Words, session: &Session<'_>) -> anyhow::Result<String> {
    let longest = words.number(&flag::MAX_FIELD_LENGTH).and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
    let points_only = words.on(&flag::RESET_POINTS_ONLY);
    let events = || history.events.iter().enumerate().filter(move |(index, _)| !points_only || is_point(history, *index));
    if words.on(&flag::PRINT_FULL) {
        let length = if words.given(&flag::MAX_FIELD_LENGTH) { Length::Limited(longest) } else { Length::Full };
        return Ok(events().map(|(_, event)| structure::line(event, length) + "\n").collect());
    }
    if words.given(&flag::EVENT_ID) {
        let id = words.number(&flag::EVENT_ID).unwrap_or(0);
        let event = usize::try_from(id).ok().and_then(|id| history.events.get(id.checked_sub(1)?));
        let event = event.with_context(|| format!("there is no event {id}: the history has {}", history.events.len()))?;
        return Ok(structure::line(event, Length::Full) + "\n");
    }
    let columns = Columns {
        raw_time: words.on(&flag::PRINT_RAW_TIME),
        date_time: words.on(&flag::PRINT_DATETIME),
        version: words.on(&flag::PRINT_EVENT_VERSION),
        longest,
    };
    let rows: Vec<_> = events().map(|(_, event)| event::row(event, columns)).collect();
    Ok(grid(&[], &rows, Lines::Open, &session.screen.style))
}

/// A reset can go back to what follows the start of a workflow task.
fn is_point(history: &History, index: usize) -> bool {
    let before = index.checked_sub(1).and_then(|before| history.events.get(before));
    before.is_some_and(|event| event.event_type() == EventType::WorkflowTaskStarted)
}

/// JSON as tctl writes it to files: indented by one space.
fn indented(history: &History) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
    json::of(history, PayloadForm::Tctl)?.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, formatter))?;
    Ok(bytes)
}

/// `observe`.
pub(in crate::tctl) async fn observe(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let WorkflowExecution { workflow_id, run_id } = execution(words)?;
    progress(session, words, workflow_id, run_id).await
}

/// Events as they come, then how it ended. However that is, the command has done its work.
pub(super) async fn progress(
    session: &mut Session<'_>,
    words: &Words,
    workflow_id: String,
    run_id: String,
) -> anyhow::Result<()> {
    let begun = tokio::time::Instant::now();
    session.screen.say(Ink::Stopped, "Progress:")?;
    let longest = words.number(&flag::DETAIL_LENGTH).filter(|_| words.given(&flag::DETAIL_LENGTH));
    let length = match longest.and_then(|number| usize::try_from(number).ok()) {
        None | Some(0) => Length::Full,
        Some(longest) => Length::Limited(longest),
    };
    let details = words.on(&flag::SHOW_DETAIL).then_some(length);
    let mut last: Option<HistoryEvent> = None;
    let mut pages = Pages::new(WorkflowExecution { workflow_id, run_id }, Reading::Follow);
    while let Some(mut events) = pages.next(&session.connection).await.context("Unable to read event.")? {
        let style = session.screen.style;
        let text: String = events.iter().map(|event| event::progress(event, details, &style)).collect();
        session.screen.text(&text)?;
        last = events.pop().or(last);
    }
    ensure!(last.is_some(), "the history has no events");
    session.screen.say(Ink::Stopped, "\nResult:")?;
    let end = last.map(|event| event::end(&event, &session.screen.style)).unwrap_or_default();
    session.screen.text(&format!("  Run Time: {} seconds\n{end}", begun.elapsed().as_secs() + 1))
}
