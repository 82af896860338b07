//! RespondWorkflowTaskCompleted: the worker's commands become events, all of them or none.

use model::RunId;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::enums::v1::{TimeoutType, WorkflowTaskFailedCause as Cause};
use proto::temporal::api::history::v1::{
    WorkflowTaskCompletedEventAttributes, WorkflowTaskTimedOutEventAttributes, history_event::Attributes as A,
};
use proto::temporal::api::workflowservice::v1::RespondWorkflowTaskCompletedRequest;
use stored::mark::Kind as M;

use super::activity_started;
use super::terminate::{self, Why};
use super::workflow_task::{self, Failing, HandOut};
use crate::commands::{self, Batch, CommandFailure};
use crate::decision::{Answer, Decision, Effect, WorkflowTaskCompletedAnswer, WorkflowTaskHandout};
use crate::failure;
use crate::input::{CompleteWorkflowTask, WorkflowTaskRef};
use crate::rejection::Rejection;
use crate::state::Run;
use crate::time::{duration, timestamp_opt};
use crate::turn::Turn;

/// Request id of a task that is handed out in the answer to another one. Source: Temporal's server.
const IN_ANSWER: &str = "request-from-RespondWorkflowTaskCompleted";

pub(crate) fn decide(mut turn: Turn<'_>, input: &CompleteWorkflowTask) -> Result<Decision, Rejection> {
    let run = input.task.run;
    let state = turn.run(run)?;
    matches_handout(state, &input.task)?;
    let request = &input.request;
    commands::check_sequence(&request.commands).map_err(Rejection::InvalidArgument)?;
    if heartbeat_is_over(&turn, state, request) {
        return Ok(end_heartbeat(turn, run));
    }
    let completed_event_id = complete(&mut turn, run, request);
    let mut batch = Batch { run, completed_event_id, request, eager_activities: Vec::new(), bad_search_attributes: None };
    for (place, command) in request.commands.iter().enumerate() {
        let bad = input.bad_search_attributes.as_ref().filter(|(at, _)| *at == place);
        batch.bad_search_attributes = bad.map(|(_, why)| why.as_str());
        if let Err(failure) = commands::run(&mut turn, &mut batch, command) {
            return fail(turn, run, request, &failure);
        }
    }
    let eager = batch.eager_activities.iter();
    let activity_tasks = eager.filter_map(|id| activity_started::eagerly(&mut turn, run, *id, &request.identity)).collect();
    let new_task = next_task(&mut turn, run, input);
    let workflow_task_pending = turn.chain.run(run).is_some_and(|state| state.state().workflow_task.is_some());
    if input.queries_wait && !workflow_task_pending {
        turn.effect(Effect::UnblockQueries { run });
    }
    Ok(turn.done(Answer::WorkflowTaskCompleted(Box::new(WorkflowTaskCompletedAnswer {
        new_task,
        activity_tasks,
        reset_history_event_id: 0,
        workflow_task_pending,
    }))))
}

/// Whether the token names the hand-out that is with a worker now.
pub(crate) fn matches_handout(run: &Run, token: &WorkflowTaskRef) -> Result<(), Rejection> {
    let task = run.state().workflow_task.as_ref().filter(|task| task.attempt == token.attempt);
    let handout = task.and_then(|_| run.workflow_task_handout()).filter(|handout| {
        handout.scheduled_event_id == token.scheduled_event_id
            && handout.started_event_id == token.started_event_id
            && handout.handout_id == token.handout_id
    });
    #[cfg(feature = "planted-bugs")]
    let handout = handout
        .or(run.workflow_task_handout())
        .filter(|now| now.handout_id == token.handout_id || model::planted::Bug::StaleTaskAccepted.is_planted());
    if run.is_open() && handout.is_some() { Ok(()) } else { Err(Rejection::no_workflow_task()) }
}

/// Only a completion that does nothing but ask for another task counts as a heartbeat.
fn is_heartbeat(request: &RespondWorkflowTaskCompletedRequest) -> bool {
    request.force_create_new_workflow_task && request.commands.is_empty() && request.messages.is_empty()
}

fn heartbeat_is_over(turn: &Turn<'_>, run: &Run, request: &RespondWorkflowTaskCompletedRequest) -> bool {
    let task = run.state().workflow_task.as_ref();
    let first = task.and_then(|task| timestamp_opt(task.original_scheduled_time.as_ref()));
    is_heartbeat(request) && first.is_some_and(|at| turn.env.now > at + turn.env.limits.workflow_task_heartbeat_timeout)
}

/// The row of heartbeats has lasted too long: the task counts as timed out and starts anew on the normal queue.
fn end_heartbeat(mut turn: Turn<'_>, run: RunId) -> Decision {
    if let Some((scheduled_event_id, started_event_id)) = workflow_task::write_started(&mut turn, run) {
        let timeout_type = TimeoutType::StartToClose as i32;
        let attributes = WorkflowTaskTimedOutEventAttributes { scheduled_event_id, started_event_id, timeout_type };
        turn.event(run, A::WorkflowTaskTimedOutEventAttributes(attributes));
    }
    workflow_task::ensure(&mut turn, run);
    turn.refused(Rejection::NotFound("workflow task heartbeat timeout".to_owned()))
}

/// Writes the Completed event, and what came with it.
fn complete(turn: &mut Turn<'_>, run: RunId, request: &RespondWorkflowTaskCompletedRequest) -> i64 {
    let Some((scheduled_event_id, started_event_id)) = workflow_task::write_started(turn, run) else { return 0 };
    #[expect(deprecated, reason = "old workers send and read it")]
    let attributes = WorkflowTaskCompletedEventAttributes {
        scheduled_event_id,
        started_event_id,
        identity: request.identity.clone(),
        binary_checksum: request.binary_checksum.clone(),
        worker_version: request.worker_version_stamp.clone(),
        sdk_metadata: request.sdk_metadata.clone(),
        metering_metadata: request.metering_metadata,
        ..WorkflowTaskCompletedEventAttributes::default()
    };
    let id = turn.event(run, A::WorkflowTaskCompletedEventAttributes(attributes));
    if let Some(sticky) = &request.sticky_attributes
        && let Some(queue) = sticky.worker_task_queue.as_ref().filter(|queue| !queue.name.is_empty())
    {
        let timeout = sticky.schedule_to_start_timeout;
        let queue = stored::StickyQueue { name: queue.name.clone(), schedule_to_start_timeout: timeout };
        turn.mark(run, M::StickyQueue(queue));
    }
    note_reset_point(turn, run, id, request);
    id
}

/// The first completion by each build is a point that the run could be reset to.
fn note_reset_point(turn: &mut Turn<'_>, run: RunId, completed: i64, request: &RespondWorkflowTaskCompletedRequest) {
    #[expect(deprecated, reason = "unversioned workers name their build here")]
    let (build_id, checksum) = (
        request.worker_version_stamp.as_ref().map(|stamp| stamp.build_id.clone()).unwrap_or_default(),
        request.binary_checksum.clone(),
    );
    let Some(state) = turn.chain.run(run) else { return };
    #[expect(deprecated, reason = "old workers name their build here")]
    let known = state.state().reset_points.iter().any(|point| point.build_id == build_id && point.binary_checksum == checksum);
    if known || (build_id.is_empty() && checksum.is_empty()) {
        return;
    }
    #[expect(deprecated, reason = "old workers name their build here")]
    let point = proto::temporal::api::workflow::v1::ResetPointInfo {
        build_id,
        binary_checksum: checksum,
        run_id: run.to_string(),
        first_workflow_task_completed_id: completed,
        create_time: Some(crate::time::proto_timestamp(turn.env.now)),
        expire_time: None,
        resettable: state.children().is_empty(),
    };
    turn.mark(run, M::ResetPoint(stored::ResetPoint { point: Some(point) }));
}

/// A command cannot be carried out: nothing of this task stays, and it counts as failed. A repeated failure is not even noted:
/// the task runs into its timeout, so that a worker that keeps failing does not spin.
fn fail(
    mut turn: Turn<'_>,
    run: RunId,
    request: &RespondWorkflowTaskCompletedRequest,
    why: &CommandFailure,
) -> Result<Decision, Rejection> {
    let message = why.text();
    turn.discard();
    let attempt = turn.run(run)?.state().workflow_task.as_ref().map_or(1, |task| task.attempt);
    if attempt > 1 && why.cause != Cause::UnhandledCommand {
        return Err(Rejection::InvalidArgument(message));
    }
    #[expect(deprecated, reason = "old workers send it")]
    let binary_checksum = request.binary_checksum.clone();
    let failing = Failing {
        cause: why.cause,
        failure: Some(failure::server(&message, false)),
        identity: request.identity.clone(),
        binary_checksum,
    };
    workflow_task::fail_started(&mut turn, run, failing);
    if why.terminate {
        terminate::terminate(&mut turn, run, Why::ours(&message));
    } else {
        workflow_task::schedule(&mut turn, run);
        if why.cause == Cause::UnhandledCommand {
            turn.mark(run, M::CloseAttempted(stored::CloseAttempted { attempted: true }));
        }
    }
    Ok(turn.refused(Rejection::InvalidArgument(message)))
}

/// The next workflow task, where something asks for one; handed out at once where the worker wants it in the answer.
fn next_task(turn: &mut Turn<'_>, run: RunId, input: &CompleteWorkflowTask) -> Option<WorkflowTaskHandout> {
    let request = &input.request;
    let before = turn.original().run(run)?.state().workflow_task.clone()?;
    let state = turn.chain.run(run)?;
    if !state.is_open() {
        return None;
    }
    let waiting = !state.state().buffered_events.is_empty();
    if !(waiting || request.force_create_new_workflow_task) {
        return None;
    }
    workflow_task::schedule(turn, run);
    let task = turn.chain.run(run)?.state().workflow_task.clone()?;
    if is_heartbeat(request) {
        turn.mark(
            run,
            M::WorkflowTaskScheduled(stored::WorkflowTaskScheduled {
                scheduled_event_id: task.scheduled_event_id,
                attempt: task.attempt,
                scheduled_time: task.scheduled_time,
                original_scheduled_time: before.original_scheduled_time,
                kind: task.kind,
                start_to_close_timeout: task.start_to_close_timeout,
            }),
        );
    }
    if !request.return_new_workflow_task {
        return None;
    }
    let by = HandOut {
        request_id: IN_ANSWER.to_owned(),
        identity: request.identity.clone(),
        sticky: duration(task.schedule_to_start_timeout.as_ref()) > std::time::Duration::ZERO
            || turn.chain.run(run)?.state().sticky_queue.is_some(),
        worker_version: None,
        logged: true,
    };
    workflow_task::hand_out(turn, run, by)
}
