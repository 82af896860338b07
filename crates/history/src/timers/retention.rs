//! Closed runs whose retention is over: deleted through the lane, a bounded number on their way at once, so that many that end at
//! the same moment crowd out nobody.

use std::sync::Arc;
use std::time::Duration;

use history_engine::Input;
use parking_lot::Mutex;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::Entry;
use crate::chain::{Phase, Written};
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

/// Deletes what has expired, again and again: at most two batches are on their way.
pub(crate) async fn delete(shell: Arc<Shell>, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(shell.options.batch_deletes.max(1) * 2));
    loop {
        let expired = std::mem::take(&mut *shell.expired.entries.lock());
        if expired.is_empty() {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = shell.expired.filled.notified() => continue,
            }
        }
        for entry in expired {
            let place = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                place = places.clone().acquire_owned() => place,
            };
            if let Ok(place) = place {
                expire(&shell, entry, place);
            }
        }
    }
}

/// Removes a closed run whose retention is over.
fn expire(shell: &Arc<Shell>, entry: Entry, place: OwnedSemaphorePermit) {
    let cell = shell.cache.cell(&entry.key.chain);
    let mut guard = cell.lock();
    let state = &mut *guard;
    let generation = state.generation;
    let in_memory = state.resident.as_ref().is_some_and(|resident| resident.chain.run(entry.key.run).is_some());
    match (state.phase, state.resident.as_mut()) {
        (Phase::Resident, Some(_)) if in_memory => {
            drop(guard);
            let shell = shell.clone();
            shell.clone().tracker.spawn(async move {
                if let Err(error) = shell.turn_on(&cell, &Input::Deleted(entry.key.run)).await {
                    tracing::debug!(chain = %cell.key, %error, "an expired run is still there");
                }
                drop(place);
            });
        }
        // An older run of a chain that is in memory, itself is not: nothing of it is decided on.
        (Phase::Resident, Some(resident)) => {
            resident.leaving.insert(entry.key.run);
            let written = Written { rows: rows(entry), ..Written::default() };
            let then = Then { place: Some(place), ..Then::default() };
            if shell.push(&cell, generation, resident, written, then).is_err() {
                tracing::debug!(chain = %cell.key, "an expired run is still there; the lane is closed");
            }
        }
        (Phase::Absent, _) => {
            let rows = rows(entry);
            let bytes = rows.bytes();
            let then = Then { removal: true, place: Some(place), ..Then::default() };
            let turn = LaneTurn { position: 0, cell: cell.clone(), generation, rows, bytes, then };
            if shell.lane.push(turn).is_ok() {
                state.phase = Phase::Busy;
            }
        }
        _ => shell.wheel.parked(Entry { at: shell.ports.clock.now() + Duration::from_secs(1), ..entry }),
    }
}

fn rows(entry: Entry) -> Rows {
    // A run id is never used again, so its tombstone is newer than anything.
    Rows { visibility_deletes: vec![(entry.key.clone(), i64::MAX)], deletes: vec![entry.key], ..Rows::default() }
}
