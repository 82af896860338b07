//! From turns to one batch: which turns go together, and the last image of every row.

use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use foldhash::{HashMap, HashSet};
use model::RunKey;
use persistence::{Batch, RunChange, SnapshotChange};

use super::queue::LaneTurn;
use crate::options::Options;

/// How many turns from the front go into one batch: bounded by count and bytes, and cut before a turn whose rows could not be
/// told apart from those of an earlier one in the same batch. At least one.
pub(super) fn prefix(turns: &VecDeque<LaneTurn>, options: &Options) -> usize {
    let (mut bytes, mut deletes) = (0usize, 0usize);
    let mut inserted: HashSet<&RunKey> = HashSet::default();
    for (at, turn) in turns.iter().enumerate() {
        bytes += turn.bytes;
        deletes += turn.rows.deletes.len();
        let full = at >= options.batch_turns || bytes > options.batch_bytes || deletes > options.batch_deletes;
        if at > 0 && (full || !fits(turns, at, turn, &inserted)) {
            return at;
        }
        inserted.extend(turn.rows.new_runs.iter().chain(&turn.rows.start).map(|run| &run.key));
    }
    turns.len()
}

/// Deletes are applied first and changes before inserts, so neither may follow rows of the same run within one batch; a change
/// of an inserted run that only says how it stands is merged into the insert instead.
fn fits(turns: &VecDeque<LaneTurn>, at: usize, turn: &LaneTurn, inserted: &HashSet<&RunKey>) -> bool {
    if !turn.rows.deletes.is_empty() && turns.iter().take(at).any(|earlier| Arc::ptr_eq(&earlier.cell, &turn.cell)) {
        return false;
    }
    inserted.is_empty() || turn.rows.changes.iter().all(|change| merges(change) || !inserted.contains(&change.key))
}

fn merges(change: &RunChange) -> bool {
    change.current && change.snapshot == SnapshotChange::Keep
}

/// One batch of these turns, in order.
pub(super) fn compose(turns: &[LaneTurn]) -> Batch {
    let mut batch = Batch::default();
    batch.turns.reserve(turns.len());
    let mut changed: HashMap<RunKey, usize> = HashMap::default();
    let mut visible: HashMap<RunKey, usize> = HashMap::default();
    let mut inserted: HashMap<RunKey, (bool, usize)> = HashMap::default();
    for turn in turns {
        let rows = &turn.rows;
        for change in &rows.changes {
            match inserted.get(&change.key) {
                Some(&(start, at)) => {
                    let runs = if start { &mut batch.starts } else { &mut batch.new_runs };
                    if let Some(run) = runs.get_mut(at) {
                        (run.status, run.wake_at) = (change.status, change.wake_at);
                    }
                }
                None => merge_change(&mut batch, &mut changed, change),
            }
        }
        for (start, run) in rows.start.iter().map(|run| (true, run)).chain(rows.new_runs.iter().map(|run| (false, run))) {
            let runs = if start { &mut batch.starts } else { &mut batch.new_runs };
            inserted.insert(run.key.clone(), (start, runs.len()));
            runs.push(run.clone());
        }
        batch.turns.extend(rows.turns.iter().cloned());
        for row in &rows.visibility {
            let key = RunKey { chain: turn.cell.key.clone(), run: row.run_id };
            match visible.entry(key) {
                Entry::Occupied(seen) => {
                    if let Some(old) = batch.visibility.get_mut(*seen.get())
                        && old.version <= row.version
                    {
                        *old = row.clone();
                    }
                }
                Entry::Vacant(free) => {
                    free.insert(batch.visibility.len());
                    batch.visibility.push(row.clone());
                }
            }
        }
        batch.visibility_deletes.extend(rows.visibility_deletes.iter().cloned());
        merge_prunes(&mut batch, &rows.prunes);
        batch.deletes.extend(rows.deletes.iter().cloned());
        batch.shards.extend(rows.shards.iter().copied());
    }
    batch
}

fn merge_change(batch: &mut Batch, changed: &mut HashMap<RunKey, usize>, change: &RunChange) {
    match changed.entry(change.key.clone()) {
        Entry::Occupied(seen) => {
            if let Some(old) = batch.changes.get_mut(*seen.get()) {
                let snapshot = match &change.snapshot {
                    SnapshotChange::Keep => std::mem::replace(&mut old.snapshot, SnapshotChange::Keep),
                    replace @ SnapshotChange::Replace { .. } => replace.clone(),
                };
                *old = RunChange { snapshot, ..change.clone() };
            }
        }
        Entry::Vacant(free) => {
            free.insert(batch.changes.len());
            batch.changes.push(change.clone());
        }
    }
}

fn merge_prunes(batch: &mut Batch, prunes: &[(RunKey, u64)]) {
    for (key, turn) in prunes {
        match batch.prunes.iter_mut().find(|(known, _)| known == key) {
            Some((_, known)) => *known = (*known).max(*turn),
            None => batch.prunes.push((key.clone(), *turn)),
        }
    }
}
