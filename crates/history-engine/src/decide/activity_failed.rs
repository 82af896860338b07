//! A worker failed an activity's attempt.

use prost::Message;
use proto::aevum::persistence::v1 as stored;

use super::activity::{Started, fail, find, now, too_large};
use crate::decision::{Answer, Decision};
use crate::failure;
use crate::input::FailActivity;
use crate::rejection::Rejection;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, input: &FailActivity) -> Result<Decision, Rejection> {
    let (run, activity) = find(&turn.chain, &input.activity, Started::Required)?;
    let (run, scheduled_event_id) = (run.id(), activity.scheduled_event_id);
    let mut why = input.failure.clone();
    // Details over the limit are dropped (the frontend tells the worker); the failure counts all the same.
    let details = input.last_heartbeat_details.as_ref().filter(|details| !too_large(&turn, Some(*details)));
    if details.is_some() && details != activity.heartbeat_details.as_ref() {
        let beat = stored::ActivityHeartbeat {
            scheduled_event_id,
            details: details.cloned(),
            time: now(&turn),
            identity: input.identity.clone(),
        };
        turn.mark(run, stored::mark::Kind::ActivityHeartbeat(beat));
    }
    if let Some(large) = why.as_ref().filter(|why| why.encoded_len() > turn.env.limits.blob_error_bytes) {
        why = Some(failure::too_large(large, turn.env.limits.blob_warn_bytes, true));
    }
    fail(&mut turn, run, scheduled_event_id, why, &input.identity);
    Ok(turn.done(Answer::Done))
}

#[cfg(test)]
mod tests;
