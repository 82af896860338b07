//! Matching found a poller for an activity attempt. Its start is logged before the worker hears of it, so that no attempt ever
//! runs twice: the same request gets the same start again, any other none.

use model::RunId;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::common::v1::{Priority, WorkerVersionStamp, WorkflowExecution};
use proto::temporal::api::workflowservice::v1::{PollActivityTaskQueueRequest, PollActivityTaskQueueResponse};

use super::activity::{mark_started, open, start_time};
use crate::decision::{ActivityHandout, Answer, Decision};
use crate::input::StartActivityTask;
use crate::rejection::Rejection;
use crate::state::Run;
use crate::state::activities::scheduled;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, input: &StartActivityTask) -> Result<Decision, Rejection> {
    let asked = input.attempt;
    let run = open(&turn.chain, asked.run)?;
    let activity = run.activity(asked.scheduled_event_id).ok_or_else(Rejection::no_activity)?;
    if activity.attempt != asked.attempt || activity.stamp != input.stamp {
        return Err(Rejection::ObsoleteTask("activity"));
    }
    match &activity.started {
        Some(started) if started.request_id == input.request_id => {}
        #[cfg(feature = "planted-bugs")]
        Some(_) if model::planted::Bug::DoubledTask.is_planted() => start(&mut turn, input),
        Some(_) => return Err(Rejection::TaskAlreadyStarted("activity")),
        None => start(&mut turn, input),
    }
    let handout = handout(&turn, asked.run, asked.scheduled_event_id).ok_or_else(Rejection::no_activity)?;
    Ok(turn.done(Answer::ActivityTask(Box::new(handout))))
}

fn start(turn: &mut Turn<'_>, input: &StartActivityTask) {
    let asked = input.attempt;
    let started = stored::ActivityStarted {
        scheduled_event_id: asked.scheduled_event_id,
        attempt: asked.attempt,
        request_id: input.request_id.clone(),
        identity: input.poll.identity.clone(),
        started_time: start_time(turn, asked.run),
        worker_version: worker_version(&input.poll),
    };
    mark_started(turn, asked.run, started);
}

/// Starts an activity in the turn that scheduled it, for the worker that did; nothing where it is gone again.
pub(crate) fn eagerly(turn: &mut Turn<'_>, run: RunId, scheduled_event_id: i64, identity: &str) -> Option<ActivityHandout> {
    let owner = turn.chain.run(run).filter(|run| run.is_open())?;
    let attempt = owner.activity(scheduled_event_id).filter(|activity| activity.started.is_none())?.attempt;
    let started = stored::ActivityStarted {
        scheduled_event_id,
        attempt,
        request_id: turn.new_id().to_string(),
        identity: identity.to_owned(),
        started_time: start_time(turn, run),
        worker_version: None,
    };
    mark_started(turn, run, started);
    handout(turn, run, scheduled_event_id)
}

/// A running attempt as its worker gets it.
fn handout(turn: &Turn<'_>, run: RunId, scheduled_event_id: i64) -> Option<ActivityHandout> {
    let owner = turn.chain.run(run)?;
    let activity = owner.activity(scheduled_event_id)?;
    let of = scheduled(activity)?;
    let start = owner.start_attributes();
    let response = PollActivityTaskQueueResponse {
        workflow_namespace: turn.env.namespace.name.clone(),
        workflow_type: start.workflow_type.clone(),
        workflow_execution: Some(execution(owner)),
        activity_type: of.activity_type.clone(),
        activity_id: of.activity_id.clone(),
        header: of.header.clone(),
        input: of.input.clone(),
        heartbeat_details: activity.heartbeat_details.clone(),
        scheduled_time: activity.first_scheduled_time,
        current_attempt_scheduled_time: activity.scheduled_time,
        started_time: activity.started.as_ref()?.started_time,
        attempt: activity.attempt,
        schedule_to_close_timeout: of.schedule_to_close_timeout,
        start_to_close_timeout: of.start_to_close_timeout,
        heartbeat_timeout: of.heartbeat_timeout,
        retry_policy: of.retry_policy.clone(),
        priority: merged(start.priority.as_ref(), of.priority.as_ref()),
        ..PollActivityTaskQueueResponse::default()
    };
    Some(ActivityHandout { run_id: run, scheduled_event_id, attempt: activity.attempt, stamp: activity.stamp, response })
}

fn execution(run: &Run) -> WorkflowExecution {
    WorkflowExecution { workflow_id: run.state().workflow_id.clone(), run_id: run.state().run_id.clone() }
}

/// The workflow's priority where the activity sets none, field by field.
fn merged(base: Option<&Priority>, own: Option<&Priority>) -> Option<Priority> {
    let (Some(base), Some(own)) = (base, own) else { return own.or(base).cloned() };
    let mut merged = own.clone();
    if merged.priority_key == 0 {
        merged.priority_key = base.priority_key;
    }
    if merged.fairness_key.is_empty() {
        merged.fairness_key = base.fairness_key.clone();
    }
    if merged.fairness_weight == 0.0 {
        merged.fairness_weight = base.fairness_weight;
    }
    Some(merged)
}

fn worker_version(poll: &PollActivityTaskQueueRequest) -> Option<WorkerVersionStamp> {
    #[expect(deprecated, reason = "old workers still send their build id")]
    let capabilities = poll.worker_version_capabilities.as_ref()?;
    (!capabilities.build_id.is_empty())
        .then(|| WorkerVersionStamp { build_id: capabilities.build_id.clone(), use_versioning: capabilities.use_versioning })
}

#[cfg(test)]
mod tests;
