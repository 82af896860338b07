//! Chains leave memory: idle ones, and all of them when the process drains.
//!
//! A run that leaves writes its Started event if a worker has its workflow task, its searchable row if that is due, and raises
//! its stored `wake_at` in one update. A run that owes something stays.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::Duration;

use history_engine::{Input, Task};
use model::{RunId, RunKey, SlotId, Timestamp};
use parking_lot::Mutex;
use persistence::{RunChange, SnapshotChange};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::rows::{Written, snapshot};
use super::{Cell, CellState, Phase, Resident};
use crate::api::query;
use crate::lane::Then;
use crate::shell::{Shell, survive};
use crate::timers::Entry;

/// A run whose next deadline is nearer than this stays in memory: loading it again would cost more.
const WORTH_PARKING: Duration = Duration::from_secs(60);

/// Which line a cell waits in; each has one waiting time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Line {
    /// Chains with an open run.
    Open = 0,
    /// Chains that are all closed.
    Closed = 1,
    /// Chains whose tasks are all with matching: however short memory is, they cannot leave before a worker comes.
    Held = 2,
}

/// Since when a cell waits, and which.
type Queue = VecDeque<(Timestamp, Weak<Cell>)>;

/// Cells in the order in which they were last known to be busy.
#[derive(Default)]
pub(crate) struct Idle {
    lines: [Mutex<Queue>; 3],
    filled: Notify,
}

impl Idle {
    /// Puts a cell in line, if it does not stand there already; `state` is what its lock guards.
    pub(crate) fn push(&self, line: Line, at: Timestamp, cell: &Arc<Cell>, state: &mut CellState) {
        if !std::mem::replace(&mut state.in_line[line as usize], true) {
            self.lines[line as usize].lock().push_back((at, Arc::downgrade(cell)));
            self.filled.notify_one();
        }
    }

    fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.lock().is_empty())
    }

    fn due(&self, line: Line, until: Timestamp) -> Vec<Arc<Cell>> {
        let mut due = Vec::new();
        {
            let mut queue = self.lines[line as usize].lock();
            while queue.front().is_some_and(|(at, _)| *at <= until) {
                due.extend(queue.pop_front().and_then(|(_, cell)| cell.upgrade()));
            }
        }
        for cell in &due {
            cell.lock().in_line[line as usize] = false;
        }
        due
    }
}

/// What became of an attempt to park.
enum Parked {
    /// Out of memory, or never in it.
    Gone,
    /// On its way out: once what it writes is durable, try again.
    Leaving,
    /// It was used lately or has something to do; look again later.
    Stays,
    /// A worker has its workflow task, or an activity gave signs of life: that has to be written first.
    WriteVolatile(RunId),
    /// It owes something; of the tasks that is, these may not be with matching.
    Owes(Vec<Task>),
}

/// Parks idle chains, again and again.
pub(crate) async fn sweep(shell: Arc<Shell>, stop: CancellationToken) {
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep(shell.options.sweep_every) => {}
        }
        while shell.idle.is_empty() {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = shell.idle.filled.notified() => {}
            }
        }
        let now = shell.ports.clock.now();
        let pressed = shell.cache.resident_bytes() > shell.options.resident_bytes;
        let closed = shell.idle.due(Line::Closed, now - shell.options.idle_closed);
        let patience = if pressed { shell.options.sweep_every } else { shell.options.idle };
        let open = shell.idle.due(Line::Open, now - patience);
        let held = shell.idle.due(Line::Held, now - shell.options.idle);
        for cell in closed.into_iter().chain(open).chain(held) {
            // Workers and callers go first.
            while !shell.lane.has_room_for_housekeeping(&shell.options) {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(shell.options.sweep_every) => {}
                }
            }
            survive("parking a chain", || look(&shell, cell, now, pressed));
        }
    }
}

fn look(shell: &Arc<Shell>, cell: Arc<Cell>, now: Timestamp, pressed: bool) {
    let parked = park(shell, &cell, now, pressed, false);
    if matches!(parked, Parked::Gone) && shell.cache.forget(&cell) {
        return;
    }
    let line = match &parked {
        Parked::Leaving => Line::Closed,
        Parked::Owes(tasks) if tasks.is_empty() => Line::Held,
        _ => Line::Open,
    };
    shell.idle.push(line, now, &cell, &mut cell.lock());
    match parked {
        Parked::WriteVolatile(run) => shell.own_turn(cell, Input::WriteVolatile(run)),
        Parked::Owes(tasks) if !tasks.is_empty() => crate::dispatch::offer_again(shell, &cell, tasks),
        Parked::Gone | Parked::Leaving | Parked::Stays | Parked::Owes(_) => {}
    }
}

/// Takes a chain out of memory if it may leave.
fn park(shell: &Arc<Shell>, cell: &Arc<Cell>, now: Timestamp, pressed: bool, draining: bool) -> Parked {
    let mut guard = cell.lock();
    let state = &mut *guard;
    let resident = match (state.phase, state.resident.as_mut()) {
        (Phase::Absent, _) => return Parked::Gone,
        (Phase::Resident, Some(resident)) => resident,
        _ => return Parked::Stays,
    };
    if draining {
        // No worker will come for them.
        resident.runs.values_mut().for_each(|meta| query::clear(&mut meta.queries));
    }
    let busy = !resident.is_durable()
        || !resident.listeners.is_empty()
        || (!draining && !resident.dispatching.is_empty())
        || resident.runs.values().any(|meta| !meta.queries.is_empty());
    let closed = resident.chain.runs().all(|run| !run.is_open());
    let patience = match (draining, pressed, closed) {
        (true, ..) => Duration::ZERO,
        (_, true, _) => shell.options.sweep_every,
        (.., true) => shell.options.idle_closed,
        _ => shell.options.idle,
    };
    if busy || resident.touched + patience > now {
        return Parked::Stays;
    }
    let wake = resident.chain.next_wake();
    if !draining && !pressed && !closed && wake.is_some_and(|at| at < now + WORTH_PARKING) {
        return Parked::Stays;
    }
    if !pressed && !draining && resident.chain.runs().any(|run| run.started().is_some()) {
        return Parked::Stays;
    }
    if let Some(run) = resident.chain.runs().find(|run| run.has_unwritten()) {
        return Parked::WriteVolatile(run.id());
    }
    let owed = resident.chain.tasks();
    if !owed.is_empty() && !draining {
        return Parked::Owes(crate::dispatch::unsure(shell, resident, owed, now));
    }
    let generation = state.generation;
    let written = leave(shell, resident);
    if written.rows.changes.is_empty() && written.rows.visibility.is_empty() {
        unload(shell, state);
        return Parked::Gone;
    }
    match shell.push(cell, generation, resident, written, Then { housekeeping: true, ..Then::default() }) {
        Ok(()) => Parked::Leaving,
        Err(_) => Parked::Stays,
    }
}

/// What the runs of a chain write when they leave: nothing, where they stand in the store as they should.
fn leave(shell: &Arc<Shell>, resident: &mut Resident) -> Written {
    let mut written = Written::default();
    let chain = &resident.chain;
    for run in chain.runs() {
        let Some(meta) = resident.runs.get_mut(&run.id()) else { continue };
        let key = RunKey { chain: chain.key().clone(), run: run.id() };
        if run.is_open() && run.state().visibility_version > meta.visible {
            meta.visible = run.state().visibility_version;
            meta.dirty = false;
            written.rows.visibility.extend(crate::visibility::row(shell, run));
        }
        if !run.is_open() || !run.tasks().is_empty() {
            continue;
        }
        let wake_at = run.next_wake().unwrap_or(Timestamp::MAX);
        #[cfg(feature = "planted-bugs")]
        let wake_at = if model::planted::Bug::WakeTooLate.is_planted() { wake_at + Duration::from_secs(60) } else { wake_at };
        let due = meta.rows_since_snapshot >= shell.options.snapshot_rows;
        if wake_at != meta.stored_wake || due {
            let current = chain.current_id() == Some(run.id());
            let snapshot = if due { snapshot(meta, run, &key, &mut written.rows) } else { SnapshotChange::Keep };
            written.rows.changes.push(RunChange { key, current, status: run.status() as i32, wake_at, snapshot });
            meta.stored_wake = wake_at;
        }
    }
    written
}

/// Forgets a chain whose rows say everything; near wake-ups stay in the wheel.
fn unload(shell: &Arc<Shell>, state: &mut CellState) {
    let horizon = shell.ports.clock.now() + shell.options.look_ahead;
    let Some(resident) = state.discard() else { return };
    shell.cache.account(resident.accounted, 0);
    if let Some(at) = resident.armed {
        shell.wheel.disarm(at, resident.chain.key());
    }
    for (id, meta) in &resident.runs {
        if meta.stored_wake <= horizon {
            let key = RunKey { chain: resident.chain.key().clone(), run: *id };
            let closed = resident.chain.run(*id).is_some_and(|run| !run.is_open());
            shell.wheel.parked(Entry { at: meta.stored_wake, key, closed });
        }
    }
}

/// Before the process ends: every chain leaves memory, as far as time allows.
pub(crate) async fn drain(shell: &Arc<Shell>) {
    drain_of(shell, shell.options.drain, |_| true).await;
}

/// The same for some slots, before their shard leaves.
pub(crate) async fn drain_of(shell: &Arc<Shell>, patience: Duration, leaves: impl Fn(SlotId) -> bool) {
    let until = tokio::time::Instant::now() + patience;
    loop {
        let mut left = 0usize;
        let now = shell.ports.clock.now();
        for cell in shell.cache.all().into_iter().filter(|cell| leaves(cell.key.slot())) {
            match park(shell, &cell, now, true, true) {
                Parked::Gone => {
                    shell.cache.forget(&cell);
                }
                Parked::WriteVolatile(run) => {
                    left += 1;
                    shell.own_turn(cell, Input::WriteVolatile(run));
                }
                _ => left += 1,
            }
        }
        if left == 0 || tokio::time::Instant::now() >= until {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
