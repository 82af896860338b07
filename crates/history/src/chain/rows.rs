//! From records to rows: folds a decision into the chain and says what has to be written for it.

use history_engine::{Fact, Record, Task, Volatile};
use model::{BranchId, RunId, RunKey, Timestamp};
use persistence::{NewRun, RunChange, SnapshotChange, TurnRow, codec};
use proto::aevum::persistence::v1 as stored;
use uuid::Uuid;

use super::resident::{Resident, RunMeta};
use crate::lane::Rows;
use crate::shell::Shell;

/// What folding a decision brought.
#[derive(Default)]
pub(crate) struct Written {
    pub(crate) rows: Rows,
    pub(crate) tasks: Vec<Task>,
    /// Runs written to, with their next event id.
    pub(crate) runs: Vec<(RunId, i64)>,
    /// Open runs whose searchable row is due.
    pub(crate) dirty: Vec<RunId>,
}

impl Written {
    /// Whether anything has to be stored.
    pub(crate) fn is_logged(&self) -> bool {
        !self.rows.turns.is_empty() || !self.rows.deletes.is_empty()
    }
}

/// One run's part of the turn.
struct Part {
    run: RunId,
    was_open: bool,
    created: bool,
    entries: Vec<stored::Entry>,
}

/// Folds the records into the chain.
pub(crate) fn fold(shell: &Shell, resident: &mut Resident, records: Vec<Record>, provisional: bool) -> Written {
    let mut written = Written::default();
    let mut parts: Vec<Part> = Vec::new();
    let most = records.len();
    let current = resident.chain.current_id();
    for record in records {
        let was_open = resident.chain.run(record.run).is_some_and(|run| run.is_open());
        written.tasks.extend(resident.chain.evolve(&record));
        forget_offer(resident, record.run, &record.fact);
        let Fact::Logged(entry) = record.fact else { continue };
        match mark(&entry) {
            Some(stored::mark::Kind::RunDeleted(_)) => {
                delete(resident, record.run, &mut written.rows);
                parts.retain(|part| part.run != record.run);
                continue;
            }
            Some(stored::mark::Kind::RunCreated(created)) => {
                let branch = BranchId::parse(&created.branch_id).unwrap_or(BranchId::new(Uuid::nil()));
                resident.runs.insert(record.run, Box::new(RunMeta::new(branch)));
                parts.push(Part { run: record.run, was_open: true, created: true, entries: Vec::with_capacity(most) });
            }
            #[cfg(feature = "planted-bugs")]
            Some(stored::mark::Kind::ActivityHeartbeat(_)) if model::planted::Bug::LostMark.is_planted() => continue,
            _ => {}
        }
        match parts.iter_mut().find(|part| part.run == record.run) {
            Some(part) => part.entries.push(entry),
            None => {
                let mut entries = Vec::with_capacity(most);
                entries.push(entry);
                parts.push(Part { run: record.run, was_open, created: false, entries });
            }
        }
    }
    if let Some(replaced) = current.filter(|run| resident.chain.current_id() != Some(*run))
        && parts.iter().all(|part| part.run != replaced)
        && resident.chain.run(replaced).is_some()
    {
        // An older, closed run is not the current one any more: its row says so, its log does not change.
        parts.push(Part { run: replaced, was_open: false, created: false, entries: Vec::new() });
    }
    for part in parts {
        let was_current = current == Some(part.run);
        write_part(shell, resident, part, was_current, provisional, &mut written);
    }
    written
}

/// A task that has met a poller is not with matching any more.
fn forget_offer(resident: &mut Resident, of: RunId, fact: &Fact) {
    if resident.offers.is_empty() {
        return;
    }
    let started = match fact {
        Fact::Volatile(Volatile::WorkflowTaskStarted(started)) => Some((true, started.scheduled_event_id)),
        Fact::Volatile(_) => None,
        Fact::Logged(entry) => match mark(entry) {
            Some(stored::mark::Kind::WorkflowTaskStarted(started)) => Some((true, started.scheduled_event_id)),
            Some(stored::mark::Kind::ActivityStarted(started)) => Some((false, started.scheduled_event_id)),
            _ => None,
        },
    };
    let Some((workflow, id)) = started else { return };
    resident.offers.retain(|task, _| match task {
        Task::WorkflowTask { run, scheduled_event_id, .. } => !(workflow && *run == of && *scheduled_event_id == id),
        Task::ActivityTask { run, scheduled_event_id, .. } => workflow || *run != of || *scheduled_event_id != id,
        _ => true,
    });
}

fn mark(entry: &stored::Entry) -> Option<&stored::mark::Kind> {
    match &entry.kind {
        Some(stored::entry::Kind::Mark(mark)) => mark.kind.as_ref(),
        _ => None,
    }
}

fn delete(resident: &mut Resident, run: RunId, rows: &mut Rows) {
    let key = RunKey { chain: resident.chain.key().clone(), run };
    resident.runs.remove(&run);
    resident.leaving.insert(run);
    rows.delete(key);
}

fn write_part(shell: &Shell, resident: &mut Resident, part: Part, was_current: bool, provisional: bool, written: &mut Written) {
    let key = RunKey { chain: resident.chain.key().clone(), run: part.run };
    let current = resident.chain.current_id() == Some(part.run);
    let Some(run) = resident.chain.run(part.run) else { return };
    let Some(meta) = resident.runs.get_mut(&part.run) else { return };
    let rows = &mut written.rows;
    if !part.entries.is_empty() {
        rows.turns.push(log(shell, meta, &key, part.entries));
        written.runs.push((part.run, run.next_event_id()));
    }
    let closed = part.was_open && !run.is_open();
    let wake_at = if run.is_open() { Timestamp::EPOCH } else { closed_wake(shell, &key, run) };
    if part.created {
        let row = NewRun { key: key.clone(), status: run.status() as i32, wake_at };
        if provisional {
            rows.start = Some(row)
        } else {
            rows.new_runs.push(row)
        }
        if !current {
            // Created and replaced within one turn; the insert cannot say that.
            tracing::error!(run = %key, "a turn created a run and replaced it");
        }
        meta.stored_wake = wake_at;
    } else {
        let snapshot = snapshot_due(shell, meta).then(|| snapshot(meta, run, &key, rows));
        if closed || wake_at != meta.stored_wake || was_current != current || snapshot.is_some() {
            let snapshot = snapshot.unwrap_or(SnapshotChange::Keep);
            rows.changes.push(RunChange { key: key.clone(), current, status: run.status() as i32, wake_at, snapshot });
            meta.stored_wake = wake_at;
        }
    }
    let version = run.state().visibility_version;
    if closed {
        #[cfg(feature = "planted-bugs")]
        if run.status() == proto::temporal::api::enums::v1::WorkflowExecutionStatus::TimedOut
            && model::planted::Bug::VisibilityRowLost.is_planted()
        {
            return;
        }
        if let Some(row) = crate::visibility::row(shell, run) {
            rows.visibility.push(row);
        }
        meta.visible = version;
        meta.dirty = false;
    } else if (version > meta.visible || part.created) && !meta.dirty {
        meta.dirty = true;
        written.dirty.push(part.run);
    }
}

/// The row of the log for these entries.
fn log(shell: &Shell, meta: &mut RunMeta, key: &RunKey, entries: Vec<stored::Entry>) -> TurnRow {
    let ids = |entry: &stored::Entry| match &entry.kind {
        Some(stored::entry::Kind::Event(event)) => Some(event.event_id),
        _ => None,
    };
    let first_event_id = entries.iter().find_map(ids).unwrap_or(0);
    let last_event_id = entries.iter().rev().find_map(ids).unwrap_or(0);
    let data = codec::encode_turn(&stored::Turn { format: codec::FORMAT, entries });
    let turn = meta.next_turn;
    meta.next_turn += 1;
    meta.rows_since_snapshot += 1;
    meta.bytes_since_snapshot += data.len();
    if last_event_id > 0 {
        meta.recent.push(first_event_id, last_event_id, data.clone(), shell.options.recent_bytes);
    }
    TurnRow { key: key.clone(), branch: meta.branch, turn, first_event_id, last_event_id, data }
}

fn snapshot_due(shell: &Shell, meta: &RunMeta) -> bool {
    meta.rows_since_snapshot >= shell.options.snapshot_rows || meta.bytes_since_snapshot >= shell.options.snapshot_bytes
}

/// The state after the newest row; rows of marks alone that it covers are not needed any more.
pub(crate) fn snapshot(meta: &mut RunMeta, run: &history_engine::Run, key: &RunKey, rows: &mut Rows) -> SnapshotChange {
    let turn = meta.next_turn - 1;
    #[cfg(feature = "planted-bugs")]
    let turn = turn + u64::from(model::planted::Bug::SnapshotAhead.is_planted());
    meta.rows_since_snapshot = 0;
    meta.bytes_since_snapshot = 0;
    rows.prunes.push((key.clone(), turn));
    let state = codec::encode_state(&run.snapshot());
    meta.snapshot_bytes = state.len();
    SnapshotChange::Replace { state, turn }
}

/// When a closed run has to be looked at: now while it owes something, else when its retention ends.
fn closed_wake(shell: &Shell, key: &RunKey, run: &history_engine::Run) -> Timestamp {
    if !run.tasks().is_empty() {
        return Timestamp::EPOCH;
    }
    let closed = run.state().close_time.as_ref().map(crate::wire::timestamp).unwrap_or_else(|| run.last_event_time());
    match shell.ports.namespaces.namespace(key.chain.namespace) {
        Some(namespace) => closed + namespace.retention,
        None => closed,
    }
}
