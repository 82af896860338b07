//! A chain that is in memory, and what the shell knows about it beside the engine's state.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use history_engine::{Chain, Task};
use model::{BranchId, MemberId, RunId, Timestamp};
use rpc::services::matching::Offer;

use super::Reply;
use super::events::RecentEvents;
use crate::api::query::BufferedQuery;

/// A resident chain.
pub(crate) struct Resident {
    pub(crate) chain: Chain,
    /// The life of the cell's memory that this is.
    pub(crate) generation: u64,
    pub(crate) runs: BTreeMap<RunId, Box<RunMeta>>,
    /// The lane position of the newest logged record.
    pub(crate) last: u64,
    /// The newest position that is durable.
    pub(crate) durable: u64,
    /// Answers decided on state that is not durable yet.
    pub(crate) listeners: Vec<(u64, Reply)>,
    /// The wake-up that stands in the wheel.
    pub(crate) armed: Option<Timestamp>,
    /// The wake-up that was last handled: not again at once, where nothing came of it.
    pub(crate) woken: Option<Timestamp>,
    /// The time of the last turn or read.
    pub(crate) touched: Timestamp,
    /// Tasks in progress, and whether each became owed again meanwhile.
    pub(crate) dispatching: BTreeMap<Task, bool>,
    /// Runs whose rows are about to go: they are not read from the store any more.
    pub(crate) leaving: BTreeSet<RunId>,
    /// Tasks that matching has.
    pub(crate) offers: BTreeMap<Task, Box<Held>>,
    /// The size last reported to the cache.
    pub(crate) accounted: usize,
}

/// A task that matching took.
pub(crate) struct Held {
    pub(crate) offer: Offer,
    /// The incarnation that took it: its memory ends with it.
    pub(crate) by: MemberId,
    /// How long its word is good, and until when.
    pub(crate) trust: Duration,
    pub(crate) until: Timestamp,
}

/// What the shell knows about one run.
pub(crate) struct RunMeta {
    pub(crate) branch: BranchId,
    /// The number of the next row of the log.
    pub(crate) next_turn: u64,
    pub(crate) rows_since_snapshot: u32,
    pub(crate) bytes_since_snapshot: usize,
    /// Of the newest snapshot: what state points to weighs about as much.
    pub(crate) snapshot_bytes: usize,
    /// The end of the log, as it was written.
    pub(crate) recent: RecentEvents,
    /// `wake_at` in the store, once everything that waits in the lane has landed.
    pub(crate) stored_wake: Timestamp,
    /// The next event id of what is durable.
    pub(crate) durable_next_event: i64,
    /// The newest visibility version that is stored, or on its way in the lane.
    pub(crate) visible: i64,
    /// Whether the run waits for the visibility batcher.
    pub(crate) dirty: bool,
    /// Queries that wait for a workflow task.
    pub(crate) queries: Vec<BufferedQuery>,
}

impl RunMeta {
    /// A run of which nothing is stored yet.
    pub(crate) fn new(branch: BranchId) -> Self {
        Self {
            branch,
            next_turn: 1,
            rows_since_snapshot: 0,
            bytes_since_snapshot: 0,
            snapshot_bytes: 0,
            recent: RecentEvents::default(),
            stored_wake: Timestamp::EPOCH,
            durable_next_event: 1,
            visible: 0,
            dirty: false,
            queries: Vec::new(),
        }
    }
}

impl Resident {
    pub(crate) fn new(chain: Chain, generation: u64, now: Timestamp) -> Self {
        Self {
            chain,
            generation,
            runs: BTreeMap::new(),
            last: 0,
            durable: 0,
            listeners: Vec::new(),
            armed: None,
            woken: None,
            touched: now,
            dispatching: BTreeMap::new(),
            leaving: BTreeSet::new(),
            offers: BTreeMap::new(),
            accounted: 0,
        }
    }

    /// Whether everything that was decided is durable.
    pub(crate) const fn is_durable(&self) -> bool {
        self.last <= self.durable
    }

    /// Whether a task is still owed by the state.
    pub(crate) fn owes(&self, task: &Task) -> bool {
        self.chain.run(task.run()).is_some_and(|run| run.owes(task))
    }

    /// Bytes in memory, estimated: what a run's snapshot weighs, and what its log grew by since, stands for what its state points
    /// to; large rows are payloads, which stay whole. The constants are measured.
    pub(crate) fn estimate(&self) -> usize {
        const CHAIN: usize = 5 * 1024;
        const SMALL: usize = 64 * 1024;
        let since = |bytes: usize| bytes.min(SMALL) / 2 + bytes.saturating_sub(SMALL);
        let logs = self.runs.values().map(|run| {
            let recent = run.recent.bytes();
            recent + recent.max(run.snapshot_bytes) + since(run.bytes_since_snapshot)
        });
        CHAIN + self.chain.runs().map(history_engine::Run::memory).sum::<usize>() + logs.sum::<usize>()
    }
}
