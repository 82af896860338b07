//! The log of one run in memory: one sorted vector per branch, so that appending is a push and a range is a binary search.

use bytes::Bytes;
use model::{BranchId, RunKey};

use crate::record::{HistoryRange, TurnRow};

/// The rows of one run's log.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// By branch, sorted; nearly always one.
    branches: Vec<(BranchId, Vec<Entry>)>,
}

#[derive(Debug)]
struct Entry {
    turn: u64,
    first_event_id: i64,
    last_event_id: i64,
    /// The last event up to and including this row: rises along the log even over rows of marks alone.
    horizon: i64,
    data: Bytes,
}

impl Entry {
    fn row(&self, key: &RunKey, branch: BranchId) -> TurnRow {
        TurnRow {
            key: key.clone(),
            branch,
            turn: self.turn,
            first_event_id: self.first_event_id,
            last_event_id: self.last_event_id,
            data: self.data.clone(),
        }
    }
}

impl Log {
    /// Whether the row exists.
    pub(super) fn contains(&self, branch: BranchId, turn: u64) -> bool {
        self.branch(branch).is_some_and(|rows| rows.binary_search_by_key(&turn, |row| row.turn).is_ok())
    }

    /// Adds a row that does not exist.
    pub(super) fn append(&mut self, row: &TurnRow) {
        let at = match self.branches.binary_search_by_key(&row.branch, |(branch, _)| *branch) {
            Ok(at) => at,
            Err(at) => {
                self.branches.insert(at, (row.branch, Vec::new()));
                at
            }
        };
        let Some((_, rows)) = self.branches.get_mut(at) else { return };
        let before = rows.partition_point(|entry| entry.turn < row.turn);
        let horizon = before.checked_sub(1).and_then(|last| rows.get(last)).map_or(0, |entry| entry.horizon);
        let entry = Entry {
            turn: row.turn,
            first_event_id: row.first_event_id,
            last_event_id: row.last_event_id,
            horizon: horizon.max(row.last_event_id),
            data: row.data.clone(),
        };
        rows.insert(before, entry);
    }

    /// Removes the rows of marks alone up to and including this turn.
    pub(super) fn prune(&mut self, up_to: u64) {
        for (_, rows) in &mut self.branches {
            rows.retain(|row| row.turn > up_to || row.first_event_id != 0);
        }
    }

    /// The rows after this turn.
    pub(super) fn after(&self, key: &RunKey, turn: u64) -> Vec<TurnRow> {
        let tails = self.branches.iter().map(|(branch, rows)| {
            let from = rows.partition_point(|row| row.turn <= turn);
            rows.iter().skip(from).map(|row| row.row(key, *branch))
        });
        tails.flatten().collect()
    }

    /// The rows with events that overlap the range.
    pub(super) fn read(&self, range: &HistoryRange) -> Vec<TurnRow> {
        let Some(rows) = self.branch(range.branch) else { return Vec::new() };
        let from = rows.partition_point(|row| row.horizon < range.from_event);
        let to = rows.partition_point(|row| row.horizon < range.to_event);
        // The row at `to` may begin before the end of the range.
        let window = rows.get(from..rows.len().min(to + 1)).unwrap_or_default();
        let wanted = |row: &&Entry| {
            row.first_event_id != 0 && row.first_event_id < range.to_event && row.last_event_id >= range.from_event
        };
        let mut left = range.max_bytes;
        let mut done = false;
        let taken = |row: &Entry| {
            if done {
                return None;
            }
            left = left.saturating_sub(row.data.len());
            done = left == 0;
            Some(row.row(&range.key, range.branch))
        };
        if range.reverse {
            window.iter().rev().filter(wanted).map_while(taken).take(range.max_rows).collect()
        } else {
            window.iter().filter(wanted).map_while(taken).take(range.max_rows).collect()
        }
    }

    fn branch(&self, branch: BranchId) -> Option<&Vec<Entry>> {
        let at = self.branches.binary_search_by_key(&branch, |(id, _)| *id).ok()?;
        self.branches.get(at).map(|(_, rows)| rows)
    }
}
