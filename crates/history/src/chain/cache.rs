//! Which chains have a cell, by key.

use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use foldhash::HashMap;
use foldhash::fast::RandomState;
use model::ChainKey;
use parking_lot::Mutex;

use super::Cell;

/// So many locks, so that cores do not meet at one.
const PARTS: usize = 64;

/// All cells of the process.
pub(crate) struct Cache {
    parts: Vec<Mutex<HashMap<ChainKey, Arc<Cell>>>>,
    /// Which part a key is in.
    spread: RandomState,
    /// Estimated bytes of resident chains.
    pub(crate) bytes: AtomicUsize,
}

impl Default for Cache {
    fn default() -> Self {
        Self { parts: (0..PARTS).map(|_| Mutex::default()).collect(), spread: RandomState::default(), bytes: AtomicUsize::new(0) }
    }
}

impl Cache {
    fn part(&self, key: &ChainKey) -> &Mutex<HashMap<ChainKey, Arc<Cell>>> {
        &self.parts[self.spread.hash_one(key) as usize % PARTS]
    }

    /// The chain's cell, made where there is none.
    pub(crate) fn cell(&self, key: &ChainKey) -> Arc<Cell> {
        let mut part = self.part(key).lock();
        if let Some(cell) = part.get(key) {
            return cell.clone();
        }
        let cell = Arc::new(Cell::new(key.clone()));
        part.insert(key.clone(), cell.clone());
        cell
    }

    /// The chain's cell, if there is one.
    pub(crate) fn find(&self, key: &ChainKey) -> Option<Arc<Cell>> {
        self.part(key).lock().get(key).cloned()
    }

    /// Forgets a cell that holds nothing and that nobody else holds: `cell` and the map are its only owners. Whether it is gone;
    /// otherwise somebody has to try again later.
    pub(crate) fn forget(&self, cell: &Arc<Cell>) -> bool {
        let mut part = self.part(&cell.key).lock();
        if !part.get(&cell.key).is_some_and(|known| Arc::ptr_eq(known, cell)) {
            return true;
        }
        let alone = Arc::strong_count(cell) == 2 && cell.lock().phase == super::Phase::Absent;
        if alone {
            part.remove(&cell.key);
        }
        alone
    }

    /// Every cell now.
    pub(crate) fn all(&self) -> Vec<Arc<Cell>> {
        let mut cells: Vec<Arc<Cell>> =
            self.parts.iter().flat_map(|part| part.lock().values().cloned().collect::<Vec<_>>()).collect();
        cells.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        cells
    }

    /// Adjusts the estimate of resident bytes.
    pub(crate) fn account(&self, before: usize, after: usize) {
        if after >= before {
            self.bytes.fetch_add(after - before, Ordering::Relaxed);
        } else {
            self.bytes.fetch_sub((before - after).min(self.bytes.load(Ordering::Relaxed)), Ordering::Relaxed);
        }
    }

    /// Estimated bytes of resident chains.
    pub(crate) fn resident_bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }
}
