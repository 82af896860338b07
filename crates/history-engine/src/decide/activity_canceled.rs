//! A worker acknowledged the cancellation of an activity.

use proto::temporal::api::history::v1::{ActivityTaskCanceledEventAttributes, history_event::Attributes};

use super::activity::{Started, end, find};
use crate::decision::{Answer, Decision};
use crate::input::CancelActivity;
use crate::rejection::Rejection;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, input: &CancelActivity) -> Result<Decision, Rejection> {
    let (run, activity) = find(&turn.chain, &input.activity, Started::Required)?;
    if !activity.cancel_requested {
        let why = "unable to mark activity as canceled without activity being request canceled first";
        return Err(Rejection::InvalidArgument(why.to_owned()));
    }
    let (run, scheduled_event_id) = (run.id(), activity.scheduled_event_id);
    let latest_cancel_requested_event_id = activity.cancel_requested_event_id;
    end(&mut turn, run, scheduled_event_id, |started_event_id| {
        Attributes::ActivityTaskCanceledEventAttributes(ActivityTaskCanceledEventAttributes {
            details: input.details.clone(),
            latest_cancel_requested_event_id,
            scheduled_event_id,
            started_event_id,
            identity: input.identity.clone(),
            ..ActivityTaskCanceledEventAttributes::default()
        })
    });
    Ok(turn.done(Answer::Done))
}

#[cfg(test)]
mod tests;
