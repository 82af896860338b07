//! The parent knows how this run ended (or is not there to be told).

use model::RunId;
use proto::aevum::persistence::v1 as stored;

use crate::decision::{Answer, Decision};
use crate::rejection::Rejection;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, run: RunId) -> Result<Decision, Rejection> {
    if turn.run(run)?.state().parent_report_owed {
        turn.mark(run, stored::mark::Kind::ParentReported(stored::ParentReported {}));
    }
    Ok(turn.done(Answer::Done))
}
