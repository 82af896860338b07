//! Lanes in memory: the fence, and what stands behind it.

use async_trait::async_trait;
use model::{ChainKey, Epoch, LaneId, MemberId, RunId, RunKey, SlotRange, Timestamp};

use super::Memory;
use crate::Error;
use crate::record::{Batch, LaneState, LoadedChain, LoadedRun, Outcome, WakeRow};
use crate::stores::LaneStore;

#[async_trait]
impl LaneStore for Memory {
    async fn acquire(&self, lane: LaneId, from: Option<Epoch>, me: MemberId) -> Result<LaneState, Error> {
        let mut state = self.state.lock();
        match (state.lanes.get_mut(&lane), from) {
            (None, None) => {
                let row = LaneState { lane, owner: me, epoch: Epoch::new(1), seq: 0 };
                state.lanes.insert(lane, row);
                Ok(row)
            }
            (Some(_), None) => Err(Error::Conflict("the lane")),
            (Some(row), Some(from)) if row.epoch == from => {
                row.epoch = Epoch::new(from.get() + 1);
                row.owner = me;
                Ok(*row)
            }
            (_, Some(_)) => Err(Error::Fenced("the lane")),
        }
    }

    async fn lane(&self, lane: LaneId) -> Result<Option<LaneState>, Error> {
        Ok(self.state.lock().lanes.get(&lane).copied())
    }

    async fn commit(&self, at: &LaneState, batch: &Batch) -> Outcome {
        let mut state = self.state.lock();
        let mine = state.lanes.get(&at.lane).is_some_and(|row| row.epoch == at.epoch && row.seq == at.seq);
        if !mine {
            return Outcome::Fenced;
        }
        let lost_starts = match state.apply(at.lane, batch) {
            Ok(lost) => lost,
            Err(error) => return Outcome::Failed(error),
        };
        if let Some(row) = state.lanes.get_mut(&at.lane) {
            row.seq += 1;
        }
        self.show(batch, &lost_starts);
        Outcome::Landed { lost_starts }
    }

    async fn load(&self, chain: &ChainKey, run: Option<RunId>) -> Result<LoadedChain, Error> {
        let state = self.state.lock();
        let current = state.current.get(chain).copied();
        let Some(run) = run.or(current) else { return Ok(LoadedChain::default()) };
        let key = RunKey { chain: chain.clone(), run };
        let loaded = |run| LoadedRun { row: state.row(&key, run), turns: run.log.after(&key, run.snapshot_turn) };
        Ok(LoadedChain { current, runs: state.runs.get(&key).map(loaded).into_iter().collect() })
    }

    async fn scan_wake(
        &self,
        slots: SlotRange,
        until: Timestamp,
        after: Option<&WakeRow>,
        limit: usize,
    ) -> Result<Vec<WakeRow>, Error> {
        Ok(self.state.lock().wake.scan(slots, until, after, limit))
    }
}

impl Memory {
    /// Hands the searchable rows on, without those of lost starts. Called under the lock: lists see commits in order.
    fn show(&self, batch: &Batch, lost: &[RunKey]) {
        let Some(sink) = &self.visibility else { return };
        if batch.visibility.is_empty() && batch.visibility_deletes.is_empty() {
            return;
        }
        if lost.is_empty() {
            sink.apply(&batch.visibility, &batch.visibility_deletes);
            return;
        }
        let kept: Vec<_> = batch.visibility.iter().filter(|row| !lost.contains(&row.key())).cloned().collect();
        sink.apply(&kept, &batch.visibility_deletes);
    }
}
