//! Reading a chain: snapshot and fold.

use std::sync::Arc;

use history_engine::{Chain, StoredRun};
use model::{BranchId, ChainKey, RunId};
use persistence::{LoadedRun, codec};
use uuid::Uuid;

use super::park::Line;
use super::{BusyGuard, Cell, Resident, RunMeta};
use crate::error;
use crate::shell::Shell;

impl Shell {
    /// Loads the chain's current run, or one more run of it; whether there is one. The cell is busy for us; it is free afterwards,
    /// however this ends.
    pub(super) async fn load(
        self: &Arc<Self>,
        cell: &Arc<Cell>,
        run: Option<RunId>,
        guard: BusyGuard<'_>,
    ) -> Result<bool, rpc::Error> {
        self.idle.push(Line::Open, self.ports.clock.now(), cell, &mut cell.lock());
        let permit = self.loads.acquire().await.map_err(|_| error::stopping())?;
        let lanes = &self.ports.stores.lanes;
        let loaded = lanes.load(&cell.key, run).await.map_err(|error| error::unreadable(&error))?;
        drop(permit);
        let runs = loaded.runs.into_iter().map(|run| self.restore(run)).collect::<Result<Vec<_>, _>>();
        let runs = runs.map_err(|error| error::unreadable(&error))?;
        let found = !runs.is_empty();
        {
            let mut locked = cell.lock();
            let state = &mut *locked;
            if state.generation != guard.generation {
                return Err(error::not_stored());
            }
            let new = match run {
                None => fresh(self, guard.generation, &cell.key, loaded.current, runs).map(|mut resident| {
                    // Signs of life that only memory had are lost with it: deadlines count from then.
                    let lost = self.losses.last(&cell.key);
                    if let Some(since) =
                        self.in_reach_since(cell.key.slot()).map(|since| lost.map_or(since, |lost| since.max(lost)))
                    {
                        resident.chain.in_reach_since(since);
                    }
                    state.resident = Some(resident);
                }),
                // It is closed: nobody is waited for.
                Some(_) => match state.resident.as_mut() {
                    Some(resident) => add(resident, runs),
                    None => Err(error::not_stored()),
                },
            };
            new?;
            if let Some(resident) = state.resident.as_mut() {
                let tasks = match run {
                    None => resident.chain.tasks(),
                    Some(id) => resident.chain.run(id).map(history_engine::Run::tasks).unwrap_or_default(),
                };
                crate::dispatch::begin(self, cell, resident, tasks);
                self.show(cell, resident);
                self.arm(cell, resident);
                let estimate = resident.estimate();
                self.cache.account(resident.accounted, estimate);
                resident.accounted = estimate;
            }
        }
        drop(guard);
        Ok(found)
    }

    /// Open runs that were not parked may have changes that lists do not show.
    fn show(&self, cell: &Arc<Cell>, resident: &mut Resident) {
        let due = self.ports.clock.now() + self.options.visibility_delay;
        for (id, meta) in &mut resident.runs {
            let run = resident.chain.run(*id).filter(|run| run.is_open());
            if run.is_some_and(|run| run.state().visibility_version > meta.visible) && !std::mem::replace(&mut meta.dirty, true) {
                self.dirty.push(due, cell, *id);
            }
        }
    }

    fn restore(&self, run: LoadedRun) -> Result<(RunId, StoredRun, RunMeta), persistence::Error> {
        let snapshot = run.row.snapshot.as_ref().map(|bytes| codec::decode_state(bytes)).transpose()?;
        let branch = run.turns.last().map(|row| row.branch);
        let branch = branch.or_else(|| snapshot.as_ref().and_then(|state| BranchId::parse(&state.branch_id).ok()));
        let mut meta = RunMeta::new(branch.unwrap_or(BranchId::new(Uuid::nil())));
        meta.stored_wake = run.row.wake_at;
        meta.snapshot_bytes = run.row.snapshot.as_ref().map_or(0, bytes::Bytes::len);
        meta.next_turn = run.turns.last().map_or(run.row.snapshot_turn, |row| row.turn) + 1;
        let mut turns = Vec::with_capacity(run.turns.len());
        for row in run.turns {
            meta.rows_since_snapshot += 1;
            meta.bytes_since_snapshot += row.data.len();
            turns.push(codec::decode_turn(&row.data)?);
            if row.last_event_id > 0 {
                meta.recent.push(row.first_event_id, row.last_event_id, row.data, self.options.recent_bytes);
            }
        }
        Ok((run.row.key.run, StoredRun { snapshot, turns }, meta))
    }
}

type Restored = (RunId, StoredRun, RunMeta);

fn fresh(
    shell: &Shell,
    generation: u64,
    key: &ChainKey,
    current: Option<RunId>,
    runs: Vec<Restored>,
) -> Result<Box<Resident>, rpc::Error> {
    let mut metas = Vec::with_capacity(runs.len());
    let mut stored = Vec::with_capacity(runs.len());
    for (id, run, meta) in runs {
        metas.push((id, meta));
        stored.push((id, run));
    }
    let chain = Chain::restore(key.clone(), current, stored).map_err(|error| corrupt(key, &error))?;
    let mut resident = Box::new(Resident::new(chain, generation, shell.ports.clock.now()));
    for (id, meta) in metas {
        insert(&mut resident, id, meta);
    }
    Ok(resident)
}

fn add(resident: &mut Resident, runs: Vec<Restored>) -> Result<(), rpc::Error> {
    for (id, run, meta) in runs {
        if resident.chain.run(id).is_none() {
            let key = resident.chain.key().clone();
            resident.chain.insert(id, run).map_err(|error| corrupt(&key, &error))?;
            insert(resident, id, meta);
        }
    }
    Ok(())
}

fn insert(resident: &mut Resident, id: RunId, mut meta: RunMeta) {
    if let Some(run) = resident.chain.run(id) {
        meta.durable_next_event = run.next_event_id();
        // A run owes nothing to the visibility store once it was parked, and is looked at again where it does.
        let parked = meta.stored_wake > model::Timestamp::EPOCH;
        meta.visible = if parked { run.state().visibility_version } else { 0 };
        resident.runs.insert(id, Box::new(meta));
    }
}

fn corrupt(key: &ChainKey, error: &history_engine::Corrupt) -> rpc::Error {
    tracing::error!(chain = %key, %error, "a stored chain cannot be read");
    rpc::Error::DataLoss(error.to_string())
}
