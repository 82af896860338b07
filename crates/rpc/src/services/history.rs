//! The history service: everything that reads or changes a workflow execution.

use async_trait::async_trait;
use model::{RunId, RunKey};
use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::history::v1::HistoryEvent;
use proto::temporal::api::workflowservice::v1 as api;

use super::NamespaceRef;
use crate::{Context, Error};

/// Who sends a call on behalf of a workflow.
#[derive(Debug, Clone, PartialEq)]
pub struct Initiator {
    /// The sender.
    pub execution: WorkflowExecution,
    /// Namespace name of the sender.
    pub namespace: NamespaceRef,
    /// Its initiated event.
    pub initiated_event_id: i64,
    /// Failover version of that event.
    pub initiated_event_version: i64,
    /// The target must be a child of the sender.
    pub child_workflow_only: bool,
    /// The root of the sender's tree.
    pub root: WorkflowExecution,
}

/// A workflow task that met a poller.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkflowTaskStart {
    /// Whose.
    pub key: RunKey,
    /// Its scheduled event.
    pub scheduled_event_id: i64,
    /// Its attempt.
    pub attempt: i32,
    /// The same id gets the same answer again.
    pub request_id: String,
    /// The poll.
    pub poll: api::PollWorkflowTaskQueueRequest,
}

/// An activity task that met a poller.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityTaskStart {
    /// Whose.
    pub key: RunKey,
    /// Its scheduled event.
    pub scheduled_event_id: i64,
    /// Its attempt.
    pub attempt: i32,
    /// Changes when options of the attempt change.
    pub stamp: i32,
    /// The same id gets the same answer again.
    pub request_id: String,
    /// The poll.
    pub poll: api::PollActivityTaskQueueRequest,
}

/// A child's end, on its way to the parent.
#[derive(Debug, Clone, PartialEq)]
pub struct ChildClose {
    /// The parent's run.
    pub parent: RunKey,
    /// The parent's initiated event.
    pub initiated_event_id: i64,
    /// The child: workflow id and last run.
    pub child: WorkflowExecution,
    /// The first run of the child's chain.
    pub first_run_id: String,
    /// The child's type.
    pub workflow_type: String,
    /// How it ended.
    pub close_event: HistoryEvent,
}

/// What an activity's worker learns from a heartbeat: cancel requested, paused, reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Heartbeat {
    /// The workflow asked for cancellation.
    pub cancel_requested: bool,
    /// Paused.
    pub activity_paused: bool,
    /// Reset.
    pub activity_reset: bool,
}

/// The history service. Every answer is durable when it is given.
#[async_trait]
pub trait History: Send + Sync {
    // --- callers ---------------------------------------------------------------------------------------------------

    /// Starts a workflow, or answers by policy. `parent` is set for a child.
    async fn start_workflow(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::StartWorkflowExecutionRequest,
        parent: Option<Initiator>,
    ) -> Result<api::StartWorkflowExecutionResponse, Error>;

    /// Signals a workflow, starting it if there is none.
    async fn signal_with_start_workflow(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::SignalWithStartWorkflowExecutionRequest,
    ) -> Result<api::SignalWithStartWorkflowExecutionResponse, Error>;

    /// Signals a workflow.
    async fn signal_workflow(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::SignalWorkflowExecutionRequest,
        from: Option<Initiator>,
    ) -> Result<api::SignalWorkflowExecutionResponse, Error>;

    /// Asks a workflow to cancel.
    async fn request_cancel_workflow(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::RequestCancelWorkflowExecutionRequest,
        from: Option<Initiator>,
    ) -> Result<api::RequestCancelWorkflowExecutionResponse, Error>;

    /// Ends a workflow by force. `from` is set where a parent close policy asks.
    async fn terminate_workflow(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::TerminateWorkflowExecutionRequest,
        from: Option<Initiator>,
    ) -> Result<api::TerminateWorkflowExecutionResponse, Error>;

    /// Deletes a workflow run, terminating it first if it is open.
    async fn delete_workflow(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::DeleteWorkflowExecutionRequest,
    ) -> Result<api::DeleteWorkflowExecutionResponse, Error>;

    /// Describes a workflow run.
    async fn describe_workflow(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::DescribeWorkflowExecutionRequest,
    ) -> Result<api::DescribeWorkflowExecutionResponse, Error>;

    /// Reads a history, waiting for new events if asked to.
    async fn get_history(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::GetWorkflowExecutionHistoryRequest,
    ) -> Result<api::GetWorkflowExecutionHistoryResponse, Error>;

    /// Reads a history, newest first.
    async fn get_history_reverse(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::GetWorkflowExecutionHistoryReverseRequest,
    ) -> Result<api::GetWorkflowExecutionHistoryReverseResponse, Error>;

    /// Asks a workflow a question.
    async fn query_workflow(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::QueryWorkflowRequest,
    ) -> Result<api::QueryWorkflowResponse, Error>;

    /// Forgets the sticky queue of a run.
    async fn reset_sticky_task_queue(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::ResetStickyTaskQueueRequest,
    ) -> Result<api::ResetStickyTaskQueueResponse, Error>;

    // --- workers ---------------------------------------------------------------------------------------------------

    /// A worker finished a workflow task.
    async fn workflow_task_completed(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::RespondWorkflowTaskCompletedRequest,
    ) -> Result<api::RespondWorkflowTaskCompletedResponse, Error>;

    /// A worker failed a workflow task.
    async fn workflow_task_failed(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::RespondWorkflowTaskFailedRequest,
    ) -> Result<(), Error>;

    /// An activity succeeded. Calls by id arrive with a token that names the activity id.
    async fn activity_completed(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::RespondActivityTaskCompletedRequest,
    ) -> Result<(), Error>;

    /// An activity failed.
    async fn activity_failed(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::RespondActivityTaskFailedRequest,
    ) -> Result<(), Error>;

    /// An activity acknowledged its cancellation.
    async fn activity_canceled(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::RespondActivityTaskCanceledRequest,
    ) -> Result<(), Error>;

    /// An activity is alive.
    async fn activity_heartbeat(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::RecordActivityTaskHeartbeatRequest,
    ) -> Result<Heartbeat, Error>;

    // --- matching --------------------------------------------------------------------------------------------------

    /// A workflow task met a poller: the poller's whole answer, history included.
    ///
    /// # Errors
    /// [`Error::ObsoleteTask`], [`Error::TaskAlreadyStarted`] and [`Error::NotFound`] mean: drop the task.
    async fn workflow_task_started(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        start: WorkflowTaskStart,
    ) -> Result<api::PollWorkflowTaskQueueResponse, Error>;

    /// An activity task met a poller: the poller's whole answer. Durable before it is given.
    ///
    /// # Errors
    /// As for [`History::workflow_task_started`].
    async fn activity_task_started(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        start: ActivityTaskStart,
    ) -> Result<api::PollActivityTaskQueueResponse, Error>;

    // --- other chains ----------------------------------------------------------------------------------------------

    /// The parent knows that this child runs: its first workflow task may be scheduled.
    async fn schedule_first_workflow_task(&self, context: &Context, namespace: &NamespaceRef, child: RunKey)
    -> Result<(), Error>;

    /// A child tells its parent how it ended. [`Error::NotFound`] means that nobody wants to know.
    async fn child_closed(&self, context: &Context, namespace: &NamespaceRef, close: ChildClose) -> Result<(), Error>;

    /// The run that is current for a workflow id.
    async fn current_run(&self, context: &Context, namespace: &NamespaceRef, workflow_id: &str) -> Result<RunId, Error>;
}
