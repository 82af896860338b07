//! In which order things must stand in history: signals as they came, whether or not they waited, and outcomes after what they
//! name.

use std::collections::{BTreeMap, VecDeque};

use history_engine::Record;
use model::RunId;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::history::v1::{HistoryEvent, WorkflowExecutionSignaledEventAttributes, history_event::Attributes as A};

/// Signals that were accepted and wait in the buffer, oldest first, of each run.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    waiting: BTreeMap<RunId, VecDeque<WorkflowExecutionSignaledEventAttributes>>,
}

impl Order {
    /// Takes note of a record.
    ///
    /// # Panics
    /// Where a signal stands in history before one that came earlier.
    pub(super) fn note(&mut self, record: &Record) {
        let waiting = self.waiting.entry(record.run).or_default();
        if let Some(signal) = record.event().and_then(signal) {
            let next = waiting.pop_front().unwrap_or_else(|| signal.clone());
            assert_eq!(signal, &next, "a signal overtakes one that came earlier");
        }
        if let Some(stored::Entry { kind: Some(stored::entry::Kind::Mark(mark)) }) = record.logged()
            && let Some(stored::mark::Kind::EventBuffered(buffered)) = &mark.kind
        {
            waiting.extend(buffered.event.as_deref().and_then(signal).cloned());
        }
    }
}

fn signal(event: &HistoryEvent) -> Option<&WorkflowExecutionSignaledEventAttributes> {
    match &event.attributes {
        Some(A::WorkflowExecutionSignaledEventAttributes(signal)) => Some(signal),
        _ => None,
    }
}

/// Whether an outcome names a start that stands before it, or none.
pub(super) fn names_an_earlier_event(event: &HistoryEvent) -> bool {
    let started = match &event.attributes {
        Some(A::ActivityTaskCompletedEventAttributes(of)) => of.started_event_id,
        Some(A::ActivityTaskFailedEventAttributes(of)) => of.started_event_id,
        Some(A::ActivityTaskTimedOutEventAttributes(of)) => of.started_event_id,
        Some(A::ActivityTaskCanceledEventAttributes(of)) => of.started_event_id,
        Some(A::ChildWorkflowExecutionCompletedEventAttributes(of)) => of.started_event_id,
        Some(A::ChildWorkflowExecutionFailedEventAttributes(of)) => of.started_event_id,
        Some(A::ChildWorkflowExecutionTimedOutEventAttributes(of)) => of.started_event_id,
        Some(A::ChildWorkflowExecutionCanceledEventAttributes(of)) => of.started_event_id,
        Some(A::ChildWorkflowExecutionTerminatedEventAttributes(of)) => of.started_event_id,
        Some(A::TimerFiredEventAttributes(of)) => of.started_event_id,
        Some(A::TimerCanceledEventAttributes(of)) => of.started_event_id,
        _ => 0,
    };
    (0..event.event_id).contains(&started)
}
