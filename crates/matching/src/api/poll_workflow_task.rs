//! PollWorkflowTaskQueue: a workflow task or a query.

use std::sync::Arc;

use model::TaskQueueKind;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;
use rpc::services::history::WorkflowTaskStart;
use rpc::{Context, Error};

use super::poll::{Poller, Refused, refused};
use super::query;
use crate::queue::{Delivery, Lease};
use crate::service::Service;

impl Service {
    pub(super) async fn workflow_poll(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::PollWorkflowTaskQueueRequest,
    ) -> Result<api::PollWorkflowTaskQueueResponse, Error> {
        let poller = Poller { identity: &request.identity, rate: None, deployment: request.deployment_options.clone() };
        let empty = api::PollWorkflowTaskQueueResponse::default();
        let Some(poll) = self.begin_poll(context, namespace, TaskQueueKind::Workflow, request.task_queue.as_ref(), poller)?
        else {
            return Ok(empty);
        };
        while let Some(delivery) = self.next_delivery(&poll).await {
            match delivery {
                Delivery::Task(lease) => {
                    if let Some(answer) = self.start_workflow_task(context, namespace, lease, &request).await {
                        return Ok(answer);
                    }
                }
                Delivery::Query(lease) => {
                    if let Some(pending) = lease.take() {
                        return Ok(query::task(namespace, poll.queue.key.name.as_str(), pending));
                    }
                }
                Delivery::Empty => break,
            }
        }
        self.inner.owned(&poll.queue.key)?;
        Ok(empty)
    }

    /// Has history start the task; `None` where the poll should wait for another one.
    async fn start_workflow_task(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        mut lease: Lease,
        request: &api::PollWorkflowTaskQueueRequest,
    ) -> Option<api::PollWorkflowTaskQueueResponse> {
        let request_id = lease.start_id(|| (self.inner.ports.ids)().to_string());
        let task = lease.task()?;
        #[cfg(feature = "planted-bugs")]
        if model::planted::Bug::BacklogAckedBeforeStart.is_planted() {
            lease.acknowledge();
            self.inner.tend(lease.queue());
        }
        let start = WorkflowTaskStart {
            key: task.id.key.clone(),
            scheduled_event_id: task.id.scheduled_event_id,
            attempt: task.id.attempt,
            request_id,
            poll: request.clone(),
        };
        let started = match self.inner.ports.history.owner(&task.id.key.chain) {
            Ok(history) => history.workflow_task_started(context, namespace, start).await,
            Err(error) => Err(error),
        };
        match started {
            Ok(answer) => {
                lease.done();
                Some(answer)
            }
            Err(error) => {
                self.dispose(lease, &error).await;
                None
            }
        }
    }

    /// Forgets a refused task, or lets it rest a little before it goes back.
    pub(super) async fn dispose(&self, lease: Lease, error: &Error) {
        match refused(error) {
            Refused::Drop => lease.done(),
            Refused::Retry => {
                tracing::debug!(%error, "a task could not be started; it goes back to its queue");
                tokio::time::sleep(self.inner.options.retry).await;
            }
            Refused::Rest => {
                tracing::warn!(%error, "the start of a task met a bug; it is tried again later");
                let service = Arc::clone(&self.inner);
                self.inner.tracker.spawn(async move {
                    tokio::select! {
                        biased;
                        () = service.shutdown.cancelled() => {}
                        () = tokio::time::sleep(service.options.rest) => {}
                    }
                    drop(lease);
                });
            }
        }
    }
}
