//! Events and ends of executions.

use prost::{Message as _, Name as _};
use proto::temporal::api::enums::v1::RetryState;
use proto::temporal::api::history::v1::HistoryEvent;
use proto::temporal::api::history::v1::history_event::Attributes;

use super::structure::{self, Length};
use super::{go, state};
use crate::render::style::{Ink, Style};
use crate::render::table::Cell;
use crate::render::{json, names};

/// An event's attributes on one line.
fn attributes(event: &HistoryEvent, length: Length) -> String {
    let message = json::dynamic(&HistoryEvent::full_name(), &event.encode_to_vec());
    message.map(|message| structure::attributes(&message, length)).unwrap_or_default()
}

/// Which columns of times and versions a table of events has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Columns {
    /// Nanoseconds since 1970.
    pub(crate) raw_time: bool,
    /// RFC 3339.
    pub(crate) date_time: bool,
    /// Versions.
    pub(crate) version: bool,
    /// Longest text of a field.
    pub(crate) longest: usize,
}

/// A row of the table of events.
pub(crate) fn row(event: &HistoryEvent, columns: Columns) -> Vec<Cell> {
    let mut row = vec![Cell::from(event.event_id.to_string())];
    if columns.raw_time {
        row.push(go::nanoseconds(event.event_time.as_ref()).into());
    } else if columns.date_time {
        row.push(go::date_time(event.event_time.as_ref()).into());
    }
    if columns.version {
        row.push(format!("(Version: {})", event.version).into());
    }
    row.push(names::event_type(event.event_type).into());
    row.push(attributes(event, Length::Cell(columns.longest)).into());
    row
}

/// One line of progress, with attributes where details are wanted.
pub(crate) fn progress(event: &HistoryEvent, details: Option<Length>, style: &Style) -> String {
    let (kind, ink) = names::event_type(event.event_type);
    let head = format!("  {}, {}, {}", event.event_id, go::date_time(event.event_time.as_ref()), style.paint(ink, &kind));
    match details {
        Some(length) => format!("{head}, {}\n", attributes(event, length)),
        None => head + "\n",
    }
}

/// How the execution ended, where its last event says so.
pub(crate) fn end(event: &HistoryEvent, style: &Style) -> String {
    let status = |ink, name| format!("  Status: {}\n", style.paint(ink, name));
    match &event.attributes {
        Some(Attributes::WorkflowExecutionCompletedEventAttributes(at)) => {
            status(Ink::Good, "COMPLETED") + &format!("  Output: {}\n", structure::payloads(at.result.as_ref()))
        }
        Some(Attributes::WorkflowExecutionFailedEventAttributes(at)) => {
            let failure = at.failure.as_ref().map(state::failure_line).unwrap_or_default();
            status(Ink::Bad, "FAILED") + &format!("  Failure: {failure}\n")
        }
        Some(Attributes::WorkflowExecutionTimedOutEventAttributes(at)) => {
            let retry = RetryState::try_from(at.retry_state).unwrap_or_default();
            let retry = names::short("RetryState", retry.as_str_name());
            status(Ink::Warn, "TIMEOUT") + &format!("  Retry status: {retry}\n")
        }
        Some(Attributes::WorkflowExecutionCanceledEventAttributes(at)) => {
            status(Ink::Bad, "CANCELED") + &format!("  Detail: {}\n", structure::payloads(at.details.as_ref()))
        }
        _ => String::new(),
    }
}
