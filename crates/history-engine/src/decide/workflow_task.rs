//! What every verb needs of workflow tasks: schedule one, hand it out, write what was only handed out, end it.

use std::time::Duration;

use model::{RunId, Timestamp};
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::enums::v1::{SuggestContinueAsNewReason, TaskQueueKind, TimeoutType, WorkflowTaskFailedCause as Cause};
use proto::temporal::api::failure::v1::Failure;
use proto::temporal::api::history::v1::{
    WorkflowTaskFailedEventAttributes, WorkflowTaskScheduledEventAttributes, WorkflowTaskTimedOutEventAttributes,
    history_event::Attributes as A,
};
use proto::temporal::api::taskqueue::v1::TaskQueue;
use stored::mark::Kind as M;

use crate::decide::buffer;
use crate::decision::WorkflowTaskHandout;
use crate::record::Volatile;
use crate::state::Run;
use crate::time::{duration, proto_duration, proto_timestamp, timestamp_opt};
use crate::turn::Turn;

/// Attempts whose timeout is not lengthened. Source: Temporal's `workflowTaskRetryBackoffMinAttempts`.
const PATIENT_FROM_ATTEMPT: i32 = 3;
/// The first lengthening. Source: Temporal's `workflowTaskRetryInitialInterval`.
const PATIENCE: Duration = Duration::from_secs(5);

/// Schedules a workflow task where none is pending and nothing forbids it: the run is open and does not wait for its first
/// one. Call it after writing events that a worker must see.
pub(crate) fn ensure(turn: &mut Turn<'_>, run: RunId) {
    if turn.chain.run(run).is_some_and(|state| !state.waits_for_first_task()) {
        schedule(turn, run);
    }
}

/// Like [`ensure`], and ends the wait for the first one.
pub(crate) fn schedule(turn: &mut Turn<'_>, run: RunId) {
    let Some(state) = turn.chain.run(run) else { return };
    if !state.is_open() || state.state().workflow_task.is_some() {
        return;
    }
    let flushed = buffer::flush(turn, run);
    let Some(state) = turn.chain.run(run) else { return };
    let attempt = if flushed { 1 } else { state.state().next_workflow_task_attempt.max(1) };
    let timeout = start_to_close(turn, state, attempt);
    if attempt == 1 {
        let task_queue = Some(current_task_queue(state));
        let start_to_close_timeout = Some(proto_duration(timeout));
        let attributes = WorkflowTaskScheduledEventAttributes { task_queue, start_to_close_timeout, attempt };
        turn.event(run, A::WorkflowTaskScheduledEventAttributes(attributes));
        return;
    }
    let now = proto_timestamp(turn.env.now.max(state.last_event_time()));
    let scheduled = stored::WorkflowTaskScheduled {
        scheduled_event_id: state.next_event_id(),
        attempt,
        scheduled_time: Some(now),
        original_scheduled_time: Some(now),
        kind: stored::WorkflowTaskKind::Transient as i32,
        start_to_close_timeout: Some(proto_duration(timeout)),
    };
    turn.mark(run, M::WorkflowTaskScheduled(scheduled));
}

/// A transient task that is not first in line any more (events came in between) becomes a normal one, attempt 1.
pub(crate) fn normalise(turn: &mut Turn<'_>, run: RunId) {
    let Some(state) = turn.chain.run(run) else { return };
    let moved = state.state().workflow_task.as_ref().is_some_and(|task| {
        task.kind() == stored::WorkflowTaskKind::Transient && task.scheduled_event_id != state.next_event_id()
    });
    if moved && !state.workflow_task_is_started() {
        turn.mark(run, M::WorkflowTaskDropped(stored::WorkflowTaskDropped {}));
        schedule(turn, run);
    }
}

fn start_to_close(turn: &Turn<'_>, run: &Run, attempt: i32) -> Duration {
    let timeout = duration(run.start_attributes().workflow_task_timeout.as_ref());
    let timeout = if timeout.is_zero() { turn.env.limits.default_workflow_task_timeout } else { timeout };
    let beyond = u32::try_from(attempt.saturating_sub(PATIENT_FROM_ATTEMPT)).unwrap_or(0);
    match beyond {
        0 => timeout,
        n => {
            let longest = turn.env.limits.workflow_task_retry_max_interval;
            timeout + PATIENCE.saturating_mul(2u32.saturating_pow(n.saturating_sub(1))).min(longest)
        }
    }
}

fn current_task_queue(run: &Run) -> TaskQueue {
    let normal = run.normal_task_queue();
    match &run.state().sticky_queue {
        Some(sticky) => TaskQueue { name: sticky.name.clone(), kind: TaskQueueKind::Sticky as i32, normal_name: normal.name },
        None => normal,
    }
}

/// How a hand-out came about.
#[derive(Debug, Clone, Default)]
pub(crate) struct HandOut {
    pub(crate) request_id: String,
    pub(crate) identity: String,
    pub(crate) sticky: bool,
    pub(crate) worker_version: Option<proto::temporal::api::common::v1::WorkerVersionStamp>,
    /// The start is logged because a commit happens anyway.
    pub(crate) logged: bool,
}

/// Hands the pending workflow task out.
pub(crate) fn hand_out(turn: &mut Turn<'_>, run: RunId, by: HandOut) -> Option<WorkflowTaskHandout> {
    let handout_id = turn.new_id().to_string();
    let state = turn.chain.run(run)?;
    let task = state.state().workflow_task.as_ref()?;
    let written = task.scheduled_event_id < state.next_event_id();
    let started_event_id = if written { state.next_event_id() } else { task.scheduled_event_id.saturating_add(1) };
    let suggest_continue_as_new_reasons = suggestions(turn, state);
    // The clock of another process may have been ahead when the task was scheduled.
    let scheduled = timestamp_opt(task.scheduled_time.as_ref()).unwrap_or(Timestamp::EPOCH);
    let started_time = turn.env.now.max(state.last_event_time()).max(scheduled);
    let started = stored::WorkflowTaskStarted {
        scheduled_event_id: task.scheduled_event_id,
        started_event_id,
        request_id: by.request_id,
        handout_id,
        identity: by.identity,
        started_time: Some(proto_timestamp(started_time)),
        history_size_bytes: state.state().history_size_bytes,
        suggest_continue_as_new: !suggest_continue_as_new_reasons.is_empty(),
        suggest_continue_as_new_reasons,
        worker_version: by.worker_version,
        sticky: by.sticky,
    };
    if by.logged {
        log_handout(turn, run, started);
    } else {
        turn.volatile(run, Volatile::WorkflowTaskStarted(started));
    }
    handed_out(turn, run)
}

/// A durable hand-out: the event where the task has events, and a mark with what the event does not say.
fn log_handout(turn: &mut Turn<'_>, run: RunId, started: stored::WorkflowTaskStarted) {
    let Some(state) = turn.chain.run(run) else { return };
    if started.scheduled_event_id < state.next_event_id() {
        let event = state.started_event(&started);
        turn.rewrite(run, event);
    }
    turn.mark(run, M::WorkflowTaskStarted(started));
}

fn suggestions(turn: &Turn<'_>, run: &Run) -> Vec<i32> {
    let limits = &turn.env.limits;
    let mut reasons = Vec::new();
    if run.state().history_size_bytes >= limits.history_suggest_bytes {
        reasons.push(SuggestContinueAsNewReason::HistorySizeTooLarge as i32);
    }
    if run.next_event_id() >= limits.history_suggest_count {
        reasons.push(SuggestContinueAsNewReason::TooManyHistoryEvents as i32);
    }
    reasons
}

/// The hand-out of the pending workflow task, as the worker gets it.
pub(crate) fn handed_out(turn: &Turn<'_>, run: RunId) -> Option<WorkflowTaskHandout> {
    let state = turn.chain.run(run)?;
    let task = state.state().workflow_task.as_ref()?;
    let started = state.workflow_task_handout()?;
    let start = state.start_attributes();
    let suffix = state.unwritten_events();
    Some(WorkflowTaskHandout {
        run_id: run,
        workflow_type: start.workflow_type.clone().unwrap_or_default().name,
        scheduled_event_id: started.scheduled_event_id,
        started_event_id: started.started_event_id,
        previous_started_event_id: state.state().last_completed_started_event_id,
        attempt: task.attempt,
        handout_id: started.handout_id.clone(),
        scheduled_time: timestamp_opt(task.scheduled_time.as_ref()).unwrap_or_default(),
        started_time: timestamp_opt(started.started_time.as_ref()).unwrap_or_default(),
        sticky: started.sticky,
        next_event_id: suffix.first().map_or(started.started_event_id.saturating_add(1), |event| event.event_id),
        suffix,
        task_queue: state.normal_task_queue().name,
    })
}

/// Writes the events of the handed-out workflow task that history does not have yet. Ids of its scheduled and started event.
pub(crate) fn write_started(turn: &mut Turn<'_>, run: RunId) -> Option<(i64, i64)> {
    let state = turn.chain.run(run)?;
    let handout = state.workflow_task_handout()?;
    let ids = (handout.scheduled_event_id, handout.started_event_id);
    let volatile = state.started().is_some();
    for event in state.unwritten_events() {
        turn.rewrite(run, event);
    }
    if volatile {
        turn.count_late_start(run);
    }
    Some(ids)
}

/// Makes a volatile hand-out durable: the run leaves memory.
pub(crate) fn keep_started(turn: &mut Turn<'_>, run: RunId) {
    let Some(started) = turn.chain.run(run).and_then(|state| state.started().cloned()) else { return };
    // The turn counts as the start's own.
    log_handout(turn, run, started);
}

/// How a started workflow task failed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failing {
    pub(crate) cause: Cause,
    pub(crate) failure: Option<Failure>,
    pub(crate) identity: String,
    pub(crate) binary_checksum: String,
}

/// Fails the started workflow task; what follows is up to the caller. The first attempt shows in history; further ones only
/// count.
pub(crate) fn fail_started(turn: &mut Turn<'_>, run: RunId, failing: Failing) {
    let Some(pending) = Pending::of(turn, run) else { return };
    if pending.attempt == 1 {
        let Some((scheduled_event_id, started_event_id)) = write_started(turn, run) else { return };
        #[expect(deprecated, reason = "old workers read it")]
        let attributes = WorkflowTaskFailedEventAttributes {
            scheduled_event_id,
            started_event_id,
            cause: failing.cause as i32,
            failure: failing.failure.clone(),
            identity: failing.identity,
            binary_checksum: failing.binary_checksum,
            ..WorkflowTaskFailedEventAttributes::default()
        };
        turn.event(run, A::WorkflowTaskFailedEventAttributes(attributes));
    }
    pending.count_attempt(turn, run, failing.cause, failing.failure, false);
}

/// The started workflow task took too long.
pub(crate) fn time_out_started(turn: &mut Turn<'_>, run: RunId) {
    let Some(pending) = Pending::of(turn, run) else { return };
    if pending.attempt == 1 {
        let Some((scheduled_event_id, started_event_id)) = write_started(turn, run) else { return };
        let timeout_type = TimeoutType::StartToClose as i32;
        let attributes = WorkflowTaskTimedOutEventAttributes { scheduled_event_id, started_event_id, timeout_type };
        turn.event(run, A::WorkflowTaskTimedOutEventAttributes(attributes));
    }
    pending.count_attempt(turn, run, Cause::Unspecified, None, true);
}

/// Nobody polled the sticky queue.
pub(crate) fn time_out_sticky(turn: &mut Turn<'_>, run: RunId) {
    let Some(pending) = Pending::of(turn, run) else { return };
    let attributes = WorkflowTaskTimedOutEventAttributes {
        scheduled_event_id: pending.scheduled_event_id,
        started_event_id: 0,
        timeout_type: TimeoutType::ScheduleToStart as i32,
    };
    turn.event(run, A::WorkflowTaskTimedOutEventAttributes(attributes));
}

/// What decides how the attempt counts, read before the task ends.
struct Pending {
    scheduled_event_id: i64,
    attempt: i32,
    sticky: bool,
}

impl Pending {
    fn of(turn: &Turn<'_>, run: RunId) -> Option<Self> {
        let state = turn.chain.run(run)?;
        let task = state.state().workflow_task.as_ref()?;
        let sticky = state.state().sticky_queue.is_some();
        Some(Self { scheduled_event_id: task.scheduled_event_id, attempt: task.attempt, sticky })
    }

    /// A task that failed while its worker had the run in its cache is tried afresh on the normal queue; so is one whose
    /// failure says nothing about the worker.
    fn count_attempt(&self, turn: &mut Turn<'_>, run: RunId, cause: Cause, failure: Option<Failure>, timed_out: bool) {
        let afresh = self.sticky || matches!(cause, Cause::ResetWorkflow | Cause::FailoverCloseCommand);
        if afresh {
            if self.attempt > 1 {
                turn.mark(run, M::WorkflowTaskDropped(stored::WorkflowTaskDropped {}));
            }
            return;
        }
        let attempt = self.attempt;
        let failed = stored::WorkflowTaskAttemptFailed { attempt, cause: cause as i32, failure, timed_out };
        turn.mark(run, M::WorkflowTaskAttemptFailed(failed));
    }
}
