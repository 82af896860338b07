//! Matching keeps an activity attempt in its stored backlog: it need not be offered again.

use proto::aevum::persistence::v1 as stored;

use super::activity::open;
use crate::decision::{Answer, Decision};
use crate::input::ActivityAttempt;
use crate::rejection::Rejection;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, input: &ActivityAttempt) -> Result<Decision, Rejection> {
    let activity = open(&turn.chain, input.run)?.activity(input.scheduled_event_id);
    let waiting = activity.filter(|activity| activity.attempt == input.attempt && activity.started.is_none());
    let spilled = waiting.ok_or(Rejection::ObsoleteTask("activity"))?.spilled;
    if !spilled {
        let mark = stored::ActivitySpilled { scheduled_event_id: input.scheduled_event_id, attempt: input.attempt };
        turn.mark(input.run, stored::mark::Kind::ActivitySpilled(mark));
    }
    Ok(turn.done(Answer::Done))
}
