//! Everything that landed in the store, folded by the engine as it came: the truth that services, clients and rows are held to.

use std::collections::{BTreeMap, BTreeSet};

use history_engine::{Chain, Fact, Record, Task};
use model::{ChainKey, RunId, RunKey, Timestamp};
use persistence::{Batch, LaneState, SnapshotChange, TurnRow, codec};
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::enums::v1::EventType;
use proto::temporal::api::history::v1::{HistoryEvent, history_event::Attributes as A};
use stored::entry::Kind as E;
use stored::mark::Kind as M;

use crate::coverage::Coverage;
use crate::invariants::{self, Violation};

/// One run as the log has it.
#[derive(Debug)]
pub(crate) struct RunLog {
    pub(crate) key: RunKey,
    /// A chain of this run alone, to which every logged record was applied.
    pub(crate) shadow: Chain,
    pub(crate) events: Vec<HistoryEvent>,
    /// Events that were ever buffered and not taken back.
    pub(crate) buffered: Vec<HistoryEvent>,
    pub(crate) marks: Vec<M>,
    /// The number of the newest row.
    pub(crate) turn: u64,
    pub(crate) status: i32,
    pub(crate) wake_at: Timestamp,
    /// Everything that a fold said became owed, less what is not owed any more.
    pub(crate) owed: BTreeSet<Task>,
    /// Its rows are gone.
    pub(crate) deleted: bool,
    /// How many runs landed before it.
    pub(crate) number: usize,
}

impl RunLog {
    fn new(key: &RunKey, status: i32, wake_at: Timestamp, number: usize) -> Self {
        Self {
            key: key.clone(),
            shadow: Chain::empty(key.chain.clone()),
            events: Vec::new(),
            buffered: Vec::new(),
            marks: Vec::new(),
            turn: 0,
            status,
            wake_at,
            owed: BTreeSet::new(),
            deleted: false,
            number,
        }
    }

    /// The state that all logged records fold to.
    pub(crate) fn run(&self) -> Option<&history_engine::Run> {
        self.shadow.run(self.key.run)
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.deleted && self.run().is_some_and(history_engine::Run::is_open)
    }

    pub(crate) fn started(&self) -> Option<&proto::temporal::api::history::v1::WorkflowExecutionStartedEventAttributes> {
        match self.events.first()?.attributes.as_ref()? {
            A::WorkflowExecutionStartedEventAttributes(of) => Some(of),
            _ => None,
        }
    }

    /// Every request id that the run remembers having seen, from its marks and its creation.
    pub(crate) fn has_request(&self, id: &str) -> bool {
        self.marks.iter().any(|mark| match mark {
            M::RequestSeen(of) => of.request_id == id,
            M::RunCreated(of) => of.create_request_id == id || of.inherited_requests.iter().any(|seen| seen.request_id == id),
            _ => false,
        }) || self.run().is_some_and(|run| run.requests().any(|seen| seen.request_id == id))
    }

    fn append(&mut self, row: &TurnRow, entries: &[stored::Entry]) -> Vec<Violation> {
        let mut violations = Vec::new();
        for entry in entries {
            match &entry.kind {
                Some(E::Event(event)) => self.events.push(event.clone()),
                Some(E::Mark(stored::Mark { kind: Some(mark) })) => {
                    match mark {
                        M::EventBuffered(of) => self.buffered.extend(of.event.as_deref().cloned()),
                        M::BufferedEventRemoved(of) => self.buffered.retain(|event| !fires(event, &of.timer_id)),
                        _ => {}
                    }
                    self.marks.push(mark.clone());
                }
                _ => {}
            }
            let record = Record { run: self.key.run, fact: Fact::Logged(entry.clone()) };
            self.owed.extend(self.shadow.evolve(&record));
        }
        self.turn = row.turn;
        if let Some(detail) = invariants::tasks_follow_from_state(self) {
            violations.push(Violation::new("tasks_follow_from_state", &self.key, detail));
        }
        self.owed = self.run().map(history_engine::Run::tasks).unwrap_or_default().into_iter().collect();
        violations
    }
}

fn fires(event: &HistoryEvent, timer: &str) -> bool {
    matches!(&event.attributes, Some(A::TimerFiredEventAttributes(of)) if of.timer_id == timer)
}

/// All runs.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) runs: BTreeMap<RunKey, RunLog>,
    pub(crate) coverage: Coverage,
    pub(crate) violations: Vec<Violation>,
    pub(crate) turns: u64,
    pub(crate) batches: u64,
    /// The newest epoch of each lane that wrote, and lanes in the order of their first batch.
    pub(crate) lanes: Vec<model::LaneId>,
    /// FNV over everything that landed.
    pub(crate) hash: u64,
    /// A life so long that nothing is asked which looks at all runs of a chain.
    pub(crate) lenient: bool,
}

impl Log {
    /// A batch has landed.
    pub(crate) fn landed(&mut self, now: Timestamp, at: &LaneState, batch: &Batch, lost: &[RunKey]) {
        self.batches += 1;
        self.trace(now, at, batch);
        if let Some(detail) = invariants::only_the_newest_owner_writes(&mut self.lanes, at.lane, batch) {
            self.violations.push(Violation { invariant: "only_the_newest_owner_writes", detail });
        }
        for key in &batch.deletes {
            self.coverage.count("deletes");
            if let Some(run) = self.runs.get_mut(key) {
                run.deleted = true;
            }
        }
        let snapshots: BTreeMap<&RunKey, (u64, &[u8])> = batch
            .changes
            .iter()
            .filter_map(|change| match &change.snapshot {
                SnapshotChange::Replace { state, turn } => Some((&change.key, (*turn, state.as_ref()))),
                SnapshotChange::Keep => None,
            })
            .collect();
        for change in &batch.changes {
            if let Some(run) = self.runs.get_mut(&change.key) {
                (run.status, run.wake_at) = (change.status, change.wake_at);
            }
        }
        for new in batch.starts.iter().filter(|start| !lost.contains(&start.key)).chain(&batch.new_runs) {
            let run = RunLog::new(&new.key, new.status, new.wake_at, self.runs.len());
            self.runs.insert(new.key.clone(), run);
        }
        self.snapshots(&snapshots);
        for row in batch.turns.iter().filter(|row| !lost.contains(&row.key)) {
            self.turn(row);
            self.snapshots(&snapshots);
        }
        let mut touched: BTreeSet<&RunKey> = batch.turns.iter().map(|row| &row.key).collect();
        touched.extend(batch.changes.iter().map(|change| &change.key));
        for key in touched.into_iter().filter(|key| !lost.contains(key)) {
            self.after_batch(now, key);
        }
    }

    /// The store itself says that a batch contradicts what it has: nobody sends such a batch.
    pub(crate) fn refused(&mut self, batch: &Batch, error: &persistence::Error) {
        let of: Vec<String> = batch.turns.iter().map(|row| format!("{} turn {}", row.key, row.turn)).collect();
        let detail = format!("{error}: {}", of.join(", "));
        self.violations.push(Violation { invariant: "batches_fit_the_store", detail });
    }

    fn turn(&mut self, row: &TurnRow) {
        self.turns += 1;
        let turn = match codec::decode_turn(&row.data) {
            Ok(turn) => turn,
            Err(error) => {
                self.violations.push(Violation::new("what_is_stored_can_be_read", &row.key, error.to_string()));
                return;
            }
        };
        let Some(run) = self.runs.get_mut(&row.key) else { return };
        let before = (run.turn, run.events.len());
        let violations = run.append(row, &turn.entries);
        self.violations.extend(violations);
        for entry in &turn.entries {
            match &entry.kind {
                Some(E::Event(event)) => self.coverage.event(event.event_type()),
                Some(E::Mark(stored::Mark { kind: Some(mark) })) => self.coverage.mark(mark),
                _ => {}
            }
        }
        let Some(run) = self.runs.get(&row.key) else { return };
        let landed = invariants::Landed { log: self, run, row, entries: &turn.entries, turn: before.0, first: before.1 };
        let found = invariants::of_a_turn(&landed);
        self.violations.extend(found);
    }

    fn snapshots(&mut self, snapshots: &BTreeMap<&RunKey, (u64, &[u8])>) {
        for (key, (turn, state)) in snapshots {
            let Some(run) = self.runs.get(key).filter(|run| run.turn == *turn) else { continue };
            self.coverage.count("snapshots");
            if let Some(detail) = invariants::fold_equals_recovered_state(run, state) {
                self.violations.push(Violation::new("fold_equals_recovered_state", key, detail));
            }
        }
    }

    fn after_batch(&mut self, now: Timestamp, key: &RunKey) {
        let Some(run) = self.runs.get(key).filter(|run| !run.deleted) else { return };
        let found = invariants::of_a_batch(self, run, now);
        self.violations.extend(found);
    }

    fn trace(&mut self, now: Timestamp, at: &LaneState, batch: &Batch) {
        let mut hash = crate::rng::hash(self.hash, &now.as_nanos().to_be_bytes());
        hash = crate::rng::hash(hash, &at.seq.to_be_bytes());
        for row in &batch.turns {
            hash = crate::rng::hash(hash, row.key.run.as_bytes());
            hash = crate::rng::hash(hash, &row.data);
        }
        for change in &batch.changes {
            hash = crate::rng::hash(hash, &change.wake_at.as_nanos().to_be_bytes());
        }
        self.hash = hash;
    }

    /// The runs of a chain, in the order in which they were created (run ids do not say).
    pub(crate) fn chain<'a>(&'a self, chain: &'a ChainKey) -> impl Iterator<Item = &'a RunLog> {
        self.runs.values().filter(move |run| run.key.chain == *chain)
    }

    pub(crate) fn run(&self, chain: &ChainKey, run: RunId) -> Option<&RunLog> {
        self.runs.get(&RunKey { chain: chain.clone(), run })
    }

    pub(crate) fn open(&self) -> Vec<&RunLog> {
        self.runs.values().filter(|run| run.is_open()).collect()
    }
}

/// Whether nothing may follow this event.
pub(crate) fn is_terminal(event: &HistoryEvent) -> bool {
    matches!(
        event.event_type(),
        EventType::WorkflowExecutionCompleted
            | EventType::WorkflowExecutionFailed
            | EventType::WorkflowExecutionTimedOut
            | EventType::WorkflowExecutionCanceled
            | EventType::WorkflowExecutionTerminated
            | EventType::WorkflowExecutionContinuedAsNew
    )
}
