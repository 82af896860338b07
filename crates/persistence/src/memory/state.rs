//! All rows, and how one batch changes them.
//!
//! [`State::apply`] first checks everything that could refuse the batch, then writes: nothing can fail in between.

use std::collections::BTreeMap;

use bytes::Bytes;
use foldhash::{HashMap, HashSet, HashSetExt};
use model::{ChainKey, LaneId, MemberId, NamespaceId, RunId, RunKey, ShardId, SlotId, Timestamp};

use super::backlog::Queue;
use super::log::Log;
use super::wake::WakeIndex;
use crate::Error;
use crate::record::{
    BacklogKey, Batch, ClusterRow, LaneState, MemberRow, NamespaceRow, NewRun, RunChange, RunRow, ShardRow, SnapshotChange,
};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) lanes: HashMap<LaneId, LaneState>,
    pub(super) runs: HashMap<RunKey, Run>,
    pub(super) current: HashMap<ChainKey, RunId>,
    pub(super) wake: WakeIndex,
    pub(super) shards: BTreeMap<ShardId, ShardRow>,
    pub(super) cluster: Option<ClusterRow>,
    pub(super) members: BTreeMap<MemberId, MemberRow>,
    pub(super) namespaces: BTreeMap<NamespaceId, NamespaceRow>,
    pub(super) namespace_names: BTreeMap<String, NamespaceId>,
    pub(super) backlog: BTreeMap<BacklogKey, Queue>,
}

/// A run row with its log.
#[derive(Debug)]
pub(super) struct Run {
    slot: SlotId,
    status: i32,
    wake_at: Timestamp,
    snapshot: Option<Bytes>,
    pub(super) snapshot_turn: u64,
    pub(super) log: Log,
}

impl State {
    /// A run's row as it is read.
    pub(super) fn row(&self, key: &RunKey, run: &Run) -> RunRow {
        RunRow {
            key: key.clone(),
            current: self.current.get(&key.chain) == Some(&key.run),
            status: run.status,
            wake_at: run.wake_at,
            snapshot: run.snapshot.clone(),
            snapshot_turn: run.snapshot_turn,
        }
    }

    /// Writes a batch of this lane, whole or not at all; returns the starts that lost.
    pub(super) fn apply(&mut self, lane: LaneId, batch: &Batch) -> Result<Vec<RunKey>, Error> {
        let lost = self.check(lane, batch)?;
        for key in &batch.deletes {
            self.delete(key);
        }
        for (key, up_to) in &batch.prunes {
            if let Some(run) = self.runs.get_mut(key) {
                run.log.prune(*up_to);
            }
        }
        for change in &batch.changes {
            self.change(change);
        }
        let won = batch.starts.iter().filter(|start| !lost.contains(&start.key));
        for run in won.chain(&batch.new_runs) {
            self.insert(run);
        }
        for row in batch.turns.iter().filter(|row| !lost.contains(&row.key)) {
            if let Some(run) = self.runs.get_mut(&row.key) {
                run.log.append(row);
            }
        }
        for shard in &batch.shards {
            self.shards.insert(shard.shard, *shard);
        }
        Ok(batch.starts.iter().map(|start| start.key.clone()).filter(|key| lost.contains(key)).collect())
    }

    /// Everything that could refuse the batch; returns the starts that lose.
    fn check(&self, lane: LaneId, batch: &Batch) -> Result<HashSet<RunKey>, Error> {
        let deleted: HashSet<&RunKey> = batch.deletes.iter().collect();
        let lost = self.lost_starts(batch, &deleted);
        let existing = |key: &RunKey| if deleted.contains(key) { None } else { self.runs.get(key) };
        if batch.changes.iter().any(|change| existing(&change.key).is_none()) {
            return Err(Error::Conflict("a run to change"));
        }
        let mut fresh = HashSet::with_capacity(batch.starts.len() + batch.new_runs.len());
        for run in batch.starts.iter().filter(|start| !lost.contains(&start.key)).chain(&batch.new_runs) {
            if existing(&run.key).is_some() || !fresh.insert(&run.key) {
                return Err(Error::Conflict("a run to insert"));
            }
        }
        let pruned: HashMap<&RunKey, u64> = batch.prunes.iter().map(|(key, up_to)| (key, *up_to)).collect();
        let mut written = HashSet::with_capacity(batch.turns.len());
        for row in batch.turns.iter().filter(|row| !lost.contains(&row.key)) {
            let taken = match existing(&row.key) {
                Some(run) => run.log.contains(row.branch, row.turn) && pruned.get(&row.key).is_none_or(|up_to| row.turn > *up_to),
                None if fresh.contains(&row.key) => false,
                None => return Err(Error::Conflict("the run of a turn")),
            };
            if taken || !written.insert((&row.key, row.branch, row.turn)) {
                return Err(Error::Conflict("a turn"));
            }
        }
        let foreign = |shard: &ShardRow| {
            self.shards
                .get(&shard.shard)
                .is_some_and(|stored| stored.lane != lane || stored.version.checked_add(1) != Some(shard.version))
        };
        if batch.shards.iter().any(foreign) {
            return Err(Error::Fenced("a shard"));
        }
        Ok(lost)
    }

    /// The starts whose chain has a current run once deletes and changes are done.
    fn lost_starts(&self, batch: &Batch, deleted: &HashSet<&RunKey>) -> HashSet<RunKey> {
        if batch.starts.is_empty() {
            return HashSet::new();
        }
        let changed: HashMap<&RunKey, bool> = batch.changes.iter().map(|change| (&change.key, change.current)).collect();
        let mut taken: HashSet<&ChainKey> =
            batch.changes.iter().filter(|change| change.current).map(|change| &change.key.chain).collect();
        let mut lost = HashSet::new();
        for start in &batch.starts {
            let stays = self.current.get(&start.key.chain).is_some_and(|run| {
                let key = RunKey { chain: start.key.chain.clone(), run: *run };
                !deleted.contains(&key) && changed.get(&key).copied().unwrap_or(true)
            });
            if stays || !taken.insert(&start.key.chain) {
                lost.insert(start.key.clone());
            }
        }
        lost
    }

    fn delete(&mut self, key: &RunKey) {
        let Some(run) = self.runs.remove(key) else { return };
        self.wake.remove(run.slot, run.wake_at, key);
        if self.current.get(&key.chain) == Some(&key.run) {
            self.current.remove(&key.chain);
        }
    }

    fn change(&mut self, change: &RunChange) {
        let Some(run) = self.runs.get_mut(&change.key) else { return };
        self.wake.remove(run.slot, run.wake_at, &change.key);
        self.wake.insert(run.slot, change.wake_at, change.key.clone(), change.status);
        run.status = change.status;
        run.wake_at = change.wake_at;
        if let SnapshotChange::Replace { state, turn } = &change.snapshot {
            run.snapshot = Some(state.clone());
            run.snapshot_turn = *turn;
        }
        let current = self.current.get(&change.key.chain) == Some(&change.key.run);
        if change.current {
            if !current {
                self.current.insert(change.key.chain.clone(), change.key.run);
            }
        } else if current {
            self.current.remove(&change.key.chain);
        }
    }

    fn insert(&mut self, new: &NewRun) {
        let slot = new.key.chain.slot();
        self.wake.insert(slot, new.wake_at, new.key.clone(), new.status);
        self.current.insert(new.key.chain.clone(), new.key.run);
        let run = Run { slot, status: new.status, wake_at: new.wake_at, snapshot: None, snapshot_turn: 0, log: Log::default() };
        self.runs.insert(new.key.clone(), run);
    }
}
