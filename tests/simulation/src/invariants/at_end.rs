//! What must hold when everybody has had the time to finish.

use history_engine::{Chain, Run, StoredRun};
use persistence::{LaneStore, codec};

use super::{Violation, of_answers, of_rows};
use crate::log::{Log, RunLog};
use crate::store::Disk;
use of_answers::Fact;

pub(crate) const NAMES: [&str; 7] = [
    "nothing_is_lost_every_workflow_ends",
    "nothing_is_owed_in_the_end",
    "lists_show_how_runs_ended",
    "acknowledged_signals_are_applied",
    "stored_rows_fold_to_the_log",
    "deleted_runs_leave_the_lists",
    "nothing_outlives_its_retention",
];

/// Everything that is asked once, at the end.
pub(crate) async fn of_the_end(disk: &Disk, facts: &[Fact]) -> Vec<Violation> {
    let mut found = Vec::new();
    {
        let log = disk.log.lock();
        found.extend(nothing_is_lost_every_workflow_ends(&log));
        for run in log.runs.values().filter(|run| !run.deleted) {
            found.extend(nothing_is_owed_in_the_end(run).map(|detail| Violation::new(NAMES[1], &run.key, detail)));
            found.extend(lists_show_how_runs_ended(disk, run).map(|detail| Violation::new(NAMES[2], &run.key, detail)));
        }
        let listed = log.runs.values().filter(|run| run.deleted && disk.lists.row(&run.key).is_some());
        found.extend(listed.map(|run| Violation::new(NAMES[5], &run.key, "its rows are gone, but lists show it")));
        for fact in facts {
            let lost = of_answers::acknowledged_replies_are_durable(&log, fact);
            found.extend(lost.map(|detail| Violation { invariant: of_answers::NAMES[0], detail }));
            let missing = acknowledged_signals_are_applied(&log, fact);
            found.extend(missing.map(|detail| Violation { invariant: NAMES[3], detail }));
        }
    }
    found.extend(stored_rows_fold_to_the_log(disk).await);
    found
}

/// A closed run is gone when its retention is over: asked when that is so for all.
pub(crate) fn nothing_outlives_its_retention(disk: &Disk) -> Option<Violation> {
    let log = disk.log.lock();
    let kept = log.runs.values().find(|run| !run.deleted || disk.lists.row(&run.key).is_some())?;
    Some(Violation::new(NAMES[6], &kept.key, format!("it is still there; wake_at {:?}", kept.wake_at)))
}

/// With workers at work and nothing failing any more, every workflow comes to its end.
fn nothing_is_lost_every_workflow_ends(log: &Log) -> Vec<Violation> {
    log.open().into_iter().map(|run| Violation::new(NAMES[0], &run.key, stuck(run))).collect()
}

fn stuck(run: &RunLog) -> String {
    let last = run.events.last().map(|event| format!("{} {}", event.event_id, event.event_type().as_str_name()));
    let recovered = run.shadow.clone().recovered();
    let owed = recovered.run(run.key.run).map(Run::tasks).unwrap_or_default();
    let state = run.run().map(|run| {
        let state = run.state();
        let activities: Vec<_> =
            state.activities.values().map(|of| (of.scheduled_event_id, of.attempt, of.started.is_some(), of.spilled)).collect();
        format!(
            "timers {:?}, activities {activities:?}, children {:?}, workflow task {:?}, buffered {}, waits for parent {}",
            state.timers.keys().collect::<Vec<_>>(),
            state.children.keys().collect::<Vec<_>>(),
            state.workflow_task.as_ref().map(|task| (task.scheduled_event_id, task.started_event_id, task.attempt, task.spilled)),
            state.buffered_events.len(),
            state.waits_for_parent,
        )
    });
    format!("still open; last event {last:?}; owes {owed:?}; wake_at {:?}; {state:?}", run.wake_at)
}

/// A run that ended owes nobody anything.
fn nothing_is_owed_in_the_end(run: &RunLog) -> Option<String> {
    let owed = run.run().map(Run::tasks).unwrap_or_default();
    (!run.is_open() && !owed.is_empty()).then(|| format!("it ended, but owes {owed:?}"))
}

/// Lists show every run as it ended.
fn lists_show_how_runs_ended(disk: &Disk, run: &RunLog) -> Option<String> {
    let shown = disk.lists.row(&run.key).map(|row| row.status as i32);
    (shown != Some(run.status)).then(|| format!("lists show status {shown:?}, the run has {}", run.status))
}

/// An acknowledged signal is in history, unless the run's rows are gone.
fn acknowledged_signals_are_applied(log: &Log, fact: &Fact) -> Option<String> {
    let Fact::Signaled { chain, request_id } = fact else { return None };
    if log.chain(chain).any(|run| run.deleted) {
        return None;
    }
    let count: usize = log.chain(chain).map(|run| of_answers::signals(run, request_id)).sum();
    (count == 0).then(|| format!("signal {request_id} to {chain} is not there"))
}

/// What a new process would read is what the log says.
async fn stored_rows_fold_to_the_log(disk: &Disk) -> Vec<Violation> {
    let keys: Vec<_> = disk.log.lock().runs.values().filter(|run| !run.deleted).map(|run| run.key.clone()).collect();
    let mut found = Vec::new();
    for key in keys {
        let detail = match read(disk, &key).await {
            Ok(chain) => disk.log.lock().runs.get(&key).and_then(|run| of_rows::differs(&chain, run)),
            Err(error) => Some(error),
        };
        found.extend(detail.map(|detail| Violation::new(NAMES[4], &key, detail)));
    }
    found
}

async fn read(disk: &Disk, key: &model::RunKey) -> Result<Chain, String> {
    let loaded = LaneStore::load(&disk.memory, &key.chain, Some(key.run)).await.map_err(|error| error.to_string())?;
    let run = loaded.runs.into_iter().next().ok_or("its rows are gone")?;
    let snapshot = run.row.snapshot.as_ref().map(|bytes| codec::decode_state(bytes)).transpose();
    let turns: Result<Vec<_>, _> = run.turns.iter().map(|row| codec::decode_turn(&row.data)).collect();
    let stored =
        StoredRun { snapshot: snapshot.map_err(|error| error.to_string())?, turns: turns.map_err(|error| error.to_string())? };
    Chain::restore(key.chain.clone(), Some(key.run), vec![(key.run, stored)]).map_err(|error| error.to_string())
}
