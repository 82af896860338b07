//! Flaws in what a batch writes: the batch is changed before the right store gets it.

use model::{ChainKey, ChainKind, RunKey, Timestamp, WorkflowId};

use super::*;
use crate::record::{Batch, LaneState, RunChange, SnapshotChange};

impl BrokenStore {
    /// The chain under which this store files a chain.
    pub(super) fn filed(&self, chain: &ChainKey) -> ChainKey {
        let id = chain.id.as_str();
        let wrong = match self.flaw {
            IdsFolded => id.to_lowercase(),
            IdsTrimmed => id.trim().to_owned(),
            IdsCut => id.get(..id.floor_char_boundary(255)).unwrap_or(id).to_owned(),
            _ => id.to_owned(),
        };
        let kind = if self.flaw == KindsMixed { ChainKind::Workflow } else { chain.kind };
        ChainKey { namespace: chain.namespace, kind, id: WorkflowId::parse(&wrong).unwrap_or_else(|_| chain.id.clone()) }
    }

    /// What is written instead of the batch.
    pub(super) async fn spoil(&self, at: &LaneState, batch: &Batch) -> Result<Batch, Error> {
        let mut batch = self.refiled(batch);
        match self.flaw {
            LargeBatchCut => batch.turns.truncate(1_000),
            ValuesCut => batch.turns.iter_mut().for_each(|row| row.data.truncate(1 << 20)),
            TimesRounded => batch.starts.iter_mut().for_each(|run| run.wake_at = Timestamp::from_millis(run.wake_at.as_millis())),
            StartDropped => {
                let dropped = std::mem::take(&mut batch.starts);
                batch.turns.retain(|row| dropped.iter().all(|run| run.key != row.key));
            }
            NewRunsReversed => batch.new_runs.reverse(),
            PruneSkipped => batch.prunes.clear(),
            PruneGoesOn => batch.prunes.iter_mut().for_each(|(_, up_to)| *up_to = u64::MAX),
            WakeStays => batch.changes.iter_mut().for_each(|change| change.wake_at = Timestamp::EPOCH),
            ShardsStay => batch.shards.clear(),
            DeletesLast if !batch.starts.is_empty() => {
                batch.deletes.clear();
                batch.changes.clear();
            }
            KeptSnapshotEmptied => batch.changes.iter_mut().for_each(|change| {
                if change.snapshot == SnapshotChange::Keep {
                    change.snapshot = SnapshotChange::Replace { state: Default::default(), turn: 0 };
                }
            }),
            _ => self.spoil_by_reading(at, &mut batch).await?,
        }
        Ok(batch)
    }

    fn refiled(&self, batch: &Batch) -> Batch {
        let mut batch = batch.clone();
        let runs = batch.starts.iter_mut().chain(&mut batch.new_runs).map(|run| &mut run.key);
        let changes = batch.changes.iter_mut().map(|change| &mut change.key);
        let turns = batch.turns.iter_mut().map(|row| &mut row.key);
        for key in runs.chain(changes).chain(turns).chain(&mut batch.deletes) {
            key.chain = self.filed(&key.chain);
        }
        batch
    }

    /// Flaws that depend on what is stored.
    async fn spoil_by_reading(&self, at: &LaneState, batch: &mut Batch) -> Result<(), Error> {
        match self.flaw {
            ClosedRunFrees | LostStartSpoils | EveryStartWins => self.spoil_starts(batch).await?,
            FlagStays | MissingRunSkipped | FirstSnapshotStays => self.spoil_changes(batch).await?,
            RepeatedRunSkipped => {
                let mut kept = Vec::new();
                for run in std::mem::take(&mut batch.new_runs) {
                    if !self.exists(&run.key).await? {
                        kept.push(run);
                    }
                }
                batch.new_runs = kept;
            }
            RepeatedTurnSkipped => {
                let seen = self.seen.lock();
                batch.turns.retain(|row| seen.turns.iter().all(|old| (&old.key, old.turn) != (&row.key, row.turn)));
            }
            OrphanTurnSkipped => {
                let mut kept = Vec::new();
                for row in std::mem::take(&mut batch.turns) {
                    if self.exists(&row.key).await? || batch.starts.iter().any(|run| run.key == row.key) {
                        kept.push(row);
                    }
                }
                batch.turns = kept;
            }
            DeleteTakesChain => {
                for key in batch.deletes.clone() {
                    let current = self.inner().lanes.load(&key.chain, None).await?.current;
                    let current = current.map(|run| RunKey { chain: key.chain.clone(), run });
                    batch.deletes.extend(current.filter(|current| *current != key));
                }
            }
            StaleShardWins => {
                let stored = self.inner().cluster.shards().await?;
                for shard in &mut batch.shards {
                    let old = stored.iter().find(|old| old.shard == shard.shard);
                    shard.version = old.map_or(shard.version, |old| old.version + 1);
                }
            }
            ForeignShardSkipped => {
                let stored = self.inner().cluster.shards().await?;
                batch.shards.retain(|shard| stored.iter().all(|old| old.shard != shard.shard || old.lane == at.lane));
            }
            _ => {}
        }
        Ok(())
    }

    async fn spoil_starts(&self, batch: &mut Batch) -> Result<(), Error> {
        let starts = batch.starts.clone();
        for (at, start) in starts.iter().enumerate() {
            let taken = self.inner().lanes.load(&start.key.chain, None).await?.runs.into_iter().next();
            match (self.flaw, taken) {
                (ClosedRunFrees, Some(run)) if run.row.status != 1 => batch.changes.push(RunChange {
                    key: run.row.key,
                    current: false,
                    status: run.row.status,
                    wake_at: run.row.wake_at,
                    snapshot: SnapshotChange::Keep,
                }),
                (LostStartSpoils, Some(_)) => *batch = Batch { starts: vec![start.clone()], ..Batch::default() },
                (EveryStartWins, None) if starts.iter().take(at).any(|first| first.key.chain == start.key.chain) => {
                    batch.starts.retain(|run| run.key != start.key);
                    batch.new_runs.push(start.clone());
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn spoil_changes(&self, batch: &mut Batch) -> Result<(), Error> {
        let mut kept = Vec::new();
        for mut change in std::mem::take(&mut batch.changes) {
            let loaded = self.inner().lanes.load(&change.key.chain, Some(change.key.run)).await?;
            let row = loaded.runs.into_iter().next().map(|run| run.row);
            match self.flaw {
                FlagStays => change.current = loaded.current == Some(change.key.run),
                MissingRunSkipped if row.is_none() => continue,
                FirstSnapshotStays if row.is_some_and(|row| row.snapshot.is_some()) => change.snapshot = SnapshotChange::Keep,
                _ => {}
            }
            kept.push(change);
        }
        batch.changes = kept;
        Ok(())
    }

    async fn exists(&self, key: &RunKey) -> Result<bool, Error> {
        Ok(!self.inner().lanes.load(&key.chain, Some(key.run)).await?.runs.is_empty())
    }
}
