//! Chains in memory: one cell per chain, its lock is the chain's mailbox.
//!
//! A turn is decided synchronously under the cell's lock by whoever brings it, and pushed to the lane before the lock is let go;
//! so turns are serialised, and later ones may be decided on state that is not durable yet. While a chain is being loaded, or
//! its first start is on its way to the store, the cell is *busy* and turns wait in line.

mod cache;
pub(crate) mod events;
mod load;
mod lost;
pub(crate) mod park;
mod resident;
pub(crate) mod rows;
pub(crate) mod speak;
mod turn;
pub(crate) use turn::Class;

use std::collections::VecDeque;

use history_engine::{Answer, Rejection};
use model::ChainKey;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{Notify, oneshot};

pub(crate) use cache::Cache;
pub(crate) use lost::Losses;
pub(crate) use park::{drain, drain_of, sweep};
pub(crate) use resident::{Held, Resident, RunMeta};
pub(crate) use rows::Written;

/// How a turn ended for whoever brought it.
#[derive(Debug)]
pub(crate) enum Settled {
    /// Durable, with this answer.
    Answer(Result<Answer, Rejection>),
    /// The start met a stored run: load it and decide again.
    Lost,
    /// Not stored.
    Failed(rpc::Error),
}

/// An answer that waits for its turn to become durable.
pub(crate) struct Reply {
    pub(crate) to: oneshot::Sender<Settled>,
    pub(crate) answer: Result<Answer, Rejection>,
}

impl Reply {
    pub(crate) fn say(self) {
        // Whoever asked may be gone; the turn stands all the same.
        let _ = self.to.send(Settled::Answer(self.answer));
    }

    pub(crate) fn fail(self, error: rpc::Error) {
        let _ = self.to.send(Settled::Failed(error));
    }
}

/// Whether a chain is in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Not in memory.
    Absent,
    /// Being loaded, or its start is on its way to the store: nobody else decides.
    Busy,
    /// In memory.
    Resident,
}

/// One chain's place in memory.
pub(crate) struct Cell {
    pub(crate) key: ChainKey,
    state: Mutex<CellState>,
    /// Rings whenever something of the chain became durable, or its memory was dropped.
    pub(crate) moved: Notify,
}

/// What a cell's lock guards.
pub(crate) struct CellState {
    pub(crate) phase: Phase,
    /// Rises whenever memory is dropped: what was built on it is void.
    pub(crate) generation: u64,
    /// Turns that wait while the cell is busy.
    pub(crate) waiting: VecDeque<oneshot::Sender<()>>,
    pub(crate) resident: Option<Box<Resident>>,
    /// How often in a row what was decided could not be stored: its memory is read anew with growing patience.
    pub(crate) setbacks: u32,
    /// In which of the sweeper's lines the cell stands: once at most in each.
    pub(crate) in_line: [bool; 3],
}

impl Cell {
    pub(crate) fn new(key: ChainKey) -> Self {
        let state = CellState {
            phase: Phase::Absent,
            generation: 1,
            waiting: VecDeque::new(),
            resident: None,
            setbacks: 0,
            in_line: [false; 3],
        };
        Self { key, state: Mutex::new(state), moved: Notify::new() }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, CellState> {
        self.state.lock()
    }

    /// Whether memory of this generation is still there.
    pub(crate) fn lives(&self, generation: u64) -> bool {
        self.lock().generation == generation
    }
}

impl CellState {
    /// Ends a busy time; whoever waits may try.
    pub(crate) fn settle(&mut self, phase: Phase) {
        self.phase = phase;
        for waiter in self.waiting.drain(..) {
            let _ = waiter.send(());
        }
    }

    /// Drops the memory of the chain; what was built on it is void. Gives it to be taken apart without the lock.
    pub(crate) fn discard(&mut self) -> Option<Box<Resident>> {
        self.generation += 1;
        self.settle(Phase::Absent);
        self.resident.take()
    }
}

/// Makes a busy cell free again, whatever becomes of the future that made it busy.
pub(crate) struct BusyGuard<'a> {
    pub(crate) cell: &'a Cell,
    /// The life of the memory that was busy; another one is not ours to free.
    pub(crate) generation: u64,
}

impl Drop for BusyGuard<'_> {
    fn drop(&mut self) {
        let mut state = self.cell.lock();
        if state.generation == self.generation && state.phase == Phase::Busy {
            let phase = if state.resident.is_some() { Phase::Resident } else { Phase::Absent };
            state.settle(phase);
        }
    }
}
