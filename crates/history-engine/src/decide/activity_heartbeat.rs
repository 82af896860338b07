//! An activity is alive. New details are logged, since the next attempt gets them; a mere sign of life is not.

use proto::aevum::persistence::v1 as stored;

use super::activity::{Started, fail, find, now, too_large};
use crate::decision::{Answer, Decision, HeartbeatAnswer};
use crate::failure::{self, HEARTBEAT_TOO_LARGE};
use crate::input::Heartbeat;
use crate::record::Volatile;
use crate::rejection::Rejection;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, input: &Heartbeat) -> Result<Decision, Rejection> {
    let (run, activity) = find(&turn.chain, &input.activity, Started::Required)?;
    let (run, scheduled_event_id) = (run.id(), activity.scheduled_event_id);
    let mut answer = HeartbeatAnswer { cancel_requested: activity.cancel_requested, ..HeartbeatAnswer::default() };
    if too_large(&turn, input.details.as_ref()) {
        fail(&mut turn, run, scheduled_event_id, Some(failure::server(HEARTBEAT_TOO_LARGE, true)), &input.identity);
        answer.cancel_requested = true;
    } else if input.details == activity.heartbeat_details {
        let time = turn.env.now;
        turn.volatile(run, Volatile::ActivityAlive { scheduled_event_id, time });
    } else {
        let beat = stored::ActivityHeartbeat {
            scheduled_event_id,
            details: input.details.clone(),
            time: now(&turn),
            identity: input.identity.clone(),
        };
        turn.mark(run, stored::mark::Kind::ActivityHeartbeat(beat));
    }
    Ok(turn.done(Answer::Heartbeat(answer)))
}

#[cfg(test)]
mod tests;
