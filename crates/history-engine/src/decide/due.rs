//! Time has come for what a run waits for: timers fire, activities time out, backoffs end.

use model::{RunId, Timestamp};
use proto::temporal::api::enums::v1::{RetryState, TimeoutType};
use proto::temporal::api::failure::v1::Failure;
use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::history::v1::{
    ActivityTaskTimedOutEventAttributes, TimerFiredEventAttributes, history_event::Attributes,
};

use super::{activity, workflow_task};
use crate::failure::{NO_TIME_FOR_RETRY, activity_timeout, timeout};
use crate::record::Volatile;
use crate::state::activities::Deadline;
use crate::turn::Turn;

/// Fires everything of a run that is due now: timers in order of their time and start, then timeouts of activities, one
/// workflow task for all that the workflow must hear, and ends of backoffs.
pub(crate) fn fire(turn: &mut Turn<'_>, run: RunId) {
    let timers = fire_timers(turn, run);
    let timeouts = time_out_activities(turn, run);
    if timers || timeouts {
        workflow_task::ensure(turn, run);
    }
    end_backoffs(turn, run);
}

/// Whether a moment has come: whole milliseconds count. (What comes after the end of its run never does: the run times out
/// first.)
fn is_due(at: Timestamp, now: Timestamp) -> bool {
    at.truncate_to_millis() <= now.truncate_to_millis()
}

/// Whether a timer fired.
fn fire_timers(turn: &mut Turn<'_>, run: RunId) -> bool {
    let Some(state) = turn.chain.run(run).filter(|run| run.is_open()) else { return false };
    let now = turn.env.now;
    #[cfg(feature = "planted-bugs")]
    let now = now + std::time::Duration::from_secs(u64::from(model::planted::Bug::TimerFiredEarly.is_planted()));
    let due = state.firings().take_while(|(at, ..)| is_due(*at, now));
    let due: Vec<(i64, String)> = due.map(|(_, started_event_id, timer_id)| (started_event_id, timer_id.to_owned())).collect();
    let fires = !due.is_empty();
    for (started_event_id, timer_id) in due {
        let fired = TimerFiredEventAttributes { timer_id, started_event_id };
        #[cfg(feature = "planted-bugs")]
        if model::planted::Bug::TimerFiredTwice.is_planted() {
            turn.event_or_buffer(run, Attributes::TimerFiredEventAttributes(fired.clone()));
        }
        turn.event_or_buffer(run, Attributes::TimerFiredEventAttributes(fired));
    }
    fires
}

/// Whether an activity ended.
fn time_out_activities(turn: &mut Turn<'_>, run: RunId) -> bool {
    let Some(state) = turn.chain.run(run).filter(|run| run.is_open()) else { return false };
    let now = turn.env.now;
    let due = state.due_activities(|at| is_due(at, now)).flat_map(|activity| state.deadlines_of(activity));
    let mut due: Vec<Deadline> = due.filter(|deadline| is_due(deadline.at, now)).collect();
    due.sort_unstable();
    let mut ended = false;
    for deadline in due {
        ended |= time_out_activity(turn, run, deadline);
    }
    ended
}

/// One timeout; nothing where an earlier one of the same activity has ended it or its attempt. Whether it ended the activity.
fn time_out_activity(turn: &mut Turn<'_>, run: RunId, deadline: Deadline) -> bool {
    let scheduled_event_id = deadline.scheduled_event_id;
    let Some(found) = turn.chain.run(run).and_then(|run| run.activity(scheduled_event_id)) else { return false };
    if found.attempt != deadline.attempt {
        return false;
    }
    let (details, cause) = (found.heartbeat_details.clone(), found.last_failure.clone());
    let mut why = activity_timeout(deadline.of);
    let Err(retry_state) = activity::retry(turn, run, scheduled_event_id, Some(&why)) else { return false };
    if retry_state == RetryState::Timeout && deadline.of != TimeoutType::ScheduleToStart {
        why = timeout(NO_TIME_FOR_RETRY.to_owned(), TimeoutType::ScheduleToClose);
    }
    if let Some(FailureInfo::TimeoutFailureInfo(info)) = &mut why.failure_info {
        info.last_heartbeat_details = details;
    }
    let failure = Failure { cause: cause.map(Box::new), ..why };
    activity::write_end(turn, run, scheduled_event_id, |started_event_id| {
        Attributes::ActivityTaskTimedOutEventAttributes(ActivityTaskTimedOutEventAttributes {
            failure: Some(failure),
            scheduled_event_id,
            started_event_id,
            retry_state: retry_state as i32,
        })
    });
    true
}

fn end_backoffs(turn: &mut Turn<'_>, run: RunId) {
    let Some(state) = turn.chain.run(run).filter(|run| run.is_open()) else { return };
    let now = turn.env.now;
    let due: Vec<(i64, i32)> = state
        .due_activities(|at| is_due(at, now))
        .filter(|activity| state.end_of_backoff(activity).is_some_and(|at| is_due(at, now)))
        .map(|activity| (activity.scheduled_event_id, activity.attempt))
        .collect();
    for (scheduled_event_id, attempt) in due {
        turn.volatile(run, Volatile::ActivityDue { scheduled_event_id, attempt });
    }
}

#[cfg(test)]
mod tests;
