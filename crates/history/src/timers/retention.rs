//! Closed runs whose retention is over: deleted through the lane, a bounded number on their way at once, so that many that end at
//! the same moment crowd out nobody.

use std::sync::Arc;
use std::time::Duration;

use history_engine::Input;
use model::RunId;
use parking_lot::Mutex;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::Entry;
use crate::chain::{Cell, Phase, Written};
use crate::lane::{LaneTurn, Rows, Then};
use crate::shell::Shell;

/// Runs that wait for their deletion.
#[derive(Default)]
pub(crate) struct Expired {
    entries: Mutex<Vec<Entry>>,
    filled: Notify,
}

impl Expired {
    /// The retention of this run is over.
    pub(crate) fn push(&self, entry: Entry) {
        self.entries.lock().push(entry);
        self.filled.notify_one();
    }
}

/// Deletes what has expired, again and again: at most two batches are on their way. Runs of one chain go together: it may have
/// ten thousand.
pub(crate) async fn delete(shell: Arc<Shell>, stop: CancellationToken) {
    let most = shell.options.batch_deletes.max(1);
    let places = Arc::new(Semaphore::new(most * 2));
    loop {
        let mut expired = std::mem::take(&mut *shell.expired.entries.lock());
        if expired.is_empty() {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = shell.expired.filled.notified() => continue,
            }
        }
        expired.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        for chain in expired.chunk_by(|a, b| a.key.chain == b.key.chain) {
            for entries in chain.chunks(most) {
                let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
                let place = tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    place = places.clone().acquire_many_owned(count) => place,
                };
                if let Ok(place) = place {
                    expire(&shell, entries, place);
                }
            }
        }
    }
}

/// Removes closed runs of one chain whose retention is over.
fn expire(shell: &Arc<Shell>, entries: &[Entry], mut place: OwnedSemaphorePermit) {
    let Some(first) = entries.first() else { return };
    let cell = shell.cache.cell(&first.key.chain);
    let mut guard = cell.lock();
    if shell.shards.admit(cell.key.slot(), false).is_err() {
        return;
    }
    let state = &mut *guard;
    let generation = state.generation;
    match (state.phase, state.resident.as_mut()) {
        (Phase::Resident, Some(resident)) => {
            let (present, absent): (Vec<&Entry>, Vec<&Entry>) =
                entries.iter().partition(|entry| resident.chain.run(entry.key.run).is_some());
            if !absent.is_empty() {
                // Older runs of a chain that is in memory, themselves are not: nothing of them is decided on.
                resident.leaving.extend(absent.iter().map(|entry| entry.key.run));
                let written = Written { rows: rows(absent), ..Written::default() };
                let then = Then { place: place.split(entries.len() - present.len()), ..Then::default() };
                if shell.push(&cell, generation, resident, written, then).is_err() {
                    tracing::debug!(chain = %cell.key, "expired runs are still there; the lane is closed");
                }
            }
            let present: Vec<RunId> = present.into_iter().map(|entry| entry.key.run).collect();
            drop(guard);
            present.into_iter().for_each(|run| delete_in_memory(shell, &cell, run, place.split(1)));
        }
        (Phase::Absent, _) => {
            let rows = rows(entries);
            let bytes = rows.bytes();
            let then = Then { removal: true, place: Some(place), ..Then::default() };
            let turn = LaneTurn { position: 0, cell: cell.clone(), generation, rows, bytes, then };
            if shell.lane.push(turn).is_ok() {
                state.phase = Phase::Busy;
            }
        }
        _ => {
            let at = shell.ports.clock.now() + Duration::from_secs(1);
            entries.iter().for_each(|entry| shell.wheel.parked(Entry { at, ..entry.clone() }));
        }
    }
}

fn delete_in_memory(shell: &Arc<Shell>, cell: &Arc<Cell>, run: RunId, place: Option<OwnedSemaphorePermit>) {
    let (shell, cell) = (shell.clone(), cell.clone());
    shell.clone().tracker.spawn(async move {
        if let Err(error) = shell.turn_on(&cell, &Input::Deleted(run)).await {
            tracing::debug!(chain = %cell.key, %error, "an expired run is still there");
        }
        drop(place);
    });
}

fn rows<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Rows {
    let mut rows = Rows::default();
    entries.into_iter().for_each(|entry| rows.delete(entry.key.clone()));
    rows
}
