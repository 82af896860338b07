//! Everything that can happen to a chain. Public requests are carried as the wire has them (the frontend has validated and
//! normalised them); the rest is ours.

use model::RunId;
use proto::temporal::api::common::v1::{Payloads, WorkflowExecution};
use proto::temporal::api::enums::v1::{
    CancelExternalWorkflowExecutionFailedCause, SignalExternalWorkflowExecutionFailedCause,
    StartChildWorkflowExecutionFailedCause,
};
use proto::temporal::api::failure::v1::Failure;
use proto::temporal::api::history::v1::HistoryEvent;
use proto::temporal::api::workflowservice::v1 as api;

/// One thing that happens to one chain.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// StartWorkflowExecution, by a user or a parent.
    Start(Box<Start>),
    /// SignalWithStartWorkflowExecution.
    SignalWithStart(Box<api::SignalWithStartWorkflowExecutionRequest>),
    /// SignalWorkflowExecution, by a user or another workflow.
    Signal(Box<Signal>),
    /// RequestCancelWorkflowExecution, by a user, another workflow or a parent close policy.
    RequestCancel(Box<RequestCancel>),
    /// TerminateWorkflowExecution, by a user or a parent close policy.
    Terminate(Box<Terminate>),
    /// DeleteWorkflowExecution; `None` means the current run.
    Delete(Option<RunId>),
    /// The run was removed from the store.
    Deleted(RunId),
    /// Matching found a poller for a workflow task.
    StartWorkflowTask(Box<StartWorkflowTask>),
    /// RespondWorkflowTaskCompleted.
    CompleteWorkflowTask(Box<CompleteWorkflowTask>),
    /// RespondWorkflowTaskFailed.
    FailWorkflowTask(Box<FailWorkflowTask>),
    /// ResetStickyTaskQueue, or the sticky worker is gone; `None` means the current run.
    ResetStickyQueue(Option<RunId>),
    /// The owner of the task queue holds the workflow task in memory; it is not offered again until that owner changes.
    WorkflowTaskOffered(WorkflowTaskAttempt),
    /// Matching stored the workflow task in its backlog.
    WorkflowTaskSpilled(WorkflowTaskAttempt),
    /// The first workflow task of a child, on behalf of its parent.
    ScheduleFirstWorkflowTask(RunId),
    /// Matching found a poller for an activity task.
    StartActivityTask(Box<StartActivityTask>),
    /// RespondActivityTaskCompleted (by token or by id).
    CompleteActivity(Box<CompleteActivity>),
    /// RespondActivityTaskFailed.
    FailActivity(Box<FailActivity>),
    /// RespondActivityTaskCanceled.
    CancelActivity(Box<CancelActivity>),
    /// RecordActivityTaskHeartbeat.
    Heartbeat(Box<Heartbeat>),
    /// Time has come for something: everything due at `env.now` fires, in all runs that are in memory.
    Wake,
    /// After a recovery: buffered events whose workflow task is not started any more.
    FlushBuffer(RunId),
    /// The child was started, or could not be.
    ChildStarted(Box<ChildStarted>),
    /// The child has its first workflow task.
    ChildFirstTaskScheduled(ToInitiator),
    /// A child ended; sent by the child to its parent.
    ChildClosed(Box<ChildClosed>),
    /// The other workflow was signalled, or could not be.
    ExternalSignaled(Box<ExternalSignaled>),
    /// The other workflow was asked to cancel, or could not be.
    ExternalCanceled(Box<ExternalCanceled>),
    /// The parent knows.
    ParentReported(RunId),
    /// The parent close policy was applied to the child.
    ChildClosePolicyApplied(ToInitiator),
    /// Matching stored an activity attempt in its backlog.
    ActivitySpilled(ActivityAttempt),
    /// The run leaves memory: who has its workflow task, and which activities gave signs of life, is written.
    WriteVolatile(RunId),
}

impl Input {
    /// Every kind, by name.
    pub const KINDS: [&'static str; 30] = [
        "Start",
        "SignalWithStart",
        "Signal",
        "RequestCancel",
        "Terminate",
        "Delete",
        "Deleted",
        "StartWorkflowTask",
        "CompleteWorkflowTask",
        "FailWorkflowTask",
        "ResetStickyQueue",
        "WorkflowTaskOffered",
        "WorkflowTaskSpilled",
        "ScheduleFirstWorkflowTask",
        "StartActivityTask",
        "CompleteActivity",
        "FailActivity",
        "CancelActivity",
        "Heartbeat",
        "Wake",
        "FlushBuffer",
        "ChildStarted",
        "ChildFirstTaskScheduled",
        "ChildClosed",
        "ExternalSignaled",
        "ExternalCanceled",
        "ParentReported",
        "ChildClosePolicyApplied",
        "ActivitySpilled",
        "WriteVolatile",
    ];

    /// Which kind it is: for logs and counts.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Start(_) => "Start",
            Self::SignalWithStart(_) => "SignalWithStart",
            Self::Signal(_) => "Signal",
            Self::RequestCancel(_) => "RequestCancel",
            Self::Terminate(_) => "Terminate",
            Self::Delete(_) => "Delete",
            Self::Deleted(_) => "Deleted",
            Self::StartWorkflowTask(_) => "StartWorkflowTask",
            Self::CompleteWorkflowTask(_) => "CompleteWorkflowTask",
            Self::FailWorkflowTask(_) => "FailWorkflowTask",
            Self::ResetStickyQueue(_) => "ResetStickyQueue",
            Self::WorkflowTaskOffered(_) => "WorkflowTaskOffered",
            Self::WorkflowTaskSpilled(_) => "WorkflowTaskSpilled",
            Self::ScheduleFirstWorkflowTask(_) => "ScheduleFirstWorkflowTask",
            Self::StartActivityTask(_) => "StartActivityTask",
            Self::CompleteActivity(_) => "CompleteActivity",
            Self::FailActivity(_) => "FailActivity",
            Self::CancelActivity(_) => "CancelActivity",
            Self::Heartbeat(_) => "Heartbeat",
            Self::Wake => "Wake",
            Self::FlushBuffer(_) => "FlushBuffer",
            Self::ChildStarted(_) => "ChildStarted",
            Self::ChildFirstTaskScheduled(_) => "ChildFirstTaskScheduled",
            Self::ChildClosed(_) => "ChildClosed",
            Self::ExternalSignaled(_) => "ExternalSignaled",
            Self::ExternalCanceled(_) => "ExternalCanceled",
            Self::ParentReported(_) => "ParentReported",
            Self::ChildClosePolicyApplied(_) => "ChildClosePolicyApplied",
            Self::ActivitySpilled(_) => "ActivitySpilled",
            Self::WriteVolatile(_) => "WriteVolatile",
        }
    }
}

/// Addresses the run and the event that began something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToInitiator {
    /// The run.
    pub run: RunId,
    /// Its initiated event.
    pub initiated_event_id: i64,
}

/// A start.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// The request, normalised by the frontend.
    pub request: api::StartWorkflowExecutionRequest,
    /// Set for a child.
    pub parent: Option<Parent>,
}

/// Who started a child.
#[derive(Debug, Clone, PartialEq)]
pub struct Parent {
    /// Namespace id of the parent.
    pub namespace_id: String,
    /// Namespace name of the parent.
    pub namespace: String,
    /// The parent's run.
    pub execution: WorkflowExecution,
    /// The parent's initiated event.
    pub initiated_event_id: i64,
    /// Failover version of that event.
    pub initiated_event_version: i64,
    /// The root of the tree.
    pub root: WorkflowExecution,
}

/// A signal.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// The request; where another workflow sends it, made up from its command.
    pub request: api::SignalWorkflowExecutionRequest,
    /// The sender, where it is a workflow.
    pub from: Option<WorkflowExecution>,
    /// Only if the sender is the target's parent.
    pub child_workflow_only: bool,
}

/// A cancel request.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestCancel {
    /// The request.
    pub request: api::RequestCancelWorkflowExecutionRequest,
    /// The sender and its initiated event, where it is a workflow.
    pub from: Option<(WorkflowExecution, i64)>,
    /// Only if the sender is the target's parent.
    pub child_workflow_only: bool,
}

/// A termination.
#[derive(Debug, Clone, PartialEq)]
pub struct Terminate {
    /// The request.
    pub request: api::TerminateWorkflowExecutionRequest,
    /// The parent, where its close policy asks; the target must be its child.
    pub from_parent: Option<WorkflowExecution>,
}

/// Names a hand-out of a workflow task, as the worker's token has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowTaskRef {
    /// The run.
    pub run: RunId,
    /// Its scheduled event.
    pub scheduled_event_id: i64,
    /// Its started event.
    pub started_event_id: i64,
    /// Its attempt.
    pub attempt: i32,
    /// The hand-out.
    pub handout_id: String,
}

/// A workflow task meets a poller.
#[derive(Debug, Clone, PartialEq)]
pub struct StartWorkflowTask {
    /// The run.
    pub run: RunId,
    /// Its scheduled event.
    pub scheduled_event_id: i64,
    /// Its attempt as offered; another one is obsolete.
    pub attempt: i32,
    /// Matching's id of this try: the same id gets the same hand-out again.
    pub request_id: String,
    /// The poll, for identity, versions and the queue polled.
    pub poll: api::PollWorkflowTaskQueueRequest,
}

/// A worker finished a workflow task.
#[derive(Debug, Clone, PartialEq)]
pub struct CompleteWorkflowTask {
    /// Which.
    pub task: WorkflowTaskRef,
    /// The request (its token already decoded; its query results answered by the shell).
    pub request: api::RespondWorkflowTaskCompletedRequest,
    /// Whether queries wait for the next workflow task (then one is made if buffered events or force ask for it).
    pub queries_wait: bool,
    /// The first command that sets search attributes which the namespace does not have, or of another type: its place in the
    /// list, and what is wrong. Only who knows the namespace's search attributes can say.
    pub bad_search_attributes: Option<(usize, String)>,
}

/// A worker failed a workflow task.
#[derive(Debug, Clone, PartialEq)]
pub struct FailWorkflowTask {
    /// Which.
    pub task: WorkflowTaskRef,
    /// The request.
    pub request: api::RespondWorkflowTaskFailedRequest,
}

/// One attempt of a workflow task, as offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkflowTaskAttempt {
    /// The run.
    pub run: RunId,
    /// Its scheduled event.
    pub scheduled_event_id: i64,
    /// Its attempt.
    pub attempt: i32,
}

/// One attempt of an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivityAttempt {
    /// The run.
    pub run: RunId,
    /// Its scheduled event.
    pub scheduled_event_id: i64,
    /// Its attempt.
    pub attempt: i32,
}

/// An activity task meets a poller.
#[derive(Debug, Clone, PartialEq)]
pub struct StartActivityTask {
    /// Which.
    pub attempt: ActivityAttempt,
    /// Changes when options of the attempt change; another one is obsolete.
    pub stamp: i32,
    /// Matching's id of this try: the same id gets the same start again.
    pub request_id: String,
    /// The poll, for identity and versions.
    pub poll: api::PollActivityTaskQueueRequest,
}

/// How a worker names an activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActivityRef {
    /// By the token of an attempt.
    Token(ActivityAttempt),
    /// By ids; no run means the current one.
    Id {
        /// The run.
        run: Option<RunId>,
        /// The activity's id.
        activity_id: String,
    },
}

/// An activity succeeded.
#[derive(Debug, Clone, PartialEq)]
pub struct CompleteActivity {
    /// Which.
    pub activity: ActivityRef,
    /// Its result.
    pub result: Option<Payloads>,
    /// Who says so.
    pub identity: String,
}

/// An activity failed.
#[derive(Debug, Clone, PartialEq)]
pub struct FailActivity {
    /// Which.
    pub activity: ActivityRef,
    /// Why.
    pub failure: Option<Failure>,
    /// Progress that the next attempt gets.
    pub last_heartbeat_details: Option<Payloads>,
    /// Who says so.
    pub identity: String,
}

/// An activity acknowledged its cancellation.
#[derive(Debug, Clone, PartialEq)]
pub struct CancelActivity {
    /// Which.
    pub activity: ActivityRef,
    /// What it says.
    pub details: Option<Payloads>,
    /// Who says so.
    pub identity: String,
}

/// An activity is alive.
#[derive(Debug, Clone, PartialEq)]
pub struct Heartbeat {
    /// Which.
    pub activity: ActivityRef,
    /// Its progress.
    pub details: Option<Payloads>,
    /// Who says so.
    pub identity: String,
}

/// The outcome of starting a child.
#[derive(Debug, Clone, PartialEq)]
pub struct ChildStarted {
    /// Whose child.
    pub to: ToInitiator,
    /// Its run, or why there is none.
    pub outcome: Result<RunId, StartChildWorkflowExecutionFailedCause>,
}

/// The end of a child.
#[derive(Debug, Clone, PartialEq)]
pub struct ChildClosed {
    /// Whose child.
    pub to: ToInitiator,
    /// The child: workflow id and last run.
    pub child: WorkflowExecution,
    /// The first run of the child's chain.
    pub first_run_id: String,
    /// The child's type.
    pub workflow_type: String,
    /// The child's close event.
    pub close_event: HistoryEvent,
}

/// The outcome of signalling another workflow.
#[derive(Debug, Clone, PartialEq)]
pub struct ExternalSignaled {
    /// Who sent it.
    pub to: ToInitiator,
    /// Done, or why not.
    pub outcome: Result<(), SignalExternalWorkflowExecutionFailedCause>,
}

/// The outcome of asking another workflow to cancel.
#[derive(Debug, Clone, PartialEq)]
pub struct ExternalCanceled {
    /// Who sent it.
    pub to: ToInitiator,
    /// Done, or why not.
    pub outcome: Result<(), CancelExternalWorkflowExecutionFailedCause>,
}
