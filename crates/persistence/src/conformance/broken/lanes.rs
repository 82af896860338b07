//! Flaws of the fence, and of what is read behind it.

use async_trait::async_trait;
use model::{ChainKey, Epoch, LaneId, MemberId, RunId, SlotRange, Timestamp};

use super::*;
use crate::conformance::fences::pause;
use crate::memory::VisibilitySink;
use crate::record::{Batch, HistoryRange, LaneState, LoadedChain, Outcome, TurnRow, WakeRow};
use crate::stores::{History, LaneStore};

impl BrokenStore {
    /// Where this store believes that the lane stands.
    async fn believed(&self, at: &LaneState) -> Result<LaneState, Error> {
        let lanes = self.inner().lanes;
        let stored = lanes.lane(at.lane).await?;
        Ok(match (self.flaw, stored) {
            (SeqIgnored, Some(row)) if row.epoch == at.epoch => row,
            (EpochIgnored, Some(row)) if row.seq == at.seq => row,
            (LaneMadeUp, None) => lanes.acquire(at.lane, None, at.owner).await?,
            (OneLaneForAll, _) => {
                let first = self.seen.lock().lanes.first().copied();
                LaneState { lane: first.unwrap_or(at.lane), ..*at }
            }
            (FenceCheckedEarly, Some(row)) if row.epoch == at.epoch && row.seq == at.seq => {
                pause(2).await;
                lanes.lane(at.lane).await?.unwrap_or(*at)
            }
            _ => *at,
        })
    }

    /// What becomes of an outcome.
    async fn aftermath(&self, at: &LaneState, batch: &Batch, outcome: Outcome) -> Outcome {
        let lanes = self.inner().lanes;
        match (self.flaw, outcome) {
            (TornBatch, Outcome::Failed(error)) => {
                lanes.commit(at, &Batch { changes: Vec::new(), ..batch.clone() }).await;
                Outcome::Failed(error)
            }
            (FailureRaisesSeq, Outcome::Failed(error)) => {
                lanes.commit(at, &Batch::default()).await;
                Outcome::Failed(error)
            }
            (LostStartUnnamed, Outcome::Landed { .. }) => Outcome::Landed { lost_starts: Vec::new() },
            (LostStartShown, Outcome::Landed { lost_starts }) => {
                self.shown.apply(&batch.visibility, &[]);
                Outcome::Landed { lost_starts }
            }
            (_, outcome) => outcome,
        }
    }

    async fn try_commit(&self, at: &LaneState, batch: &Batch) -> Result<Outcome, Error> {
        if self.flaw == EmptyBatchSkipped && batch.is_empty() {
            return Ok(Outcome::Landed { lost_starts: Vec::new() });
        }
        let at = self.believed(at).await?;
        let batch = self.spoil(&at, batch).await?;
        if self.flaw == ShownEarly {
            self.shown.apply(&batch.visibility, &[]);
        }
        let outcome = self.inner().lanes.commit(&at, &batch).await;
        if matches!(outcome, Outcome::Landed { .. }) {
            self.seen.lock().note(&at, &batch);
        }
        Ok(self.aftermath(&at, &batch, outcome).await)
    }
}

#[async_trait]
impl LaneStore for BrokenStore {
    async fn acquire(&self, lane: LaneId, from: Option<Epoch>, me: MemberId) -> Result<LaneState, Error> {
        let lanes = self.inner().lanes;
        let stored = lanes.lane(lane).await?.map(|row| row.epoch);
        let from = match self.flaw {
            SecondCreation if from.is_none() => stored,
            AcquireIgnoresEpoch if from.is_some() => stored,
            _ => from,
        };
        let mut row = lanes.acquire(lane, from, me).await?;
        let mut seen = self.seen.lock();
        seen.lanes.push(lane);
        let first = *seen.owners.entry(lane).or_insert(me);
        match self.flaw {
            OwnerForgotten => row.owner = first,
            AcquireResetsSeq => row.seq = 0,
            AcquireRaisesSeq if from.is_some() => row.seq += 1,
            _ => {}
        }
        Ok(row)
    }

    async fn lane(&self, lane: LaneId) -> Result<Option<LaneState>, Error> {
        let row = self.inner().lanes.lane(lane).await?;
        Ok(row.map(|row| if self.flaw == SeqStays { LaneState { seq: 0, ..row } } else { row }))
    }

    async fn commit(&self, at: &LaneState, batch: &Batch) -> Outcome {
        self.try_commit(at, batch).await.unwrap_or_else(Outcome::Failed)
    }

    async fn load(&self, chain: &ChainKey, run: Option<RunId>) -> Result<LoadedChain, Error> {
        let mut chain = self.filed(chain);
        let first = self.seen.lock().first_runs.get(&chain).copied();
        let run = match self.flaw {
            LoadIgnoresRun => None,
            FirstRunStays => run.or(first),
            _ => run,
        };
        if let (RunOfAnyChain, Some(run)) = (self.flaw, run) {
            chain = self.seen.lock().chains.get(&run).cloned().unwrap_or(chain);
        }
        let mut loaded = self.inner().lanes.load(&chain, run).await?;
        if self.flaw == FirstRunStays {
            loaded.current = loaded.current.and(first);
        }
        for run in &mut loaded.runs {
            match self.flaw {
                EveryRunCurrent => run.row.current = true,
                TurnsReversed => run.turns.reverse(),
                AllTurnsLoaded => run.turns = self.seen.lock().turns_of(&run.row.key),
                _ => {}
            }
        }
        Ok(loaded)
    }

    async fn scan_wake(
        &self,
        slots: SlotRange,
        until: Timestamp,
        after: Option<&WakeRow>,
        limit: usize,
    ) -> Result<Vec<WakeRow>, Error> {
        let slots = if self.flaw == WakeIgnoresSlots { SlotRange::ALL } else { slots };
        let until = if self.flaw == WakeIgnoresUntil { Timestamp::MAX } else { until };
        let mut rows = self.inner().lanes.scan_wake(slots, until, after, limit).await?;
        match (self.flaw, after) {
            (WakeReversed, _) => rows.reverse(),
            (WakeSkipsTies, Some(after)) => rows.retain(|row| row.wake_at > after.wake_at),
            (WakeOpenOnly, _) => rows.retain(|row| row.status == 1),
            _ => {}
        }
        Ok(rows)
    }
}

#[async_trait]
impl History for BrokenStore {
    async fn read(&self, range: &HistoryRange) -> Result<Vec<TurnRow>, Error> {
        let mut asked = range.clone();
        let past = |wanted: &dyn Fn(&TurnRow) -> bool| {
            let rows = self.seen.lock().turns_of(&range.key);
            rows.into_iter().filter(|row| wanted(row)).collect::<Vec<_>>()
        };
        match self.flaw {
            DeletedLogStays => return Ok(past(&|row| row.branch == range.branch && row.first_event_id > 0)),
            BranchesMixed => return Ok(past(&|row| row.first_event_id > 0)),
            MarksShown => return Ok(past(&|row| row.branch == range.branch)),
            HistoryForwardOnly => asked.reverse = false,
            HistoryFromStart => asked.from_event = 1,
            HistoryUnlimited => (asked.max_rows, asked.max_bytes) = (usize::MAX, usize::MAX),
            _ => {}
        }
        let mut rows = self.inner().history.read(&asked).await?;
        if self.flaw == HistoryInsideOnly {
            rows.retain(|row| row.first_event_id >= range.from_event && row.last_event_id < range.to_event);
        }
        Ok(rows)
    }
}
