//! Rows, fences and folds.

use model::{LaneId, Timestamp};
use persistence::{Batch, codec};
use proto::temporal::api::history::v1::history_event::Attributes as A;

use super::Landed;
use crate::log::{Log, RunLog};
use history_engine::{Chain, Run, StoredRun};

/// The rows of a run's log are numbered without a gap.
pub(super) fn turns_are_contiguous(of: &Landed<'_>) -> Option<String> {
    (of.row.turn != of.turn + 1).then(|| format!("row {} after row {}", of.row.turn, of.turn))
}

/// Once a newer process has written, an older one's batches do not land: that is what the fence is for.
pub(crate) fn only_the_newest_owner_writes(lanes: &mut Vec<LaneId>, lane: LaneId, batch: &Batch) -> Option<String> {
    let newest = lanes.iter().position(|known| *known == lane);
    match newest {
        None => {
            // Handing a dead lane's shards over is the one thing that is written in the name of another lane.
            let is_handover = !batch.shards.is_empty();
            if !is_handover {
                lanes.push(lane);
            }
            None
        }
        Some(at) if at + 1 == lanes.len() => None,
        Some(_) if !batch.shards.is_empty() && batch.turns.is_empty() => None,
        Some(_) => Some(format!("a batch of lane {lane:?} landed after {:?} had written", lanes.last())),
    }
}

/// What a turn makes owed is what the fold said became owed: nothing is owed that nobody was told of.
pub(crate) fn tasks_follow_from_state(run: &RunLog) -> Option<String> {
    let owed = run.run().map(Run::tasks).unwrap_or_default();
    // A fold knows nothing of hand-outs, and so believes that what waits behind one is owed.
    let lives = |task: &&history_engine::Task| !matches!(task, history_engine::Task::FlushBuffer { .. });
    let untold = owed.iter().filter(lives).find(|task| !run.owed.contains(task))?;
    Some(format!("{untold:?} is owed, but no fact said so"))
}

/// A snapshot, which is live state, says what the log folds to.
pub(crate) fn fold_equals_recovered_state(run: &RunLog, snapshot: &[u8]) -> Option<String> {
    let state = match codec::decode_state(snapshot) {
        Ok(state) => state,
        Err(error) => return Some(error.to_string()),
    };
    let stored = StoredRun { snapshot: Some(state), turns: Vec::new() };
    let live = match Chain::restore(run.key.chain.clone(), Some(run.key.run), vec![(run.key.run, stored)]) {
        Ok(chain) => chain,
        Err(error) => return Some(error.to_string()),
    };
    differs(&live, run)
}

/// Whether a restored chain is another one than the log's.
pub(super) fn differs(restored: &Chain, run: &RunLog) -> Option<String> {
    let folded = run.shadow.clone().recovered();
    let (live, fold) = (restored.run(run.key.run), folded.run(run.key.run));
    if live == fold {
        return None;
    }
    let (live, fold) = (format!("{live:#?}"), format!("{fold:#?}"));
    let line = live.lines().zip(fold.lines()).find(|(a, b)| a != b);
    Some(format!("stored and folded state differ at {line:?}"))
}

/// What a run owes or waits for is found by its `wake_at` in time, also if nobody remembers it.
pub(super) fn wake_at_is_never_late(_: &Log, of: &RunLog, now: Timestamp) -> Option<String> {
    let recovered = of.shadow.clone().recovered();
    let run = recovered.run(of.key.run)?;
    if let Some(task) = run.tasks().first() {
        return (of.wake_at > now).then(|| format!("{task:?} is owed, but wake_at is {:?}", of.wake_at));
    }
    let (at, what) = earliest(of.run()?)?;
    (of.wake_at > at).then(|| format!("{what} is due at {at:?}, but wake_at is {:?}", of.wake_at))
}

/// When something falls due that no worker has to do with: timers, backoffs, the run's own time.
fn earliest(run: &Run) -> Option<(Timestamp, &'static str)> {
    if !run.is_open() {
        return None;
    }
    let state = run.state();
    let named = |what: &'static str| move |at: &prost_types::Timestamp| (Timestamp::from_parts(at.seconds, at.nanos), what);
    let timers = state.timers.values().filter_map(|timer| timer.fire_time.as_ref()).map(named("a timer"));
    let own = [state.run_expiration.as_ref(), state.execution_expiration.as_ref()].into_iter().flatten();
    let waits =
        state.activities.values().filter(|activity| activity.started.is_none() && activity.attempt > 1 && !activity.spilled);
    let backoffs = waits.filter_map(|activity| activity.scheduled_time.as_ref()).map(named("a retry of an activity"));
    let first =
        (!state.workflow_task_ever_scheduled && !state.waits_for_parent).then_some(state.execution_time.as_ref()).flatten();
    timers.chain(own.map(named("the end of the run"))).chain(backoffs).chain(first.map(named("the first task"))).min()
}

/// Status and log of a run say the same.
pub(super) fn rows_say_how_runs_stand(_: &Log, of: &RunLog, _: Timestamp) -> Option<String> {
    let status = of.run()?.status() as i32;
    (status != of.status).then(|| format!("the row says status {}, the log {status}", of.status))
}

/// A workflow id has at most one open run.
pub(super) fn one_open_run_per_chain(log: &Log, of: &RunLog, _: Timestamp) -> Option<String> {
    if log.lenient {
        return None;
    }
    let open: Vec<String> = log.chain(&of.key.chain).filter(|run| run.is_open()).map(|run| run.key.run.to_string()).collect();
    (open.len() > 1).then(|| format!("open at once: {}", open.join(", ")))
}

/// The run that a close event names was created in the same commit.
pub(super) fn successors_exist(log: &Log, of: &RunLog, _: Timestamp) -> Option<String> {
    let named = match of.events.last()?.attributes.as_ref()? {
        A::WorkflowExecutionContinuedAsNewEventAttributes(of) => &of.new_execution_run_id,
        A::WorkflowExecutionCompletedEventAttributes(of) => &of.new_execution_run_id,
        A::WorkflowExecutionFailedEventAttributes(of) => &of.new_execution_run_id,
        A::WorkflowExecutionTimedOutEventAttributes(of) => &of.new_execution_run_id,
        _ => return None,
    };
    let run = model::RunId::parse(named).ok()?;
    log.run(&of.key.chain, run).is_none().then(|| format!("its successor {run} does not exist"))
}
