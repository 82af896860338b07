//! What goes wrong between a process and its store, by chance, and how often it did.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
use persistence::decorate::fault::{Fault, Faults, Operation};

use crate::rng::Rng;

/// Seeded misfortune; it can be told to stop.
#[derive(Debug)]
pub(crate) struct Chaos {
    rng: Mutex<Rng>,
    active: AtomicBool,
    verbose: AtomicBool,
    pub(crate) unknown: AtomicU64,
    pub(crate) torn: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) fenced: AtomicU64,
}

impl Chaos {
    pub(crate) fn new(rng: Rng) -> Self {
        Self {
            rng: Mutex::new(rng),
            active: AtomicBool::new(false),
            verbose: AtomicBool::new(false),
            unknown: AtomicU64::new(0),
            torn: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            fenced: AtomicU64::new(0),
        }
    }

    pub(crate) fn set_active(&self, active: bool) {
        self.active.store(active, Ordering::Relaxed);
    }

    pub(crate) fn set_verbose(&self, verbose: bool) {
        self.verbose.store(verbose, Ordering::Relaxed);
    }

    /// Prints what the store was asked, where somebody wants to know.
    pub(crate) fn say(&self, line: impl FnOnce() -> String) {
        if self.verbose.load(Ordering::Relaxed) {
            eprintln!("           {}", line());
        }
    }

    pub(crate) fn count_torn(&self) {
        self.torn.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether a read of history or backlog fails.
    pub(crate) fn read_fails(&self) -> bool {
        self.active.load(Ordering::Relaxed) && self.rng.lock().chance(1, 150)
    }

    fn commit(&self) -> Option<Fault> {
        let count = |counter: &AtomicU64, fault| {
            counter.fetch_add(1, Ordering::Relaxed);
            Some(fault)
        };
        match self.rng.lock().below(1_500) {
            0..=11 => count(&self.unknown, Fault::UnknownLanded),
            12..=23 => count(&self.unknown, Fault::UnknownLost),
            24..=39 => count(&self.failed, Fault::Failed),
            40 => count(&self.fenced, Fault::Fenced),
            _ => None,
        }
    }
}

impl Faults for Chaos {
    fn next(&self, operation: &Operation<'_>) -> Option<Fault> {
        if !self.active.load(Ordering::Relaxed) {
            return None;
        }
        match operation {
            Operation::Commit(..) => self.commit(),
            Operation::Acquire(_) => self.rng.lock().chance(1, 60).then_some(Fault::Failed),
            Operation::Read => self.rng.lock().chance(1, 150).then_some(Fault::Failed),
        }
    }
}
