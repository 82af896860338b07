//! A worker completed an activity.

use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::history::v1::{ActivityTaskCompletedEventAttributes, history_event::Attributes};

use super::activity::{Started, end, fail, find, mark_started, start_time, too_large};
use crate::decision::{Answer, Decision};
use crate::failure::{self, RESULT_TOO_LARGE};
use crate::input::CompleteActivity;
use crate::rejection::Rejection;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, input: &CompleteActivity) -> Result<Decision, Rejection> {
    let (run, activity) = find(&turn.chain, &input.activity, Started::Optional)?;
    let (run, scheduled_event_id, attempt) = (run.id(), activity.scheduled_event_id, activity.attempt);
    if activity.started.is_none() {
        // By its id an activity may be completed that never started: the start is made up.
        let started = stored::ActivityStarted {
            scheduled_event_id,
            attempt,
            identity: input.identity.clone(),
            started_time: start_time(&turn, run),
            ..stored::ActivityStarted::default()
        };
        mark_started(&mut turn, run, started);
    }
    if too_large(&turn, input.result.as_ref()) {
        fail(&mut turn, run, scheduled_event_id, Some(failure::server(RESULT_TOO_LARGE, true)), &input.identity);
        return Ok(turn.done(Answer::Done));
    }
    end(&mut turn, run, scheduled_event_id, |started_event_id| {
        Attributes::ActivityTaskCompletedEventAttributes(ActivityTaskCompletedEventAttributes {
            result: input.result.clone(),
            scheduled_event_id,
            started_event_id,
            identity: input.identity.clone(),
            ..ActivityTaskCompletedEventAttributes::default()
        })
    });
    Ok(turn.done(Answer::Done))
}

#[cfg(test)]
mod tests;
