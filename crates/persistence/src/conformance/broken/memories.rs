//! What a broken store remembers of its past in order to be wrong.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::{ChainKey, LaneId, MemberId, RunId, RunKey};

use super::BrokenStore;
use crate::Error;
use crate::record::{BacklogKey, Batch, LaneState, TurnRow};

/// Everything that was written, in part after it was removed.
#[derive(Default)]
pub(super) struct Memories {
    pub(super) turns: Vec<TurnRow>,
    pub(super) chains: HashMap<RunId, ChainKey>,
    pub(super) first_runs: HashMap<ChainKey, RunId>,
    pub(super) owners: HashMap<LaneId, MemberId>,
    pub(super) lanes: Vec<LaneId>,
    pub(super) batches: Vec<(LaneState, Batch)>,
    pub(super) names: HashSet<String>,
    pub(super) queues: BTreeSet<BacklogKey>,
    pub(super) spilled: u64,
}

impl Memories {
    /// Notes a batch that landed.
    pub(super) fn note(&mut self, at: &LaneState, batch: &Batch) {
        for run in batch.starts.iter().chain(&batch.new_runs) {
            self.chains.insert(run.key.run, run.key.chain.clone());
            self.first_runs.entry(run.key.chain.clone()).or_insert(run.key.run);
        }
        self.turns.extend(batch.turns.iter().cloned());
        self.batches.push((*at, batch.clone()));
    }

    /// All turns that a run ever had.
    pub(super) fn turns_of(&self, key: &RunKey) -> Vec<TurnRow> {
        self.turns.iter().filter(|row| row.key == *key).cloned().collect()
    }
}

impl BrokenStore {
    /// Writes the past anew, but for its last batch.
    pub(super) async fn replay_all_but_the_last(&self) -> Result<(), Error> {
        let mut batches = std::mem::take(&mut self.seen.lock().batches);
        batches.pop();
        let lanes = self.inner().lanes;
        for (at, batch) in &batches {
            if at.seq == 0 {
                lanes.acquire(at.lane, None, at.owner).await?;
            }
            lanes.commit(at, batch).await;
        }
        self.seen.lock().batches = batches;
        Ok(())
    }
}
