//! A chain: all runs of one business id, decided together.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{ChainKey, RunId, Timestamp};
use proto::aevum::persistence::v1 as stored;

use crate::record::{Fact, Record};
use crate::state::Run;
use crate::task::Task;

/// The runs of one business id that are in memory. The current run is always among them where one exists; older runs only
/// while they owe something or somebody asked for them.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    key: ChainKey,
    current: Option<RunId>,
    /// Shared with turns that are being decided: a turn copies only the run that it changes.
    runs: BTreeMap<RunId, Arc<Run>>,
}

/// A run as the store has it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StoredRun {
    /// The state at some turn, where a snapshot was written.
    pub snapshot: Option<stored::RunState>,
    /// The turns after it, in order.
    pub turns: Vec<stored::Turn>,
}

/// Stored bytes that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("stored run cannot be read: {0}; check the shard for consistency")]
pub struct Corrupt(pub String);

impl Chain {
    /// A chain without runs.
    pub const fn empty(key: ChainKey) -> Self {
        Self { key, current: None, runs: BTreeMap::new() }
    }

    /// Rebuilds a chain from what is stored: snapshot and fold.
    pub fn restore(key: ChainKey, current: Option<RunId>, runs: Vec<(RunId, StoredRun)>) -> Result<Self, Corrupt> {
        let mut chain = Self { key, current, runs: BTreeMap::new() };
        for (id, run) in runs {
            chain.insert(id, run)?;
        }
        match chain.current {
            Some(id) if !chain.runs.contains_key(&id) => Err(Corrupt(format!("current run {id} has no rows"))),
            _ => Ok(chain),
        }
    }

    /// Adds one more stored run (somebody asked for an older one).
    pub fn insert(&mut self, id: RunId, run: StoredRun) -> Result<(), Corrupt> {
        let run = Run::restore(run)?;
        if run.id() != id {
            return Err(Corrupt(format!("rows of run {id} say they are of {}", run.id())));
        }
        self.runs.insert(id, Arc::new(run));
        Ok(())
    }

    /// Says since when workers could reach whoever holds this chain; without it, that is since the first wake. A run that only
    /// left memory for a while keeps its deadlines so.
    pub fn in_reach_since(&mut self, time: Timestamp) {
        for run in self.runs.values_mut().filter(|run| run.is_just_recovered()) {
            Arc::make_mut(run).in_reach_since(time);
        }
    }

    /// Forgets a run that is not the current one (it owes nothing, nobody needs it).
    pub fn forget(&mut self, id: RunId) {
        if self.current != Some(id) {
            self.runs.remove(&id);
        }
    }

    /// The key.
    pub const fn key(&self) -> &ChainKey {
        &self.key
    }

    /// The current run's id: the newest, closed or not.
    pub const fn current_id(&self) -> Option<RunId> {
        self.current
    }

    /// The current run.
    pub fn current(&self) -> Option<&Run> {
        self.current.and_then(|id| self.run(id))
    }

    /// A run, if it is in memory.
    pub fn run(&self, id: RunId) -> Option<&Run> {
        self.runs.get(&id).map(Arc::as_ref)
    }

    /// All runs in memory.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.values().map(Arc::as_ref)
    }

    /// Makes a fact true; returns what became owed by it. The only way state changes.
    ///
    /// A fact that does not fit the state (which `decide` never makes, and bytes from a store might) changes nothing.
    pub fn evolve(&mut self, record: &Record) -> Vec<Task> {
        if let Fact::Logged(stored::Entry { kind: Some(stored::entry::Kind::Mark(mark)) }) = &record.fact
            && let Some(stored::mark::Kind::RunCreated(created)) = &mark.kind
        {
            let Some(run) = Run::create(created) else { return Vec::new() };
            self.current = Some(run.id());
            self.runs.insert(run.id(), Arc::new(run));
            return Vec::new();
        }
        if let Fact::Logged(stored::Entry { kind: Some(stored::entry::Kind::Mark(mark)) }) = &record.fact
            && matches!(mark.kind, Some(stored::mark::Kind::RunDeleted(_)))
        {
            self.runs.remove(&record.run);
            self.current = self.current.filter(|id| *id != record.run);
            return Vec::new();
        }
        self.runs.get_mut(&record.run).map(|run| Arc::make_mut(run).evolve(&record.fact)).unwrap_or_default()
    }

    /// Everything that is owed now.
    pub fn tasks(&self) -> Vec<Task> {
        self.runs().flat_map(Run::tasks).collect()
    }

    /// When something falls due next by itself.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.runs().filter_map(Run::next_wake).min()
    }

    /// This chain as it is after a crash: what is volatile is gone.
    pub fn recovered(mut self) -> Self {
        for run in self.runs.values_mut() {
            Arc::make_mut(run).forget_volatile();
        }
        self
    }
}
