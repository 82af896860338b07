//! Who polled a queue lately: for DescribeTaskQueue, and to know whether anybody is there.

use std::collections::BTreeMap;
use std::time::Duration;

use model::Timestamp;
use proto::temporal::api::deployment::v1::WorkerDeploymentOptions;

/// One poller, by its identity.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PollerNote {
    /// Its last poll.
    pub(crate) last: Timestamp,
    /// The limit it asked for.
    pub(crate) rate: f64,
    /// The deployment it says it belongs to.
    pub(crate) deployment: Option<WorkerDeploymentOptions>,
}

/// The pollers of one queue, bounded in number and age.
#[derive(Debug, Default)]
pub(crate) struct PollerNotes {
    notes: BTreeMap<String, PollerNote>,
    last: Option<Timestamp>,
}

impl PollerNotes {
    /// Notes a poll.
    pub(crate) fn note(&mut self, identity: &str, note: PollerNote, capacity: usize) {
        self.last = self.last.max(Some(note.last));
        if self.notes.len() >= capacity && !self.notes.contains_key(identity) {
            let oldest = self.notes.iter().min_by_key(|(_, note)| note.last).map(|(id, _)| id.clone());
            oldest.map(|id| self.notes.remove(&id));
        }
        self.notes.insert(identity.to_owned(), note);
    }

    /// Whether anybody polled within `age`.
    pub(crate) fn seen_within(&self, age: Duration, now: Timestamp) -> bool {
        self.last.is_some_and(|last| now.since(last) <= age)
    }

    /// Pollers of the last `age`, by identity.
    pub(crate) fn recent(&mut self, age: Duration, now: Timestamp) -> impl Iterator<Item = (&String, &PollerNote)> {
        self.notes.retain(|_, note| now.since(note.last) <= age);
        self.notes.iter()
    }
}
