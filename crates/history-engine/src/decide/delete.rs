//! DeleteWorkflowExecution: an open run is ended first; the rows go once nobody needs the run any more.

use model::RunId;
use proto::aevum::persistence::v1 as stored;
use stored::mark::Kind as M;

use super::target;
use super::terminate::{self, Why};
use crate::decision::{Answer, Decision};
use crate::rejection::Rejection;
use crate::time::proto_timestamp;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, run: Option<RunId>) -> Result<Decision, Rejection> {
    let run = target::current(&turn, run)?;
    let state = turn.run(run)?;
    if state.state().deletion_requested {
        return Ok(turn.done(Answer::Done));
    }
    let open = state.is_open();
    let time = Some(proto_timestamp(turn.env.now));
    turn.mark(run, M::DeletionRequested(stored::DeletionRequested { time }));
    if open {
        terminate::terminate(&mut turn, run, Why::ours("Delete workflow execution"));
    }
    Ok(turn.done(Answer::Done))
}

/// The rows are gone.
pub(crate) fn done(mut turn: Turn<'_>, run: RunId) -> Result<Decision, Rejection> {
    if turn.chain.run(run).is_some() {
        turn.mark(run, M::RunDeleted(stored::RunDeleted {}));
    }
    Ok(turn.done(Answer::Done))
}
