//! Time has come: everything due fires, in all runs that are in memory.

use model::RunId;

use super::due;
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

/// Everything due of one run, noun by noun.
fn fire_due(turn: &mut Turn<'_>, run: RunId) -> Result<(), Rejection> {
    if turn.run(run)?.is_just_recovered() {
        let time = turn.env.now;
        turn.volatile(run, Volatile::Recovered { time });
    }
    due::fire(turn, run);
    Ok(())
}
