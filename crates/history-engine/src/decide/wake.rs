//! Time has come: everything due fires, in all runs that are in memory.

use model::RunId;

use super::{due, timeouts, workflow_task};
use crate::decision::{Answer, Decision};
use crate::record::Volatile;
use crate::rejection::Rejection;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>) -> Result<Decision, Rejection> {
    let runs: Vec<RunId> = turn.chain.runs().filter(|run| run.is_open()).map(crate::state::Run::id).collect();
    for run in runs {
        fire_due(&mut turn, run)?;
    }
    Ok(turn.done(Answer::Done))
}

/// Everything due of one run, noun by noun. A run whose time is over ends; nothing else of it matters then.
fn fire_due(turn: &mut Turn<'_>, run: RunId) -> Result<(), Rejection> {
    let now = turn.env.now;
    if turn.run(run)?.is_just_recovered() {
        turn.volatile(run, Volatile::Recovered { time: now });
    }
    let state = turn.run(run)?;
    if state.execution_deadline().is_some_and(|at| at <= now) {
        timeouts::run(turn, run);
        return Ok(());
    }
    let first_is_due = state.first_task_due().is_some_and(|at| at <= now);
    if state.workflow_task_deadline().is_some_and(|at| at <= now) {
        timeouts::workflow_task(turn, run);
    }
    if first_is_due {
        workflow_task::schedule(turn, run);
    }
    due::fire(turn, run);
    Ok(())
}
