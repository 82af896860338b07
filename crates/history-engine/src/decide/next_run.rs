//! The run that follows a closed one: continue-as-new, retry, cron.

use std::time::Duration;

use model::{RunId, Timestamp};
use proto::aevum::persistence::v1::{RequestKind, RequestSeen};
use proto::temporal::api::command::v1::ContinueAsNewWorkflowExecutionCommandAttributes;
use proto::temporal::api::common::v1::{Link, Payloads, RetryPolicy};
use proto::temporal::api::enums::v1::{ContinueAsNewInitiator as Initiator, EventType, RetryState};
use proto::temporal::api::failure::v1::Failure;
use proto::temporal::api::history::v1::WorkflowExecutionStartedEventAttributes;
use proto::temporal::api::sdk::v1::UserMetadata;
use proto::temporal::api::workflow::v1::ResetPoints;
use scheduler::Cron;

use super::new_run::{self, NewRun};
use crate::retry;
use crate::state::Run;
use crate::time::{duration, proto_duration, timestamp_opt};
use crate::turn::Turn;

/// No run follows the start of another one sooner. Source: Temporal's `ContinueAsNewMinInterval`.
const MIN_GAP: Duration = Duration::from_secs(1);
/// How long request ids go with the chain. Source: `architecture.md` 4.11.
const REQUESTS_KEPT: Duration = Duration::from_secs(24 * 3600);
/// How many of them.
const REQUESTS_CARRIED: usize = 1_000;

/// A run that is to follow.
#[derive(Debug, Clone)]
pub(crate) struct Follow {
    run: RunId,
    start: WorkflowExecutionStartedEventAttributes,
    user_metadata: Option<UserMetadata>,
    links: Vec<Link>,
}

impl Follow {
    /// Its id, as the closing event names it.
    pub(crate) fn run_id(&self) -> String {
        self.run.to_string()
    }

    /// Its first event.
    pub(crate) const fn start(&self) -> &WorkflowExecutionStartedEventAttributes {
        &self.start
    }

    /// Starts it, after `old` was closed.
    pub(crate) fn create(self, turn: &mut Turn<'_>, old: RunId) {
        let inherited_requests = turn.chain.run(old).map(|state| carried(state, turn.env.now)).unwrap_or_default();
        let new = NewRun {
            start: self.start,
            request_id: turn.new_id().to_string(),
            user_metadata: self.user_metadata,
            links: self.links,
            inherited_requests,
            ..NewRun::default()
        };
        new_run::create(turn, self.run, new);
    }

    /// What every following run has of the one before.
    fn of(turn: &mut Turn<'_>, old: RunId, initiator: Initiator, backoff: Duration) -> Option<Self> {
        let run = RunId::new(turn.new_id());
        let state = turn.chain.run(old)?;
        let backoff = spaced(state, turn.env.now, backoff);
        let event = state.state().started_event.clone().unwrap_or_default();
        let start = WorkflowExecutionStartedEventAttributes {
            continued_execution_run_id: old.to_string(),
            original_execution_run_id: run.to_string(),
            initiator: initiator as i32,
            attempt: 1,
            continued_failure: None,
            last_completion_result: None,
            first_workflow_task_backoff: Some(proto_duration(backoff)),
            prev_auto_reset_points: Some(ResetPoints { points: state.state().reset_points.clone() }),
            eager_execution_accepted: false,
            ..state.start_attributes().clone()
        };
        Some(Self { run, start, user_metadata: event.user_metadata, links: event.links })
    }
}

/// A chain of very short runs is slowed down.
fn spaced(run: &Run, now: Timestamp, backoff: Duration) -> Duration {
    let lived = now.since(timestamp_opt(run.state().execution_time.as_ref()).unwrap_or(now));
    backoff.max(MIN_GAP.saturating_sub(lived))
}

/// Request ids that still dedupe in the run after this one: of signals, cancels and starts.
pub(crate) fn carried(run: &Run, now: Timestamp) -> Vec<RequestSeen> {
    let start = run.start_attributes();
    let here = |seen: RequestSeen| RequestSeen {
        run_id: run.id().to_string(),
        first_execution_run_id: start.first_execution_run_id.clone(),
        status: run.status() as i32,
        ..seen
    };
    let own = (start.continued_execution_run_id.is_empty()).then(|| {
        here(RequestSeen {
            request_id: run.state().create_request_id.clone(),
            kind: RequestKind::Start as i32,
            time: run.state().started_event.as_ref().and_then(|event| event.event_time),
            event_id: 1,
            event_type: EventType::WorkflowExecutionStarted as i32,
            ..RequestSeen::default()
        })
    });
    let seen = run.requests().map(|seen| match seen.kind() {
        RequestKind::Attached if seen.run_id.is_empty() => here(seen.clone()),
        _ => seen.clone(),
    });
    let recent = own.into_iter().chain(seen).filter(|seen| {
        let at = timestamp_opt(seen.time.as_ref()).unwrap_or(Timestamp::EPOCH);
        let kind = seen.kind();
        let kept = matches!(kind, RequestKind::Start | RequestKind::Attached | RequestKind::Signal | RequestKind::Cancel);
        kept && !seen.request_id.is_empty() && now.since(at) <= REQUESTS_KEPT
    });
    let mut carried: Vec<_> = recent.collect();
    carried.sort_by_key(|seen| timestamp_opt(seen.time.as_ref()));
    carried.drain(..carried.len().saturating_sub(REQUESTS_CARRIED));
    carried
}

/// What follows a failure: a retry, else the next time of the cron schedule (unless the execution's time is over).
pub(crate) fn after_failure(
    turn: &mut Turn<'_>,
    old: RunId,
    failure: &Failure,
    execution_is_over: bool,
) -> (RetryState, Option<Follow>) {
    let Some(state) = turn.chain.run(old) else { return (RetryState::Unspecified, None) };
    let start = state.start_attributes();
    let attempt = start.attempt.max(1);
    let expiration = timestamp_opt(state.state().execution_expiration.as_ref());
    let failed = retry::Failed { attempt, failure: Some(failure), now: turn.env.now, expiration };
    match retry::workflow(start.retry_policy.as_ref(), failed) {
        retry::Next::Attempt { after: backoff, .. } => {
            let next_attempt = attempt.saturating_add(1);
            #[cfg(feature = "planted-bugs")]
            let next_attempt = if model::planted::Bug::RunAttemptNotCounted.is_planted() { attempt } else { next_attempt };
            let last_completion_result = start.last_completion_result.clone();
            let follow = Follow::of(turn, old, Initiator::Retry, backoff).map(|mut follow| {
                follow.start.attempt = next_attempt;
                follow.start.continued_failure = Some(failure.clone());
                follow.start.last_completion_result = last_completion_result;
                follow
            });
            (RetryState::InProgress, follow)
        }
        retry::Next::Stop(state) if execution_is_over => (state, None),
        retry::Next::Stop(state) => (state, by_cron(turn, old, None, Some(failure))),
    }
}

/// What follows a success: the next time of the cron schedule.
pub(crate) fn after_completion(turn: &mut Turn<'_>, old: RunId, result: Option<&Payloads>) -> Option<Follow> {
    by_cron(turn, old, result, None)
}

fn by_cron(turn: &mut Turn<'_>, old: RunId, result: Option<&Payloads>, failure: Option<&Failure>) -> Option<Follow> {
    let state = turn.chain.run(old)?;
    let start = state.start_attributes();
    if start.cron_schedule.is_empty() {
        return None;
    }
    let cron = Cron::parse(&start.cron_schedule).ok()?;
    let executed = timestamp_opt(state.state().execution_time.as_ref()).unwrap_or(turn.env.now);
    let backoff = cron.backoff(executed, turn.env.now)?;
    let last_completion_result = if failure.is_some() { start.last_completion_result.clone() } else { result.cloned() };
    let mut follow = Follow::of(turn, old, Initiator::CronSchedule, backoff)?;
    follow.start.last_completion_result = last_completion_result;
    follow.start.continued_failure = failure.cloned();
    follow.start.completion_callbacks.clear();
    Some(follow)
}

/// What follows because the workflow says so.
pub(crate) fn as_told(
    turn: &mut Turn<'_>,
    old: RunId,
    told: &ContinueAsNewWorkflowExecutionCommandAttributes,
    policy: Option<RetryPolicy>,
) -> Option<Follow> {
    let initiator = match told.initiator() {
        Initiator::Unspecified => Initiator::Workflow,
        initiator => initiator,
    };
    let backoff = duration(told.backoff_start_interval.as_ref());
    let mut follow = Follow::of(turn, old, initiator, backoff)?;
    let start = &mut follow.start;
    if initiator == Initiator::Retry {
        start.attempt = turn.chain.run(old)?.start_attributes().attempt.max(1).saturating_add(1);
    }
    if let Some(kind) = told.workflow_type.as_ref().filter(|kind| !kind.name.is_empty()) {
        start.workflow_type = Some(kind.clone());
    }
    if let Some(queue) = told.task_queue.as_ref().filter(|queue| !queue.name.is_empty())
        && let Some(own) = &mut start.task_queue
    {
        own.name = queue.name.clone();
    }
    let (run, task) = told_timeouts(turn, start, told);
    start.workflow_run_timeout = Some(proto_duration(run));
    start.workflow_task_timeout = Some(proto_duration(task));
    start.input = told.input.clone();
    start.header = told.header.clone();
    start.memo = told.memo.clone();
    start.search_attributes = told.search_attributes.clone();
    start.retry_policy = policy;
    start.cron_schedule = told.cron_schedule.clone();
    start.last_completion_result = told.last_completion_result.clone();
    start.continued_failure = told.failure.clone();
    Some(follow)
}

/// The timeouts that the command gives, else those of the run before: (run, workflow task).
pub(crate) fn told_timeouts(
    turn: &Turn<'_>,
    start: &WorkflowExecutionStartedEventAttributes,
    told: &ContinueAsNewWorkflowExecutionCommandAttributes,
) -> (Duration, Duration) {
    let or = |given: Option<&prost_types::Duration>, own: Option<&prost_types::Duration>| match duration(given) {
        Duration::ZERO => duration(own),
        given => given,
    };
    new_run::timeouts(
        turn,
        duration(start.workflow_execution_timeout.as_ref()),
        or(told.workflow_run_timeout.as_ref(), start.workflow_run_timeout.as_ref()),
        or(told.workflow_task_timeout.as_ref(), start.workflow_task_timeout.as_ref()),
    )
}
