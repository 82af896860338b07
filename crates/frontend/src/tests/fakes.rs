//! History and matching as this room's tests need them: they note what arrives, and answer with nothing.

use std::sync::Arc;

use async_trait::async_trait;
use model::{MemberId, RunId, RunKey};
use parking_lot::Mutex;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::history::{ActivityTaskStart, ChildClose, Heartbeat, Initiator, WorkflowTaskStart};
use rpc::services::matching::{Offer, QueryOffer, Receipt};
use rpc::services::{History, Matching, NamespaceRef};
use rpc::{Context, Error};
use tokio::sync::Notify;

/// What arrived.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) calls: Mutex<Vec<&'static str>>,
    pub(crate) starts: Mutex<Vec<api::StartWorkflowExecutionRequest>>,
    pub(crate) activity_failures: Mutex<Vec<api::RespondActivityTaskFailedRequest>>,
    pub(crate) activity_completions: Mutex<Vec<api::RespondActivityTaskCompletedRequest>>,
    pub(crate) contexts: Mutex<Vec<Context>>,
    /// Bytes of the history that GetWorkflowExecutionHistory answers.
    pub(crate) history_bytes: Mutex<usize>,
    /// Where set, polls wait until this is notified.
    pub(crate) hold_polls: Mutex<Option<Arc<Notify>>>,
    /// What signals are answered with.
    pub(crate) signal_error: Mutex<Option<Error>>,
}

impl Seen {
    fn note(&self, call: &'static str, context: &Context) {
        self.calls.lock().push(call);
        self.contexts.lock().push(context.clone());
    }
}

pub(crate) struct FakeHistory(pub(crate) Arc<Seen>);
pub(crate) struct FakeMatching(pub(crate) Arc<Seen>);

#[async_trait]
impl History for FakeHistory {
    async fn start_workflow(
        &self,
        context: &Context,
        _: &NamespaceRef,
        request: api::StartWorkflowExecutionRequest,
        _: Option<Initiator>,
    ) -> Result<api::StartWorkflowExecutionResponse, Error> {
        self.0.note("start_workflow", context);
        self.0.starts.lock().push(request);
        Ok(api::StartWorkflowExecutionResponse { run_id: "run".to_owned(), started: true, ..Default::default() })
    }

    async fn signal_with_start_workflow(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::SignalWithStartWorkflowExecutionRequest,
    ) -> Result<api::SignalWithStartWorkflowExecutionResponse, Error> {
        self.0.note("signal_with_start_workflow", context);
        Ok(Default::default())
    }

    async fn signal_workflow(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::SignalWorkflowExecutionRequest,
        _: Option<Initiator>,
    ) -> Result<api::SignalWorkflowExecutionResponse, Error> {
        self.0.note("signal_workflow", context);
        match self.0.signal_error.lock().clone() {
            Some(error) => Err(error),
            None => Ok(Default::default()),
        }
    }

    async fn request_cancel_workflow(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::RequestCancelWorkflowExecutionRequest,
        _: Option<Initiator>,
    ) -> Result<api::RequestCancelWorkflowExecutionResponse, Error> {
        self.0.note("request_cancel_workflow", context);
        Ok(Default::default())
    }

    async fn terminate_workflow(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::TerminateWorkflowExecutionRequest,
        _: Option<Initiator>,
    ) -> Result<api::TerminateWorkflowExecutionResponse, Error> {
        self.0.note("terminate_workflow", context);
        Ok(Default::default())
    }

    async fn delete_workflow(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::DeleteWorkflowExecutionRequest,
    ) -> Result<api::DeleteWorkflowExecutionResponse, Error> {
        self.0.note("delete_workflow", context);
        Ok(Default::default())
    }

    async fn describe_workflow(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::DescribeWorkflowExecutionRequest,
    ) -> Result<api::DescribeWorkflowExecutionResponse, Error> {
        self.0.note("describe_workflow", context);
        Ok(Default::default())
    }

    async fn get_history(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::GetWorkflowExecutionHistoryRequest,
    ) -> Result<api::GetWorkflowExecutionHistoryResponse, Error> {
        self.0.note("get_history", context);
        let raw = proto::temporal::api::common::v1::DataBlob {
            data: vec![7; *self.0.history_bytes.lock()].into(),
            ..Default::default()
        };
        Ok(api::GetWorkflowExecutionHistoryResponse { raw_history: vec![raw], ..Default::default() })
    }

    async fn get_history_reverse(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::GetWorkflowExecutionHistoryReverseRequest,
    ) -> Result<api::GetWorkflowExecutionHistoryReverseResponse, Error> {
        self.0.note("get_history_reverse", context);
        Ok(Default::default())
    }

    async fn query_workflow(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::QueryWorkflowRequest,
    ) -> Result<api::QueryWorkflowResponse, Error> {
        self.0.note("query_workflow", context);
        Ok(Default::default())
    }

    async fn reset_sticky_task_queue(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::ResetStickyTaskQueueRequest,
    ) -> Result<api::ResetStickyTaskQueueResponse, Error> {
        self.0.note("reset_sticky_task_queue", context);
        Ok(Default::default())
    }

    async fn workflow_task_completed(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::RespondWorkflowTaskCompletedRequest,
    ) -> Result<api::RespondWorkflowTaskCompletedResponse, Error> {
        self.0.note("workflow_task_completed", context);
        Ok(Default::default())
    }

    async fn workflow_task_failed(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::RespondWorkflowTaskFailedRequest,
    ) -> Result<(), Error> {
        self.0.note("workflow_task_failed", context);
        Ok(())
    }

    async fn activity_completed(
        &self,
        context: &Context,
        _: &NamespaceRef,
        request: api::RespondActivityTaskCompletedRequest,
    ) -> Result<(), Error> {
        self.0.note("activity_completed", context);
        self.0.activity_completions.lock().push(request);
        Ok(())
    }

    async fn activity_failed(
        &self,
        context: &Context,
        _: &NamespaceRef,
        request: api::RespondActivityTaskFailedRequest,
    ) -> Result<(), Error> {
        self.0.note("activity_failed", context);
        self.0.activity_failures.lock().push(request);
        Ok(())
    }

    async fn activity_canceled(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::RespondActivityTaskCanceledRequest,
    ) -> Result<(), Error> {
        self.0.note("activity_canceled", context);
        Ok(())
    }

    async fn activity_heartbeat(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::RecordActivityTaskHeartbeatRequest,
    ) -> Result<Heartbeat, Error> {
        self.0.note("activity_heartbeat", context);
        Ok(Default::default())
    }

    async fn workflow_task_started(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: WorkflowTaskStart,
    ) -> Result<api::PollWorkflowTaskQueueResponse, Error> {
        self.0.note("workflow_task_started", context);
        Ok(Default::default())
    }

    async fn activity_task_started(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: ActivityTaskStart,
    ) -> Result<api::PollActivityTaskQueueResponse, Error> {
        self.0.note("activity_task_started", context);
        Ok(Default::default())
    }

    async fn schedule_first_workflow_task(&self, context: &Context, _: &NamespaceRef, _: RunKey) -> Result<(), Error> {
        self.0.note("schedule_first_workflow_task", context);
        Ok(())
    }

    async fn child_closed(&self, context: &Context, _: &NamespaceRef, _: ChildClose) -> Result<(), Error> {
        self.0.note("child_closed", context);
        Ok(())
    }

    async fn current_run(&self, context: &Context, _: &NamespaceRef, _: &str) -> Result<RunId, Error> {
        self.0.note("current_run", context);
        Ok(RunId::new(uuid::Uuid::from_u128(5)))
    }
}

#[async_trait]
impl Matching for FakeMatching {
    async fn offer(&self, context: &Context, _: &NamespaceRef, _: Offer) -> Result<Receipt, Error> {
        self.0.note("offer", context);
        Ok(Receipt { owner: MemberId::new(uuid::Uuid::from_u128(1)), epoch: model::Epoch::new(1), spilled: false })
    }

    async fn poll_workflow_task(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::PollWorkflowTaskQueueRequest,
    ) -> Result<api::PollWorkflowTaskQueueResponse, Error> {
        self.0.note("poll_workflow_task", context);
        let hold = self.0.hold_polls.lock().clone();
        if let Some(hold) = hold {
            hold.notified().await;
        }
        Ok(Default::default())
    }

    async fn poll_activity_task(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::PollActivityTaskQueueRequest,
    ) -> Result<api::PollActivityTaskQueueResponse, Error> {
        self.0.note("poll_activity_task", context);
        let hold = self.0.hold_polls.lock().clone();
        if let Some(hold) = hold {
            hold.notified().await;
        }
        Ok(Default::default())
    }

    async fn query(&self, context: &Context, _: &NamespaceRef, _: QueryOffer) -> Result<api::QueryWorkflowResponse, Error> {
        self.0.note("query", context);
        Ok(Default::default())
    }

    async fn query_answered(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::RespondQueryTaskCompletedRequest,
    ) -> Result<(), Error> {
        self.0.note("query_answered", context);
        Ok(())
    }

    async fn describe_task_queue(
        &self,
        context: &Context,
        _: &NamespaceRef,
        _: api::DescribeTaskQueueRequest,
    ) -> Result<api::DescribeTaskQueueResponse, Error> {
        self.0.note("describe_task_queue", context);
        Ok(Default::default())
    }

    async fn shutdown_worker(&self, context: &Context, _: &NamespaceRef, _: api::ShutdownWorkerRequest) -> Result<(), Error> {
        self.0.note("shutdown_worker", context);
        Ok(())
    }

    async fn withdraw(&self, _: &NamespaceRef, _: Offer) {}
}
