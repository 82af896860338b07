//! How an execution ended, read from its last event.

use std::time::Duration;

use proto::temporal::api::common::v1::Payloads;
use proto::temporal::api::history::v1::HistoryEvent;
use proto::temporal::api::history::v1::history_event::Attributes;

use super::style::{Ink, Style};
use super::table::Card;
use super::{failure, payload, time};

/// How an execution ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    /// One word in capitals, as Temporal's command line has it.
    pub(crate) status: &'static str,
    /// Its colour.
    pub(crate) ink: Ink,
    /// What it returned.
    pub(crate) result: Option<Payloads>,
    /// Why it did not complete, if it said so.
    pub(crate) why: String,
    /// The run that goes on.
    pub(crate) continued_as: Option<String>,
}

impl Outcome {
    /// `None` for an event that closes nothing.
    pub(crate) fn of(event: &HistoryEvent) -> Option<Self> {
        use Attributes as At;
        let ended = |status, ink| Self { status, ink, result: None, why: String::new(), continued_as: None };
        Some(match event.attributes.as_ref()? {
            At::WorkflowExecutionCompletedEventAttributes(at) => {
                Self { result: at.result.clone(), ..ended("COMPLETED", Ink::Good) }
            }
            At::WorkflowExecutionFailedEventAttributes(at) => {
                Self { why: at.failure.as_ref().map(failure::text).unwrap_or_default(), ..ended("FAILED", Ink::Bad) }
            }
            At::WorkflowExecutionTimedOutEventAttributes(_) => ended("TIMEOUT", Ink::Warn),
            At::WorkflowExecutionCanceledEventAttributes(at) => {
                Self { why: payload::lines(at.details.as_ref()), ..ended("CANCELED", Ink::Stopped) }
            }
            At::WorkflowExecutionTerminatedEventAttributes(at) => {
                Self { why: at.reason.clone(), ..ended("TERMINATED", Ink::Bad) }
            }
            At::WorkflowExecutionContinuedAsNewEventAttributes(at) => {
                let next = Some(at.new_execution_run_id.clone());
                Self { continued_as: next, ..ended("CONTINUED_AS_NEW", Ink::Plain) }
            }
            _ => return None,
        })
    }

    /// Whether it ended with a result.
    pub(crate) fn completed(&self) -> bool {
        self.status == "COMPLETED"
    }

    /// The card under "Results".
    pub(crate) fn text(&self, took: Option<Duration>, style: &Style) -> String {
        let encoding = self.result.as_ref().and_then(|result| result.payloads.first());
        let encoding = encoding.and_then(|first| first.metadata.get("encoding"));
        let encoding = encoding.map(|encoding| String::from_utf8_lossy(encoding).into_owned()).unwrap_or_default();
        let card = Card::default()
            .with("RunTime", took.map(time::span).unwrap_or_default())
            .with("Status", (self.status.to_owned(), self.ink))
            .with("Result", payload::lines(self.result.as_ref()))
            .with("ResultEncoding", encoding)
            .with(if self.status == "FAILED" { "Failure" } else { "Reason" }, self.why.clone())
            .with("NewRunId", self.continued_as.clone().unwrap_or_default());
        style.heading("Results:") + &card.text(style)
    }
}

#[cfg(test)]
mod tests {
    use proto::temporal::api::failure::v1::Failure;
    use proto::temporal::api::history::v1::{
        TimerFiredEventAttributes, WorkflowExecutionCompletedEventAttributes, WorkflowExecutionContinuedAsNewEventAttributes,
        WorkflowExecutionFailedEventAttributes, WorkflowExecutionTerminatedEventAttributes,
    };
    use serde_json::json;

    use super::*;
    use crate::args::TimeFormat;
    use crate::args::payload::json_payload;
    use crate::render::style::tests::plain;

    fn of(attributes: Attributes) -> Option<Outcome> {
        Outcome::of(&HistoryEvent { attributes: Some(attributes), ..HistoryEvent::default() })
    }

    #[test]
    fn each_end_has_its_card() {
        let completed = WorkflowExecutionCompletedEventAttributes {
            result: Some(Payloads { payloads: vec![json_payload(&json!({"status": "COMPLETED"}))] }),
            ..WorkflowExecutionCompletedEventAttributes::default()
        };
        let failed = WorkflowExecutionFailedEventAttributes {
            failure: Some(Failure { message: "boom".to_owned(), ..Failure::default() }),
            ..WorkflowExecutionFailedEventAttributes::default()
        };
        let terminated = WorkflowExecutionTerminatedEventAttributes { reason: "enough".to_owned(), ..Default::default() };
        let continued = WorkflowExecutionContinuedAsNewEventAttributes {
            new_execution_run_id: "next".to_owned(),
            ..WorkflowExecutionContinuedAsNewEventAttributes::default()
        };
        let table = [
            (
                Attributes::WorkflowExecutionCompletedEventAttributes(completed),
                "Results:\n  RunTime         2s\n  Status          COMPLETED\n  Result          {\"status\":\"COMPLETED\"}\n  \
                 ResultEncoding  json/plain\n",
            ),
            (
                Attributes::WorkflowExecutionFailedEventAttributes(failed),
                "Results:\n  RunTime  2s\n  Status   FAILED\n  Failure  boom\n",
            ),
            (
                Attributes::WorkflowExecutionTerminatedEventAttributes(terminated),
                "Results:\n  RunTime  2s\n  Status   TERMINATED\n  Reason   enough\n",
            ),
            (
                Attributes::WorkflowExecutionContinuedAsNewEventAttributes(Box::new(continued)),
                "Results:\n  RunTime   2s\n  Status    CONTINUED_AS_NEW\n  NewRunId  next\n",
            ),
        ];
        for (attributes, expected) in table {
            let outcome = of(attributes).unwrap();
            assert_eq!(outcome.text(Some(Duration::from_secs(2)), &plain(TimeFormat::Iso)), expected);
        }
    }

    #[test]
    fn other_events_end_nothing() {
        assert_eq!(of(Attributes::TimerFiredEventAttributes(TimerFiredEventAttributes::default())), None);
        assert_eq!(Outcome::of(&HistoryEvent::default()), None);
    }
}
