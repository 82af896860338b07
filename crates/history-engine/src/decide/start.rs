//! StartWorkflowExecution: dedupe first, then the policies, then a new run.

use std::time::Duration;

use model::{RunId, Timestamp};
use prost::Message;
use proto::aevum::persistence::v1::{RequestKind, RequestSeen};
use proto::temporal::api::enums::v1::{
    ContinueAsNewInitiator, TaskQueueKind, WorkflowExecutionStatus as Status, WorkflowIdConflictPolicy as Conflict,
    WorkflowIdReusePolicy as Reuse,
};
use proto::temporal::api::history::v1::{
    WorkflowExecutionOptionsUpdatedEventAttributes, WorkflowExecutionStartedEventAttributes, history_event::Attributes as A,
};
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflowservice::v1::StartWorkflowExecutionRequest;
use scheduler::{Cron, CronError};

use super::new_run::{self, NewRun};
use super::{next_run, terminate, workflow_task};
use crate::decision::{Answer, Decision, StartAnswer, WorkflowTaskHandout};
use crate::input::{Parent, Start};
use crate::rejection::Rejection;
use crate::retry;
use crate::state::Run;
use crate::time::{duration, proto_duration, proto_timestamp};
use crate::turn::{EventDraft, Turn};

pub(crate) fn decide(mut turn: Turn<'_>, input: &Start) -> Result<Decision, Rejection> {
    let request = &input.request;
    if let Some(answer) = deduped(&turn, &request.request_id) {
        return Ok(turn.done(answer));
    }
    check(&turn, request)?;
    let (conflict, reuse) = policies(request.workflow_id_conflict_policy(), request.workflow_id_reuse_policy(), Conflict::Fail);
    let answer = match admit(&turn, conflict, reuse)? {
        Admission::New => start(&mut turn, input, None)?,
        Admission::Replace(old) => replace(&mut turn, old, input, None)?,
        Admission::Existing(run) => {
            attach(&mut turn, run, request);
            existing(&turn, run, false)?
        }
    };
    Ok(turn.done(answer))
}

/// What the policies say about a start.
pub(crate) enum Admission {
    /// A new run.
    New,
    /// The open run is terminated for a new one.
    Replace(RunId),
    /// The open run is used.
    Existing(RunId),
}

/// An earlier try of the same request, by whatever way it got in, whether or not its run is still open.
fn deduped(turn: &Turn<'_>, request_id: &str) -> Option<Answer> {
    let current = turn.chain.current()?;
    if !request_id.is_empty() && current.state().create_request_id == request_id {
        return existing(turn, current.id(), true).ok();
    }
    if let Some(earlier) = earlier(turn, request_id) {
        return Some(earlier);
    }
    let attached = current.attached_start(request_id)?;
    if attached.run_id.is_empty() { existing(turn, current.id(), false).ok() } else { taken_over(attached) }
}

/// The answer that an earlier run of the chain gave to the same request: a late retry starts nothing twice.
pub(crate) fn earlier(turn: &Turn<'_>, request_id: &str) -> Option<Answer> {
    turn.chain.current()?.earlier_start(request_id).and_then(taken_over)
}

fn taken_over(seen: &RequestSeen) -> Option<Answer> {
    Some(Answer::Started(Box::new(StartAnswer {
        run_id: RunId::parse(&seen.run_id).ok()?,
        started: seen.kind() == RequestKind::Start,
        status: seen.status(),
        first_execution_run_id: seen.first_execution_run_id.clone(),
        eager_task: None,
    })))
}

/// The policies where none are given. Terminate-if-running is the old name of terminate-existing.
pub(crate) fn policies(conflict: Conflict, reuse: Reuse, default: Conflict) -> (Conflict, Reuse) {
    match (conflict, reuse) {
        #[expect(deprecated, reason = "old clients send it")]
        (Conflict::Unspecified, Reuse::TerminateIfRunning) => (Conflict::TerminateExisting, Reuse::AllowDuplicate),
        (Conflict::Unspecified, Reuse::Unspecified) => (default, Reuse::AllowDuplicate),
        (Conflict::Unspecified, reuse) => (default, reuse),
        (conflict, Reuse::Unspecified) => (conflict, Reuse::AllowDuplicate),
        given => given,
    }
}

/// The conflict policy is asked about an open run, the reuse policy about a closed one.
pub(crate) fn admit(turn: &Turn<'_>, conflict: Conflict, reuse: Reuse) -> Result<Admission, Rejection> {
    let Some(current) = turn.chain.current() else { return Ok(Admission::New) };
    let (id, run) = (turn.chain.key().id.as_str(), current.id());
    if current.is_open() {
        return match conflict {
            Conflict::UseExisting => Ok(Admission::Existing(run)),
            Conflict::TerminateExisting => Ok(Admission::Replace(run)),
            _ => {
                let message = format!("Workflow execution is already running. WorkflowId: {id}, RunId: {run}.");
                Err(already_started(current, message))
            }
        };
    }
    let unsuccessful = matches!(current.status(), Status::Failed | Status::Canceled | Status::Terminated | Status::TimedOut);
    match reuse {
        Reuse::RejectDuplicate => {
            let message = format!(
                "Workflow execution already finished. WorkflowId: {id}, RunId: {run}. Workflow Id reuse policy: reject \
                 duplicate workflow Id."
            );
            Err(already_started(current, message))
        }
        Reuse::AllowDuplicateFailedOnly if !unsuccessful => {
            let message = format!(
                "Workflow execution already finished successfully. WorkflowId: {id}, RunId: {run}. Workflow Id reuse policy: \
                 allow duplicate workflow Id if last run failed."
            );
            Err(already_started(current, message))
        }
        _ => Ok(Admission::New),
    }
}

fn already_started(run: &Run, message: String) -> Rejection {
    Rejection::AlreadyStarted {
        message,
        start_request_id: run.state().create_request_id.clone(),
        run_id: run.id().to_string(),
        first_execution_run_id: run.start_attributes().first_execution_run_id.clone(),
        status: run.status(),
    }
}

/// The answer that names a run which has the id already. Its eager task is given again where it is still with the caller.
pub(crate) fn existing(turn: &Turn<'_>, run: RunId, started: bool) -> Result<Answer, Rejection> {
    let state = turn.run(run)?;
    let handout = state.workflow_task_handout();
    let eager = started
        && state.start_attributes().eager_execution_accepted
        && state.state().workflow_task.as_ref().is_some_and(|task| task.attempt == 1)
        && handout.is_some_and(|handout| handout.request_id == state.state().create_request_id);
    let eager_task = if eager { workflow_task::handed_out(turn, run) } else { None };
    Ok(answer(state, started, eager_task))
}

fn answer(run: &Run, started: bool, eager_task: Option<WorkflowTaskHandout>) -> Answer {
    Answer::Started(Box::new(StartAnswer {
        run_id: run.id(),
        started,
        status: run.status(),
        first_execution_run_id: run.start_attributes().first_execution_run_id.clone(),
        eager_task,
    }))
}

/// Attaches what the caller asked for to the run that is used instead of a new one. The worker need not know.
fn attach(turn: &mut Turn<'_>, run: RunId, request: &StartWorkflowExecutionRequest) {
    let Some(options) = request.on_conflict_options else { return };
    if !(options.attach_request_id || options.attach_completion_callbacks || options.attach_links) {
        return;
    }
    let attached_request_id = if options.attach_request_id { request.request_id.clone() } else { String::new() };
    let callbacks = if options.attach_completion_callbacks { request.completion_callbacks.clone() } else { Vec::new() };
    let attributes = WorkflowExecutionOptionsUpdatedEventAttributes {
        attached_request_id,
        attached_completion_callbacks: callbacks,
        identity: request.identity.clone(),
        ..WorkflowExecutionOptionsUpdatedEventAttributes::default()
    };
    let draft = EventDraft {
        attributes: Some(A::WorkflowExecutionOptionsUpdatedEventAttributes(attributes)),
        links: if options.attach_links { request.links.clone() } else { Vec::new() },
        ..EventDraft::default()
    };
    turn.event_or_buffer(run, draft);
}

/// Ends the open run and starts a new one, in one turn.
pub(crate) fn replace(turn: &mut Turn<'_>, old: RunId, input: &Start, signal: Option<EventDraft>) -> Result<Answer, Rejection> {
    let run = RunId::new(turn.new_id());
    terminate::replaced(turn, old, run);
    start_as(turn, run, input, signal)
}

/// Starts a new run.
pub(crate) fn start(turn: &mut Turn<'_>, input: &Start, signal: Option<EventDraft>) -> Result<Answer, Rejection> {
    let run = RunId::new(turn.new_id());
    start_as(turn, run, input, signal)
}

fn start_as(turn: &mut Turn<'_>, run: RunId, input: &Start, signal: Option<EventDraft>) -> Result<Answer, Rejection> {
    let request = &input.request;
    let start = first_event(turn, run, request, input.parent.as_ref())?;
    let inherited_requests = turn.chain.current().map(|old| next_run::carried(old, turn.env.now)).unwrap_or_default();
    let eager_task = new_run::create(
        turn,
        run,
        NewRun {
            start,
            request_id: request.request_id.clone(),
            user_metadata: request.user_metadata.clone(),
            links: request.links.clone(),
            signal,
            waits_for_parent: input.parent.is_some(),
            inherited_requests,
            eager: request.request_eager_execution,
        },
    );
    Ok(answer(turn.run(run)?, true, eager_task))
}

/// Event 1 of a fresh chain of runs.
fn first_event(
    turn: &Turn<'_>,
    run: RunId,
    request: &StartWorkflowExecutionRequest,
    parent: Option<&Parent>,
) -> Result<WorkflowExecutionStartedEventAttributes, Rejection> {
    let now = turn.env.now;
    let execution = duration(request.workflow_execution_timeout.as_ref());
    let (run_timeout, task_timeout) = new_run::timeouts(
        turn,
        execution,
        duration(request.workflow_run_timeout.as_ref()),
        duration(request.workflow_task_timeout.as_ref()),
    );
    let (backoff, initiator) = if request.cron_schedule.is_empty() {
        (duration(request.workflow_start_delay.as_ref()), ContinueAsNewInitiator::Unspecified)
    } else {
        let wrong = |error: CronError| Rejection::InvalidArgument(error.api_message().to_owned());
        let cron = Cron::parse(&request.cron_schedule).map_err(wrong)?;
        let backoff = cron.backoff(now, now).ok_or_else(|| wrong(CronError::NeverFires))?;
        (backoff, ContinueAsNewInitiator::CronSchedule)
    };
    let rounded = |at: Timestamp| (at + Duration::from_micros(500)).truncate_to_millis();
    let expiration = (!execution.is_zero()).then(|| proto_timestamp(rounded(now + execution)));
    let run_id = run.to_string();
    let own = proto::temporal::api::common::v1::WorkflowExecution {
        workflow_id: turn.chain.key().id.as_str().to_owned(),
        run_id: run_id.clone(),
    };
    Ok(WorkflowExecutionStartedEventAttributes {
        workflow_type: request.workflow_type.clone(),
        parent_workflow_namespace: parent.map(|of| of.namespace.clone()).unwrap_or_default(),
        parent_workflow_namespace_id: parent.map(|of| of.namespace_id.clone()).unwrap_or_default(),
        parent_workflow_execution: parent.map(|of| of.execution.clone()),
        parent_initiated_event_id: parent.map(|of| of.initiated_event_id).unwrap_or_default(),
        parent_initiated_event_version: parent.map(|of| of.initiated_event_version).unwrap_or_default(),
        root_workflow_execution: Some(parent.map_or(own, |of| of.root.clone())),
        task_queue: request.task_queue.as_ref().map(|queue| TaskQueue {
            name: queue.name.clone(),
            kind: TaskQueueKind::Normal as i32,
            normal_name: String::new(),
        }),
        input: request.input.clone(),
        workflow_execution_timeout: Some(proto_duration(execution)),
        workflow_run_timeout: Some(proto_duration(run_timeout)),
        workflow_task_timeout: Some(proto_duration(task_timeout)),
        initiator: initiator as i32,
        continued_failure: request.continued_failure.clone(),
        last_completion_result: request.last_completion_result.clone(),
        original_execution_run_id: run_id.clone(),
        identity: request.identity.clone(),
        first_execution_run_id: run_id,
        retry_policy: request.retry_policy.as_ref().map(retry::with_defaults),
        attempt: 1,
        workflow_execution_expiration_time: expiration,
        cron_schedule: request.cron_schedule.clone(),
        first_workflow_task_backoff: Some(proto_duration(backoff)),
        memo: request.memo.clone(),
        search_attributes: request.search_attributes.clone(),
        header: request.header.clone(),
        completion_callbacks: request.completion_callbacks.clone(),
        versioning_override: request.versioning_override.clone(),
        priority: request.priority.clone(),
        ..WorkflowExecutionStartedEventAttributes::default()
    })
}

/// What even a request that passed the frontend must have.
pub(crate) fn check(turn: &Turn<'_>, request: &StartWorkflowExecutionRequest) -> Result<(), Rejection> {
    let wrong = |message: &str| Err(Rejection::InvalidArgument(message.to_owned()));
    if request.request_id.is_empty() {
        return wrong("Missing request ID.");
    }
    if request.task_queue.as_ref().is_none_or(|queue| queue.name.is_empty()) {
        return wrong("Missing Taskqueue.");
    }
    if request.workflow_type.as_ref().is_none_or(|kind| kind.name.is_empty()) {
        return wrong("Missing WorkflowType.");
    }
    let limits = &turn.env.limits;
    if request.memo.as_ref().is_some_and(|memo| memo.encoded_len() > limits.memo_error_bytes) {
        return wrong("Memo size exceeds limit.");
    }
    if request.input.as_ref().is_some_and(|input| input.encoded_len() > limits.blob_error_bytes) {
        return wrong("Blob data size exceeds limit.");
    }
    Ok(())
}
