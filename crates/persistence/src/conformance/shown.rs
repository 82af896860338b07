//! A receiver of searchable rows that keeps the version rule: what the memory backend is tested with.

use std::collections::BTreeMap;

use model::RunKey;
use model::visibility::VisibilityRow;
use parking_lot::Mutex;

use crate::memory::VisibilitySink;

/// Versions of searchable rows and of their tombstones.
#[derive(Debug, Default)]
pub struct Shown {
    rows: Mutex<BTreeMap<RunKey, i64>>,
    tombstones: Mutex<BTreeMap<RunKey, i64>>,
    /// Broken on purpose: whatever comes last wins.
    last_wins: bool,
    /// Broken on purpose: deletions are forgotten at once.
    forgets: bool,
}

impl Shown {
    /// A receiver that is broken on purpose if asked to be.
    pub(super) fn with_flaws(last_wins: bool, forgets: bool) -> Self {
        Self { last_wins, forgets, ..Self::default() }
    }

    /// The rows, by key.
    pub fn rows(&self) -> Vec<(RunKey, i64)> {
        self.rows.lock().iter().map(|(key, version)| (key.clone(), *version)).collect()
    }
}

impl VisibilitySink for Shown {
    fn apply(&self, rows: &[VisibilityRow], deletes: &[(RunKey, i64)]) {
        let (mut shown, mut tombstones) = (self.rows.lock(), self.tombstones.lock());
        for row in rows {
            let key = row.key();
            let newer = |stored: Option<&i64>| stored.is_none_or(|version| *version < row.version);
            if newer(tombstones.get(&key)) && (self.last_wins || newer(shown.get(&key))) {
                shown.insert(key, row.version);
            }
        }
        for (key, version) in deletes {
            if shown.get(key).is_some_and(|stored| stored <= version) {
                shown.remove(key);
            }
            if !self.forgets {
                let tombstone = tombstones.entry(key.clone()).or_insert(*version);
                *tombstone = (*tombstone).max(*version);
            }
        }
    }
}
