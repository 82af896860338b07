//! The way from one chain to another, on which a child's start can be held up: what is sent later may arrive earlier.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use history::Service;
use model::{RunId, RunKey};
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::history::{ActivityTaskStart, ChildClose, Heartbeat, Initiator, WorkflowTaskStart};
use rpc::services::{History, NamespaceRef};
use rpc::{Context, Error};
use tokio::sync::Notify;

/// The service, for other chains.
pub(crate) struct Slow {
    inner: Arc<Service>,
    held: AtomicBool,
    waiting: AtomicUsize,
    release: Notify,
}

impl Slow {
    pub(crate) fn new(inner: Arc<Service>) -> Self {
        Self { inner, held: AtomicBool::new(false), waiting: AtomicUsize::new(0), release: Notify::new() }
    }

    /// Holds starts of children up.
    pub(crate) fn hold(&self) {
        self.held.store(true, Ordering::SeqCst);
    }

    /// Waits until a start is held up.
    pub(crate) async fn holds_one(&self) {
        while self.waiting.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    }

    /// Lets them arrive.
    pub(crate) fn let_go(&self) {
        self.held.store(false, Ordering::SeqCst);
        self.release.notify_waiters();
    }

    async fn pass(&self) {
        while self.held.load(Ordering::SeqCst) {
            let released = self.release.notified();
            self.waiting.fetch_add(1, Ordering::SeqCst);
            released.await;
        }
    }
}

macro_rules! passing_on {
    ($($name:ident($($argument:ident: $ty:ty),*) -> $answer:ty;)*) => {
        #[async_trait]
        impl History for Slow {
            async fn start_workflow(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                request: api::StartWorkflowExecutionRequest,
                parent: Option<Initiator>,
            ) -> Result<api::StartWorkflowExecutionResponse, Error> {
                self.pass().await;
                self.inner.start_workflow(context, namespace, request, parent).await
            }

            $(async fn $name(&self, context: &Context, namespace: &NamespaceRef, $($argument: $ty),*) -> Result<$answer, Error> {
                self.inner.$name(context, namespace, $($argument),*).await
            })*
        }
    };
}

passing_on! {
    signal_with_start_workflow(request: api::SignalWithStartWorkflowExecutionRequest) -> api::SignalWithStartWorkflowExecutionResponse;
    signal_workflow(request: api::SignalWorkflowExecutionRequest, from: Option<Initiator>) -> api::SignalWorkflowExecutionResponse;
    request_cancel_workflow(request: api::RequestCancelWorkflowExecutionRequest, from: Option<Initiator>) -> api::RequestCancelWorkflowExecutionResponse;
    terminate_workflow(request: api::TerminateWorkflowExecutionRequest, from: Option<Initiator>) -> api::TerminateWorkflowExecutionResponse;
    delete_workflow(request: api::DeleteWorkflowExecutionRequest) -> api::DeleteWorkflowExecutionResponse;
    describe_workflow(request: api::DescribeWorkflowExecutionRequest) -> api::DescribeWorkflowExecutionResponse;
    get_history(request: api::GetWorkflowExecutionHistoryRequest) -> api::GetWorkflowExecutionHistoryResponse;
    get_history_reverse(request: api::GetWorkflowExecutionHistoryReverseRequest) -> api::GetWorkflowExecutionHistoryReverseResponse;
    query_workflow(request: api::QueryWorkflowRequest) -> api::QueryWorkflowResponse;
    reset_sticky_task_queue(request: api::ResetStickyTaskQueueRequest) -> api::ResetStickyTaskQueueResponse;
    workflow_task_completed(request: api::RespondWorkflowTaskCompletedRequest) -> api::RespondWorkflowTaskCompletedResponse;
    workflow_task_failed(request: api::RespondWorkflowTaskFailedRequest) -> ();
    activity_completed(request: api::RespondActivityTaskCompletedRequest) -> ();
    activity_failed(request: api::RespondActivityTaskFailedRequest) -> ();
    activity_canceled(request: api::RespondActivityTaskCanceledRequest) -> ();
    activity_heartbeat(request: api::RecordActivityTaskHeartbeatRequest) -> Heartbeat;
    workflow_task_started(start: WorkflowTaskStart) -> api::PollWorkflowTaskQueueResponse;
    activity_task_started(start: ActivityTaskStart) -> api::PollActivityTaskQueueResponse;
    schedule_first_workflow_task(child: RunKey) -> ();
    child_closed(close: ChildClose) -> ();
    current_run(workflow_id: &str) -> RunId;
}
