//! What every verb of an activity needs: to find the one that a worker names, and to write its end.

use model::{RunId, Timestamp};
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::enums::v1::RetryState;
use proto::temporal::api::failure::v1::Failure;
use proto::temporal::api::history::v1::{
    ActivityTaskFailedEventAttributes, ActivityTaskStartedEventAttributes, history_event::Attributes,
};

use super::workflow_task;
use crate::chain::Chain;
use crate::decision::{Counted, Effect};
use crate::failure;
use crate::input::ActivityRef;
use crate::rejection::Rejection;
use crate::retry::{self, Failed, Next};
use crate::state::Run;
use crate::state::activities::scheduled;
use crate::time::{proto_duration, proto_timestamp, timestamp_opt};
use crate::turn::{EventDraft, Turn};

/// The activity that a worker names. By token it must be running, in that attempt; by id, where `started` says so.
pub(super) fn find<'c>(
    chain: &'c Chain,
    activity: &ActivityRef,
    started: Started,
) -> Result<(&'c Run, &'c stored::Activity), Rejection> {
    match activity {
        ActivityRef::Token(attempt) => {
            let run = open(chain, attempt.run)?;
            let found = run
                .activity(attempt.scheduled_event_id)
                .filter(|found| found.started.is_some() && found.attempt == attempt.attempt);
            Ok((run, found.ok_or_else(Rejection::no_activity)?))
        }
        ActivityRef::Id { run, activity_id } => {
            let current = || chain.current_id().ok_or_else(|| Rejection::no_workflow(chain.key().id.as_str()));
            let run = open(chain, run.map_or_else(current, Ok)?)?;
            let found = run.activity_by_id(activity_id).ok_or_else(|| {
                Rejection::NotFound(format!(
                    "cannot find pending activity with ActivityID {activity_id}, check workflow execution history for more details"
                ))
            })?;
            if started == Started::Required && found.started.is_none() {
                return Err(Rejection::no_activity());
            }
            Ok((run, found))
        }
    }
}

/// Whether an activity that is named by its id must have started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Started {
    Required,
    Optional,
}

/// The run, where it is in memory and open.
pub(super) fn open(chain: &Chain, run: RunId) -> Result<&Run, Rejection> {
    let run = chain.run(run).ok_or(Rejection::RunNotLoaded(run))?;
    if run.is_open() { Ok(run) } else { Err(Rejection::closed()) }
}

/// Writes the late Started event of a running activity, with the time at which it happened; returns its id, 0 where it has
/// not started.
fn write_started(turn: &mut Turn<'_>, run: RunId, scheduled_event_id: i64) -> i64 {
    let Some(activity) = turn.chain.run(run).and_then(|run| run.activity(scheduled_event_id)) else { return 0 };
    let Some(started) = &activity.started else { return 0 };
    #[expect(deprecated, reason = "old workers still send their build id")]
    let attributes = ActivityTaskStartedEventAttributes {
        scheduled_event_id,
        identity: started.identity.clone(),
        request_id: started.request_id.clone(),
        attempt: activity.attempt,
        last_failure: activity.last_failure.clone(),
        worker_version: started.worker_version.clone(),
        ..ActivityTaskStartedEventAttributes::default()
    };
    let draft = EventDraft {
        attributes: Some(Attributes::ActivityTaskStartedEventAttributes(attributes)),
        time: timestamp_opt(started.started_time.as_ref()),
        ..EventDraft::default()
    };
    turn.event_or_buffer(run, draft)
}

/// Ends an activity: its Started event, the closing one that `closing` makes with its id, and a workflow task to tell of it.
pub(super) fn end(turn: &mut Turn<'_>, run: RunId, scheduled_event_id: i64, closing: impl FnOnce(i64) -> Attributes) {
    write_end(turn, run, scheduled_event_id, closing);
    workflow_task::ensure(turn, run);
}

/// The same where the caller schedules the workflow task (one for several ends).
pub(super) fn write_end(turn: &mut Turn<'_>, run: RunId, scheduled_event_id: i64, closing: impl FnOnce(i64) -> Attributes) {
    let started_event_id = write_started(turn, run, scheduled_event_id);
    turn.event_or_buffer(run, closing(started_event_id));
}

/// An attempt failed (by its worker's word, or in time): another one follows, or `Err` says why none does.
pub(super) fn retry(turn: &mut Turn<'_>, run: RunId, scheduled_event_id: i64, why: Option<&Failure>) -> Result<(), RetryState> {
    let now = turn.env.now;
    let Some((owner, activity)) = turn.chain.run(run).and_then(|run| Some((run, run.activity(scheduled_event_id)?))) else {
        return Err(RetryState::InternalServerError);
    };
    let of = scheduled(activity);
    let activity_type = of.and_then(|of| of.activity_type.as_ref()).map(|kind| kind.name.clone()).unwrap_or_default();
    let policy = of.and_then(|of| of.retry_policy.as_ref()).ok_or(RetryState::RetryPolicyNotSet);
    let next = policy.and_then(|policy| {
        if activity.cancel_requested {
            return Err(RetryState::CancelRequested);
        }
        let expiration = owner.activity_expiration(activity);
        match retry::activity(policy, Failed { attempt: activity.attempt, failure: why, now, expiration }) {
            Next::Attempt { at, after } => Ok((at, after)),
            Next::Stop(state) => Err(state),
        }
    });
    let mark = next.map(|(at, after)| stored::ActivityRetried {
        scheduled_event_id,
        attempt: activity.attempt.saturating_add(1),
        scheduled_time: Some(proto_timestamp(at)),
        last_failure: why.map(|why| failure::kept(why, turn.env.limits.activity_failure_bytes)),
        last_worker_identity: activity.started.as_ref().map(|started| started.identity.clone()).unwrap_or_default(),
        last_attempt_complete_time: Some(proto_timestamp(now)),
        retry_interval: Some(proto_duration(after)),
    });
    turn.effect(Effect::Counted(Counted::ActivityFailed { activity_type }));
    let mark = mark?;
    #[cfg(feature = "planted-bugs")]
    let mark = if model::planted::Bug::AttemptNotCounted.is_planted() {
        stored::ActivityRetried { attempt: mark.attempt - 1, ..mark }
    } else {
        mark
    };
    turn.mark(run, stored::mark::Kind::ActivityRetried(mark));
    Ok(())
}

/// An attempt failed: it is tried again, or the activity fails for good.
pub(super) fn fail(turn: &mut Turn<'_>, run: RunId, scheduled_event_id: i64, why: Option<Failure>, identity: &str) {
    let Err(retry_state) = retry(turn, run, scheduled_event_id, why.as_ref()) else { return };
    end(turn, run, scheduled_event_id, |started_event_id| {
        Attributes::ActivityTaskFailedEventAttributes(ActivityTaskFailedEventAttributes {
            failure: why,
            scheduled_event_id,
            started_event_id,
            identity: identity.to_owned(),
            retry_state: retry_state as i32,
            ..ActivityTaskFailedEventAttributes::default()
        })
    });
}

/// The durable start of an attempt.
pub(super) fn mark_started(turn: &mut Turn<'_>, run: RunId, started: stored::ActivityStarted) {
    turn.mark(run, stored::mark::Kind::ActivityStarted(started));
}

/// Whether a payload is over the limit of one blob.
pub(super) fn too_large(turn: &Turn<'_>, payload: Option<&impl prost::Message>) -> bool {
    payload.is_some_and(|payload| payload.encoded_len() > turn.env.limits.blob_error_bytes)
}

/// When an attempt starts that starts now: not before what the run's history tells, whatever the clock says.
pub(super) fn start_time(turn: &Turn<'_>, run: RunId) -> Option<prost_types::Timestamp> {
    let newest = turn.chain.run(run).map_or(turn.env.now, Run::last_event_time);
    Some(proto_timestamp(turn.env.now.max(newest)))
}

/// Now, as records have it.
pub(super) fn now(turn: &Turn<'_>) -> Option<prost_types::Timestamp> {
    let now: Timestamp = turn.env.now;
    Some(proto_timestamp(now))
}
