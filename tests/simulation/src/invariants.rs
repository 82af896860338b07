//! What must hold, whatever happens: named functions that say what is wrong, or nothing. Every one is asked on every seed; none
//! knows what it may find.

pub(crate) mod at_end;
pub(crate) mod of_answers;
mod of_histories;
mod of_rows;

use model::RunKey;
use persistence::TurnRow;
use proto::aevum::persistence::v1 as stored;

use crate::log::{Log, RunLog};
pub(crate) use of_rows::{fold_equals_recovered_state, only_the_newest_owner_writes, tasks_follow_from_state};

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) invariant: &'static str,
    pub(crate) detail: String,
}

impl Violation {
    pub(crate) fn new(invariant: &'static str, of: &RunKey, detail: impl Into<String>) -> Self {
        Self { invariant, detail: format!("{of}: {}", detail.into()) }
    }
}

/// A turn of a run that has just landed.
pub(crate) struct Landed<'a> {
    pub(crate) log: &'a Log,
    /// With the turn.
    pub(crate) run: &'a RunLog,
    pub(crate) row: &'a TurnRow,
    pub(crate) entries: &'a [stored::Entry],
    /// The newest row before it.
    pub(crate) turn: u64,
    /// Where its events begin in `run.events`.
    pub(crate) first: usize,
}

type OfATurn = fn(&Landed<'_>) -> Option<String>;
type OfABatch = fn(&Log, &RunLog, model::Timestamp) -> Option<String>;

const OF_A_TURN: [(&str, OfATurn); 15] = [
    ("turns_are_contiguous", of_rows::turns_are_contiguous),
    ("history_ids_are_contiguous", of_histories::history_ids_are_contiguous),
    ("one_terminal_event", of_histories::one_terminal_event),
    ("event_times_never_go_back", of_histories::event_times_never_go_back),
    ("no_attempt_starts_twice", of_histories::no_attempt_starts_twice),
    ("attempts_count_up", of_histories::attempts_count_up),
    ("buffered_events_reach_history", of_histories::buffered_events_reach_history),
    ("workflow_tasks_pair_up", of_histories::workflow_tasks_pair_up),
    ("pending_things_end_once", of_histories::pending_things_end_once),
    ("children_report_once", of_histories::children_report_once),
    ("timers_never_fire_early", of_histories::timers_never_fire_early),
    ("signals_are_applied_once", of_histories::signals_are_applied_once),
    ("requests_start_one_run", of_histories::requests_start_one_run),
    ("retries_count_up", of_histories::retries_count_up),
    ("history_bytes_add_up", of_histories::history_bytes_add_up),
];

const OF_A_BATCH: [(&str, OfABatch); 4] = [
    ("wake_at_is_never_late", of_rows::wake_at_is_never_late),
    ("rows_say_how_runs_stand", of_rows::rows_say_how_runs_stand),
    ("one_open_run_per_chain", of_rows::one_open_run_per_chain),
    ("successors_exist", of_rows::successors_exist),
];

/// Asks everything about a turn.
pub(crate) fn of_a_turn(landed: &Landed<'_>) -> Vec<Violation> {
    let ask = |(name, invariant): &(&'static str, OfATurn)| {
        invariant(landed).map(|detail| Violation::new(name, &landed.run.key, detail))
    };
    OF_A_TURN.iter().filter_map(ask).collect()
}

/// Asks everything about a run after a batch.
pub(crate) fn of_a_batch(log: &Log, run: &RunLog, now: model::Timestamp) -> Vec<Violation> {
    let ask = |(name, invariant): &(&'static str, OfABatch)| {
        invariant(log, run, now).map(|detail| Violation::new(name, &run.key, detail))
    };
    OF_A_BATCH.iter().filter_map(ask).collect()
}

/// The names of all, for the printed line.
pub(crate) fn names() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = OF_A_TURN.iter().map(|(name, _)| *name).collect();
    names.extend(OF_A_BATCH.iter().map(|(name, _)| *name));
    names.extend(["only_the_newest_owner_writes", "tasks_follow_from_state", "fold_equals_recovered_state"]);
    names.extend(["what_is_stored_can_be_read", "batches_fit_the_store", "nothing_panics"]);
    names.extend(of_answers::NAMES);
    names.extend(at_end::NAMES);
    names
}
