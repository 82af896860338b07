//! A closed parent has closed a child as its policy says.

use proto::aevum::persistence::v1 as stored;

use crate::decision::{Answer, Decision};
use crate::input::ToInitiator;
use crate::rejection::Rejection;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, input: ToInitiator) -> Result<Decision, Rejection> {
    if turn.run(input.run)?.children_to_close().contains_key(&input.initiated_event_id) {
        let mark = stored::ChildClosePolicyApplied { initiated_event_id: input.initiated_event_id };
        turn.mark(input.run, stored::mark::Kind::ChildClosePolicyApplied(mark));
    }
    Ok(turn.done(Answer::Done))
}
