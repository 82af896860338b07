//! The service: made of options and ports, run until shut down.

use std::sync::Arc;

use async_trait::async_trait;
use model::{RunId, RunKey};
use proto::temporal::api::workflowservice::v1 as wf;
use rpc::services::NamespaceRef;
use rpc::services::history::{ActivityTaskStart, ChildClose, Heartbeat, History, Initiator, WorkflowTaskStart};
use rpc::{Context, Error as RpcError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api;
use crate::chain::{drain, sweep};
use crate::error::Error;
use crate::lane;
use crate::options::Options;
use crate::ports::Ports;
use crate::shard;
use crate::shell::Shell;
use crate::timers::{look_ahead, retention};

/// The history service of one process.
pub struct Service {
    shell: Arc<Shell>,
}

impl Service {
    /// Makes the service; it answers UNAVAILABLE until [`Service::run`] has taken its lane.
    pub fn new(options: Options, ports: Ports) -> Self {
        Self { shell: Arc::new(Shell::new(options, ports)) }
    }

    /// Waits until the service has taken its lane and answers calls.
    pub async fn ready(&self) {
        self.shell.ready().await;
    }

    /// Answers long polls of history empty from now on, and queries with an error, so that connections can end; everything else
    /// goes on.
    pub fn end_long_polls(&self) {
        self.shell.polls.cancel();
    }

    /// Waits until every shard is handed to another member, as they are once this one drains; at once where there is no other.
    pub async fn handed_over(&self) {
        self.shell.shards.left().await;
    }

    /// How many shards are served here; none where this process shares none with others.
    pub fn shards_served(&self) -> usize {
        self.shell.shards.count()
    }

    /// How many chains have a place in memory, and their estimated bytes.
    pub fn resident(&self) -> (usize, usize) {
        (self.shell.cache.all().len(), self.shell.cache.resident_bytes())
    }

    /// Runs until `shutdown`, then drains: calls are refused, what was decided lands, and every chain leaves memory.
    ///
    /// # Errors
    /// [`Error::Store`] where the lane cannot be taken; [`Error::Fenced`] as soon as somebody else owns it.
    pub async fn run(&self, shutdown: CancellationToken) -> Result<(), Error> {
        let shell = &self.shell;
        let state = lane::acquire(shell).await?;
        let stop = CancellationToken::new();
        let _stops = stop.clone().drop_guard();
        let _ends = Ends(shell.clone());
        let background = TaskTracker::new();
        background.spawn(sweep(shell.clone(), stop.clone()));
        background.spawn(crate::visibility::flush(shell.clone(), stop.clone()));
        background.spawn(shell.clone().wake_parked(stop.clone()));
        background.spawn(retention::delete(shell.clone(), stop.clone()));
        background.spawn({
            let (shell, stop) = (shell.clone(), stop.clone());
            async move { shell.wheel.turn(&shell, &stop).await }
        });
        background.spawn({
            let (shell, stop) = (shell.clone(), stop.clone());
            async move {
                match shell.shards.view() {
                    Some(view) => {
                        let keeping = shard::keep(shell.clone(), view, stop.clone());
                        tokio::join!(keeping, look_ahead::look_ahead(&shell, &stop));
                        return;
                    }
                    None => look_ahead::recover(&shell, &stop).await,
                }
                look_ahead::look_ahead(&shell, &stop).await;
            }
        });
        background.close();
        shell.set_ready();
        let writer = lane::write(shell.clone(), state);
        tokio::pin!(writer);
        let early = tokio::select! {
            biased;
            ended = &mut writer => Some(ended),
            () = shutdown.cancelled() => None,
        };
        shell.set_stopping();
        let result = match early {
            Some(ended) => ended,
            None => {
                let drained = async {
                    stop.cancel();
                    background.wait().await;
                    drain(shell).await;
                    shell.lane.close();
                };
                tokio::join!(drained, writer).1
            }
        };
        stop.cancel();
        background.wait().await;
        shell.tracker.close();
        shell.tracker.wait().await;
        result
    }
}

/// Where `run` is dropped half-way, nothing of the service goes on: no retry, no long poll, no new call.
struct Ends(Arc<Shell>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.set_stopping();
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("history::Service")
    }
}

#[async_trait]
impl History for Service {
    async fn start_workflow(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::StartWorkflowExecutionRequest,
        parent: Option<Initiator>,
    ) -> Result<wf::StartWorkflowExecutionResponse, RpcError> {
        api::start_workflow::call(&self.shell, context, namespace, request, parent).await
    }

    async fn signal_with_start_workflow(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::SignalWithStartWorkflowExecutionRequest,
    ) -> Result<wf::SignalWithStartWorkflowExecutionResponse, RpcError> {
        let _ = context;
        api::signal_with_start::call(&self.shell, namespace, request).await
    }

    async fn signal_workflow(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::SignalWorkflowExecutionRequest,
        from: Option<Initiator>,
    ) -> Result<wf::SignalWorkflowExecutionResponse, RpcError> {
        let _ = context;
        api::signal::call(&self.shell, namespace, request, from).await
    }

    async fn request_cancel_workflow(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::RequestCancelWorkflowExecutionRequest,
        from: Option<Initiator>,
    ) -> Result<wf::RequestCancelWorkflowExecutionResponse, RpcError> {
        let _ = context;
        api::request_cancel::call(&self.shell, namespace, request, from).await
    }

    async fn terminate_workflow(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::TerminateWorkflowExecutionRequest,
        from: Option<Initiator>,
    ) -> Result<wf::TerminateWorkflowExecutionResponse, RpcError> {
        let _ = context;
        api::terminate::call(&self.shell, namespace, request, from).await
    }

    async fn delete_workflow(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::DeleteWorkflowExecutionRequest,
    ) -> Result<wf::DeleteWorkflowExecutionResponse, RpcError> {
        let _ = context;
        api::terminate::delete(&self.shell, namespace, request).await
    }

    async fn describe_workflow(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::DescribeWorkflowExecutionRequest,
    ) -> Result<wf::DescribeWorkflowExecutionResponse, RpcError> {
        let _ = context;
        api::describe::call(&self.shell, namespace, request).await
    }

    async fn get_history(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::GetWorkflowExecutionHistoryRequest,
    ) -> Result<wf::GetWorkflowExecutionHistoryResponse, RpcError> {
        api::get_history::call(&self.shell, context, namespace, request).await
    }

    async fn get_history_reverse(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::GetWorkflowExecutionHistoryReverseRequest,
    ) -> Result<wf::GetWorkflowExecutionHistoryReverseResponse, RpcError> {
        let _ = context;
        api::get_history_reverse::call(&self.shell, namespace, request).await
    }

    async fn query_workflow(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::QueryWorkflowRequest,
    ) -> Result<wf::QueryWorkflowResponse, RpcError> {
        api::query_workflow::call(&self.shell, context, namespace, request).await
    }

    async fn reset_sticky_task_queue(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::ResetStickyTaskQueueRequest,
    ) -> Result<wf::ResetStickyTaskQueueResponse, RpcError> {
        let _ = context;
        api::between_chains::reset_sticky_task_queue(&self.shell, namespace, request).await
    }

    async fn workflow_task_completed(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::RespondWorkflowTaskCompletedRequest,
    ) -> Result<wf::RespondWorkflowTaskCompletedResponse, RpcError> {
        let _ = context;
        api::workflow_task_completed::call(&self.shell, namespace, request).await
    }

    async fn workflow_task_failed(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::RespondWorkflowTaskFailedRequest,
    ) -> Result<(), RpcError> {
        let _ = context;
        api::workflow_task_failed::call(&self.shell, namespace, request).await
    }

    async fn activity_completed(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::RespondActivityTaskCompletedRequest,
    ) -> Result<(), RpcError> {
        let _ = context;
        api::activity::completed(&self.shell, namespace, request).await
    }

    async fn activity_failed(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::RespondActivityTaskFailedRequest,
    ) -> Result<(), RpcError> {
        let _ = context;
        api::activity::failed(&self.shell, namespace, request).await
    }

    async fn activity_canceled(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::RespondActivityTaskCanceledRequest,
    ) -> Result<(), RpcError> {
        let _ = context;
        api::activity::canceled(&self.shell, namespace, request).await
    }

    async fn activity_heartbeat(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: wf::RecordActivityTaskHeartbeatRequest,
    ) -> Result<Heartbeat, RpcError> {
        let _ = context;
        api::activity::heartbeat(&self.shell, namespace, request).await
    }

    async fn workflow_task_started(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        start: WorkflowTaskStart,
    ) -> Result<wf::PollWorkflowTaskQueueResponse, RpcError> {
        let _ = context;
        api::workflow_task_started::call(&self.shell, namespace, start).await
    }

    async fn activity_task_started(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        start: ActivityTaskStart,
    ) -> Result<wf::PollActivityTaskQueueResponse, RpcError> {
        let _ = context;
        api::activity_task_started::call(&self.shell, namespace, start).await
    }

    async fn schedule_first_workflow_task(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        child: RunKey,
    ) -> Result<(), RpcError> {
        let _ = (context, namespace);
        api::between_chains::schedule_first_workflow_task(&self.shell, child).await
    }

    async fn child_closed(&self, context: &Context, namespace: &NamespaceRef, close: ChildClose) -> Result<(), RpcError> {
        let _ = (context, namespace);
        api::between_chains::child_closed(&self.shell, close).await
    }

    async fn current_run(&self, context: &Context, namespace: &NamespaceRef, workflow_id: &str) -> Result<RunId, RpcError> {
        let _ = context;
        api::between_chains::current_run(&self.shell, namespace, workflow_id).await
    }
}
