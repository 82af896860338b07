//! A history that starts every attempt once: the same request gets the same start again, any other none.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use model::{RunId, RunKey};
use parking_lot::Mutex;
use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::history::{ActivityTaskStart, ChildClose, Heartbeat, Initiator, WorkflowTaskStart};
use rpc::services::{History, NamespaceRef};
use rpc::{Context, Error};
use tokio::sync::Notify;

/// The history.
#[derive(Default)]
pub(crate) struct Starts {
    started: Mutex<HashMap<(String, i64), String>>,
    /// While set, a start happens, but its answer waits for `release`.
    pub(crate) hold: AtomicBool,
    pub(crate) release: Notify,
    /// A start happens, but its answer is an error that does not say so: once.
    pub(crate) lose_answer: AtomicBool,
    /// The start of this workflow's task meets a bug: once.
    pub(crate) bug: Mutex<Option<String>>,
    pub(crate) reached: Notify,
}

impl Starts {
    async fn start(&self, key: &RunKey, scheduled_event_id: i64, request_id: String) -> Result<WorkflowExecution, Error> {
        let meets_bug = self.bug.lock().take_if(|workflow| *workflow == key.chain.id.as_str()).is_some();
        if meets_bug {
            return Err(Error::Internal("a bug, for once".to_owned()));
        }
        let known = {
            let mut started = self.started.lock();
            started.entry((key.chain.id.to_string(), scheduled_event_id)).or_insert_with(|| request_id.clone()).clone()
        };
        self.reached.notify_one();
        if self.hold.load(Ordering::SeqCst) {
            self.release.notified().await;
        }
        if known != request_id {
            return Err(Error::TaskAlreadyStarted);
        }
        if self.lose_answer.swap(false, Ordering::SeqCst) {
            return Err(Error::Unavailable("nobody knows".to_owned()));
        }
        Ok(WorkflowExecution { workflow_id: key.chain.id.to_string(), run_id: key.run.to_string() })
    }
}

#[async_trait]
impl History for Starts {
    async fn workflow_task_started(
        &self,
        _: &Context,
        _: &NamespaceRef,
        start: WorkflowTaskStart,
    ) -> Result<api::PollWorkflowTaskQueueResponse, Error> {
        let execution = self.start(&start.key, start.scheduled_event_id, start.request_id).await?;
        Ok(api::PollWorkflowTaskQueueResponse { workflow_execution: Some(execution), ..Default::default() })
    }

    async fn activity_task_started(
        &self,
        _: &Context,
        _: &NamespaceRef,
        start: ActivityTaskStart,
    ) -> Result<api::PollActivityTaskQueueResponse, Error> {
        let execution = self.start(&start.key, start.scheduled_event_id, start.request_id).await?;
        Ok(api::PollActivityTaskQueueResponse { workflow_execution: Some(execution), ..Default::default() })
    }

    async fn start_workflow(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::StartWorkflowExecutionRequest,
        _: Option<Initiator>,
    ) -> Result<api::StartWorkflowExecutionResponse, Error> {
        nobody()
    }

    async fn signal_with_start_workflow(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::SignalWithStartWorkflowExecutionRequest,
    ) -> Result<api::SignalWithStartWorkflowExecutionResponse, Error> {
        nobody()
    }

    async fn signal_workflow(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::SignalWorkflowExecutionRequest,
        _: Option<Initiator>,
    ) -> Result<api::SignalWorkflowExecutionResponse, Error> {
        nobody()
    }

    async fn request_cancel_workflow(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::RequestCancelWorkflowExecutionRequest,
        _: Option<Initiator>,
    ) -> Result<api::RequestCancelWorkflowExecutionResponse, Error> {
        nobody()
    }

    async fn terminate_workflow(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::TerminateWorkflowExecutionRequest,
        _: Option<Initiator>,
    ) -> Result<api::TerminateWorkflowExecutionResponse, Error> {
        nobody()
    }

    async fn delete_workflow(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::DeleteWorkflowExecutionRequest,
    ) -> Result<api::DeleteWorkflowExecutionResponse, Error> {
        nobody()
    }

    async fn describe_workflow(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::DescribeWorkflowExecutionRequest,
    ) -> Result<api::DescribeWorkflowExecutionResponse, Error> {
        nobody()
    }

    async fn get_history(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::GetWorkflowExecutionHistoryRequest,
    ) -> Result<api::GetWorkflowExecutionHistoryResponse, Error> {
        nobody()
    }

    async fn get_history_reverse(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::GetWorkflowExecutionHistoryReverseRequest,
    ) -> Result<api::GetWorkflowExecutionHistoryReverseResponse, Error> {
        nobody()
    }

    async fn query_workflow(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::QueryWorkflowRequest,
    ) -> Result<api::QueryWorkflowResponse, Error> {
        nobody()
    }

    async fn reset_sticky_task_queue(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::ResetStickyTaskQueueRequest,
    ) -> Result<api::ResetStickyTaskQueueResponse, Error> {
        nobody()
    }

    async fn workflow_task_completed(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::RespondWorkflowTaskCompletedRequest,
    ) -> Result<api::RespondWorkflowTaskCompletedResponse, Error> {
        nobody()
    }

    async fn workflow_task_failed(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::RespondWorkflowTaskFailedRequest,
    ) -> Result<(), Error> {
        nobody()
    }

    async fn activity_completed(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::RespondActivityTaskCompletedRequest,
    ) -> Result<(), Error> {
        nobody()
    }

    async fn activity_failed(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::RespondActivityTaskFailedRequest,
    ) -> Result<(), Error> {
        nobody()
    }

    async fn activity_canceled(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::RespondActivityTaskCanceledRequest,
    ) -> Result<(), Error> {
        nobody()
    }

    async fn activity_heartbeat(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::RecordActivityTaskHeartbeatRequest,
    ) -> Result<Heartbeat, Error> {
        nobody()
    }

    async fn schedule_first_workflow_task(&self, _: &Context, _: &NamespaceRef, _: RunKey) -> Result<(), Error> {
        nobody()
    }

    async fn child_closed(&self, _: &Context, _: &NamespaceRef, _: ChildClose) -> Result<(), Error> {
        nobody()
    }

    async fn current_run(&self, _: &Context, _: &NamespaceRef, _: &str) -> Result<RunId, Error> {
        nobody()
    }
}

fn nobody<T>() -> Result<T, Error> {
    Err(Error::Unimplemented("matching does not ask for this".to_owned()))
}
