//! Runs whose searchable row is due.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};

use model::{RunId, Timestamp};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::chain::{Cell, Phase, Written};
use crate::lane::Then;
use crate::shell::{Shell, survive};

/// Open runs with changes that lists do not show yet, in the order in which they are due.
#[derive(Default)]
pub(crate) struct Batcher {
    queue: Mutex<VecDeque<(Timestamp, Weak<Cell>, RunId)>>,
    filled: Notify,
}

impl Batcher {
    /// Adds a run; it is in the queue once at most (its `dirty` flag says so).
    pub(crate) fn push(&self, due: Timestamp, cell: &Arc<Cell>, run: RunId) {
        self.queue.lock().push_back((due, Arc::downgrade(cell), run));
        self.filled.notify_one();
    }

    /// How many runs wait.
    pub(crate) fn len(&self) -> usize {
        self.queue.lock().len()
    }

    fn due(&self, now: Timestamp) -> Vec<(Arc<Cell>, RunId)> {
        let mut queue = self.queue.lock();
        let mut due = Vec::new();
        while queue.front().is_some_and(|(at, ..)| *at <= now) {
            if let Some((_, cell, run)) = queue.pop_front() {
                due.extend(cell.upgrade().map(|cell| (cell, run)));
            }
        }
        due
    }
}

/// Writes what is due, again and again.
pub(crate) async fn flush(shell: Arc<Shell>, stop: CancellationToken) {
    let tick = shell.options.visibility_delay / 4;
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep(tick) => {}
        }
        while shell.dirty.len() == 0 {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = shell.dirty.filled.notified() => {}
            }
        }
        for (cell, run) in shell.dirty.due(shell.ports.clock.now()) {
            // Workers and callers go first.
            while !shell.lane.has_room_for_housekeeping(&shell.options) {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(tick) => {}
                }
            }
            survive("writing a searchable row", || write(&shell, &cell, run));
        }
    }
}

fn write(shell: &Arc<Shell>, cell: &Arc<Cell>, id: RunId) {
    let mut guard = cell.lock();
    let state = &mut *guard;
    let generation = state.generation;
    if state.phase == Phase::Busy {
        return shell.dirty.push(shell.ports.clock.now() + shell.options.visibility_delay, cell, id);
    }
    let Some(resident) = state.resident.as_mut() else { return };
    let (Some(run), Some(meta)) = (resident.chain.run(id), resident.runs.get_mut(&id)) else { return };
    if !std::mem::replace(&mut meta.dirty, false) || !run.is_open() {
        return;
    }
    meta.visible = run.state().visibility_version;
    let Some(row) = super::row(shell, run) else { return };
    let mut written = Written::default();
    written.rows.visibility.push(row);
    if shell.push(cell, generation, resident, written, Then { housekeeping: true, ..Then::default() }).is_err() {
        tracing::debug!(chain = %cell.key, "a searchable row was not written; the lane is closed");
    }
}
