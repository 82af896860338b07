//! Events of a history: one on a line, or with every field.

use proto::temporal::api::history::v1::HistoryEvent;

use super::json::{self, PayloadForm};
use super::style::{Ink, Style};
use super::table::{Cell, line};
use super::{names, time};

/// Wide enough for most; events come one at a time, so they cannot be measured first.
const WIDTHS: [usize; 3] = [4, 20, 26];

/// The heading of the table of events.
pub(crate) fn head(style: &Style) -> String {
    line(&["ID", "Time", "Type"].map(|head| Cell(head.to_owned(), Ink::Heading)), &WIDTHS, style)
}

/// An event on a line: id, time, type.
pub(crate) fn row(event: &HistoryEvent, style: &Style) -> String {
    let time = time::absolute(event.event_time.as_ref(), style);
    line(&[event.event_id.to_string().into(), time.into(), names::event_type(event.event_type).into()], &WIDTHS, style)
}

/// An event with every field, one on a line, named by its path.
pub(crate) fn detailed(event: &HistoryEvent, style: &Style) -> String {
    let (name, ink) = names::event_type(event.event_type);
    let title = format!("--------------- [{}] {name} ---------------", event.event_id);
    let mut lines = vec![style.paint(if ink == Ink::Plain { Ink::Heading } else { ink }, &title)];
    let Ok(event) = json::of(event, PayloadForm::Shorthand) else { return lines.join("\n") + "\n" };
    for (path, value) in event.flat() {
        // The attributes are what the event is; their long name says nothing new.
        let path = path.split_once("EventAttributes.").map_or(path.as_str(), |(_, path)| path);
        if !matches!(path, "eventId" | "eventType") {
            lines.push(format!("{path}: {value}"));
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use proto::temporal::api::common::v1::{Payloads, WorkflowType};
    use proto::temporal::api::enums::v1::EventType;
    use proto::temporal::api::history::v1::WorkflowExecutionStartedEventAttributes;
    use proto::temporal::api::history::v1::history_event::Attributes;
    use serde_json::json;

    use super::*;
    use crate::args::TimeFormat;
    use crate::args::payload::json_payload;
    use crate::render::style::tests::plain;

    fn started() -> HistoryEvent {
        HistoryEvent {
            event_id: 1,
            event_time: Some(prost_types::Timestamp { seconds: 1_767_225_600, nanos: 5_000_000 }),
            event_type: EventType::WorkflowExecutionStarted.into(),
            attributes: Some(Attributes::WorkflowExecutionStartedEventAttributes(Box::new(
                WorkflowExecutionStartedEventAttributes {
                    workflow_type: Some(WorkflowType { name: "Order".to_owned() }),
                    input: Some(Payloads { payloads: vec![json_payload(&json!({"id": 7}))] }),
                    attempt: 1,
                    ..WorkflowExecutionStartedEventAttributes::default()
                },
            ))),
            ..HistoryEvent::default()
        }
    }

    #[test]
    fn events_line_up_under_their_heading() {
        let style = plain(TimeFormat::Relative);
        let text = head(&style) + &row(&started(), &style);
        assert_eq!(text, "ID    Time                  Type\n1     2026-01-01T00:00:00Z  WorkflowExecutionStarted\n");
    }

    #[test]
    fn a_detailed_event_shows_every_field_by_its_path() {
        assert_eq!(
            detailed(&started(), &plain(TimeFormat::Iso)),
            "--------------- [1] WorkflowExecutionStarted ---------------\neventTime: 2026-01-01T00:00:00.005Z\n\
             workflowType.name: Order\ninput: [{\"id\":7}]\nattempt: 1\n"
        );
    }
}
