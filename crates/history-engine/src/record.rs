//! Records: the facts that a turn adds to its runs.

use model::RunId;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::history::v1::HistoryEvent;

/// One fact about one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Whose fact.
    pub run: RunId,
    /// The fact.
    pub fact: Fact,
}

/// A fact, and whether it is stored.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "most facts are logged ones; a box each would cost more")]
pub enum Fact {
    /// Stored in the run's log: an event or a mark.
    Logged(stored::Entry),
    /// Kept in memory only; a crash may lose it without harm.
    Volatile(Volatile),
}

/// Facts that are not stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Volatile {
    /// A workflow task was handed out. Its Started event is written with its end, unchanged.
    WorkflowTaskStarted(stored::WorkflowTaskStarted),
    /// A heartbeat without new details.
    ActivityAlive {
        /// Which activity.
        scheduled_event_id: i64,
        /// When.
        time: model::Timestamp,
    },
    /// The backoff before an activity's attempt is over.
    ActivityDue {
        /// Which activity.
        scheduled_event_id: i64,
        /// Which attempt.
        attempt: i32,
    },
    /// The owner of the task queue took the workflow task; it need not be offered again.
    WorkflowTaskOffered {
        /// Which.
        scheduled_event_id: i64,
        /// Which attempt.
        attempt: i32,
    },
    /// First wake after a recovery: deadlines that only a worker can meet start afresh.
    Recovered {
        /// When.
        time: model::Timestamp,
    },
}

impl Record {
    /// The event, where it is one.
    pub fn event(&self) -> Option<&HistoryEvent> {
        match &self.fact {
            Fact::Logged(stored::Entry { kind: Some(stored::entry::Kind::Event(event)) }) => Some(event),
            _ => None,
        }
    }

    /// The stored entry, where it is stored.
    pub fn logged(&self) -> Option<&stored::Entry> {
        match &self.fact {
            Fact::Logged(entry) => Some(entry),
            Fact::Volatile(_) => None,
        }
    }
}
