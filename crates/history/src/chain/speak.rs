//! Persist, then speak: the one place where anything leaves the process because of a turn.
//!
//! Order of a turn's life: decide (`chain/turn.rs`) -> fold (`chain/rows.rs`) -> commit (`lane/`) -> **here**, once the lane
//! knows the outcome: the durable position rises, then the answer, the answers of everybody who decided or read on this state,
//! tasks, timers, counts and wake-ups leave, in this order. Nothing in `lane/` or `chain/` may answer a turn elsewhere, except
//! for turns that wrote nothing on state that is durable already.

use std::collections::BTreeSet;
use std::sync::Arc;

use history_engine::Effect;
use model::{RunId, RunKey};

use super::park::Line;
use super::{Cell, Phase, Reply, Resident, Settled};
use crate::api::query::{self, BufferedQuery};
use crate::error;
use crate::lane::LaneTurn;
use crate::shell::Shell;

/// The turn's batch is durable, except for the starts in `lost`.
pub(crate) fn landed(shell: &Arc<Shell>, turn: LaneTurn, lost: &[RunKey]) {
    if let Some(start) = &turn.rows.start
        && lost.contains(&start.key)
    {
        return lost_start(shell, turn);
    }
    let LaneTurn { position, cell, generation, then, rows, .. } = turn;
    drop(then.place);
    if let Some(handed) = then.handed {
        let _ = handed.send(true);
        return;
    }
    let mut replies: Vec<Reply> = Vec::new();
    let mut queries: Vec<BufferedQuery> = Vec::new();
    {
        let mut guard = cell.lock();
        let state = &mut *guard;
        if state.generation != generation {
            drop(guard);
            return fail_reply(then.reply, &error::not_stored());
        }
        state.setbacks = 0;
        if then.removal {
            state.settle(Phase::Absent);
            shell.idle.push(Line::Closed, shell.ports.clock.now(), &cell, state);
            return;
        }
        let Some(resident) = state.resident.as_mut() else { return fail_reply(then.reply, &error::not_stored()) };
        resident.durable = position;
        for key in &rows.deletes {
            resident.leaving.remove(&key.run);
        }
        for (run, next_event) in &then.runs {
            if let Some(meta) = resident.runs.get_mut(run) {
                meta.durable_next_event = *next_event;
            }
        }
        take_listeners(resident, position, &mut replies);
        free_queries(resident, &then.runs, &mut queries);
        crate::dispatch::begin(shell, &cell, resident, then.tasks);
        crate::dispatch::withdraw_unowed(shell, &cell, resident);
        shell.arm(&cell, resident);
        if resident.is_durable() {
            forget_old_runs(resident);
        }
        if resident.chain.runs().all(|run| !run.is_open()) {
            shell.idle.push(Line::Closed, shell.ports.clock.now(), &cell, state);
        } else if then.provisional {
            shell.idle.push(Line::Open, shell.ports.clock.now(), &cell, state);
        }
        if then.provisional {
            state.settle(Phase::Resident);
        }
    }
    if let Some(reply) = then.reply {
        reply.say();
    }
    replies.into_iter().for_each(Reply::say);
    queries.into_iter().for_each(BufferedQuery::unblock);
    leave(shell, &cell, then.effects);
    for key in &rows.deletes {
        shell.wheel.forget(key);
    }
    cell.moved.notify_waiters();
}

/// Lets effects out.
pub(super) fn leave(shell: &Arc<Shell>, cell: &Arc<Cell>, effects: Vec<Effect>) {
    shell.metrics.effects(&cell.key, &effects);
    for effect in effects {
        if let Effect::UnblockQueries { run } = effect {
            query::unblock(cell, run);
        }
    }
}

/// The start met a stored run: whoever brought it loads the chain and decides again.
fn lost_start(shell: &Arc<Shell>, turn: LaneTurn) {
    let dropped = {
        let mut state = turn.cell.lock();
        // Whoever asked may be gone; then nobody else looks at this cell again.
        shell.idle.push(Line::Closed, shell.ports.clock.now(), &turn.cell, &mut state);
        if state.generation == turn.generation { state.discard() } else { None }
    };
    take_apart(shell, dropped, &error::not_stored());
    if let Some(reply) = turn.then.reply {
        let _ = reply.to.send(Settled::Lost);
    }
}

/// The turn will not be stored: its lane belongs to somebody else, or what it was built on is gone.
pub(crate) fn failed(shell: &Arc<Shell>, turn: LaneTurn, why: &rpc::Error) {
    discard(shell, &turn.cell, turn.generation, why);
    fail_reply(turn.then.reply, why);
}

/// The store does not take this turn, but takes others: the chain is read anew, since it still owes what it owed before.
pub(crate) fn failed_alone(shell: &Arc<Shell>, turn: LaneTurn) {
    let why = error::not_stored();
    let LaneTurn { cell, generation, rows, then, .. } = turn;
    if then.provisional || then.removal {
        discard(shell, &cell, generation, &why);
    } else {
        setback(shell, &cell, generation, &why, rows.deletes.into_iter().map(|key| key.run));
    }
    fail_reply(then.reply, &why);
}

/// What was decided on a chain will not be stored. Its memory is dropped and, since it still owes what it owed before, read anew:
/// every run that was in it, and `others`; the longer it goes on like that, the later.
pub(crate) fn setback(
    shell: &Arc<Shell>,
    cell: &Arc<Cell>,
    generation: u64,
    why: &rpc::Error,
    others: impl IntoIterator<Item = RunId>,
) {
    let (runs, setbacks) = {
        let mut state = cell.lock();
        if state.generation != generation {
            return;
        }
        let known = state.resident.iter().flat_map(|resident| resident.runs.keys().copied());
        let runs: BTreeSet<RunId> = known.chain(others).collect();
        state.setbacks = state.setbacks.saturating_add(1);
        shell.losses.note(&cell.key, shell.ports.clock.now());
        (runs, state.setbacks)
    };
    discard(shell, cell, generation, why);
    let (first, longest) = shell.options.dispatch_backoff;
    let pause = first.saturating_mul(2_u32.saturating_pow(setbacks)).min(longest);
    shell.wake_chain(cell.key.clone(), runs, pause);
}

/// Drops a chain's memory, if it still is of this generation.
pub(crate) fn discard(shell: &Arc<Shell>, cell: &Arc<Cell>, generation: u64, why: &rpc::Error) {
    let dropped = {
        let mut state = cell.lock();
        shell.idle.push(Line::Closed, shell.ports.clock.now(), cell, &mut state);
        if state.generation == generation { state.discard() } else { None }
    };
    take_apart(shell, dropped, why);
    cell.moved.notify_waiters();
}

fn take_apart(shell: &Arc<Shell>, dropped: Option<Box<Resident>>, why: &rpc::Error) {
    let Some(mut resident) = dropped else { return };
    shell.cache.account(resident.accounted, 0);
    for (_, reply) in resident.listeners.drain(..) {
        reply.fail(why.clone());
    }
    for meta in resident.runs.values_mut() {
        query::clear(&mut meta.queries);
    }
}

/// Takes the queries of these runs that no workflow task will carry: the run has none any more.
fn free_queries(resident: &mut Resident, runs: &[(RunId, i64)], free: &mut Vec<BufferedQuery>) {
    for (run, _) in runs {
        let waits = resident.chain.run(*run).is_some_and(|run| run.state().workflow_task.is_some());
        if let Some(meta) = resident.runs.get_mut(run).filter(|_| !waits) {
            free.append(&mut meta.queries);
        }
    }
}

fn take_listeners(resident: &mut Resident, position: u64, replies: &mut Vec<Reply>) {
    if resident.listeners.is_empty() {
        return;
    }
    let listeners = std::mem::take(&mut resident.listeners);
    for (at, reply) in listeners {
        if at <= position { replies.push(reply) } else { resident.listeners.push((at, reply)) }
    }
}

/// Closed runs that are not the current one and owe nothing leave memory at once: a chain may have ten thousand of them.
fn forget_old_runs(resident: &mut Resident) {
    if resident.runs.len() < 2 {
        return;
    }
    let current = resident.chain.current_id();
    let old: Vec<RunId> = resident
        .chain
        .runs()
        .filter(|run| Some(run.id()) != current && !run.is_open() && run.tasks().is_empty())
        .map(history_engine::Run::id)
        .collect();
    for run in old {
        let busy = resident.dispatching.keys().any(|task| task.run() == run);
        let asked = resident.runs.get(&run).is_some_and(|meta| !meta.queries.is_empty());
        if !busy && !asked {
            resident.chain.forget(run);
            resident.runs.remove(&run);
        }
    }
}

fn fail_reply(reply: Option<Reply>, why: &rpc::Error) {
    if let Some(reply) = reply {
        reply.fail(why.clone());
    }
}
