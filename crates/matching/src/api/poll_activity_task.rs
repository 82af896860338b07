//! PollActivityTaskQueue: an activity attempt, durably started before the worker sees it.

use model::TaskQueueKind;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;
use rpc::services::history::ActivityTaskStart;
use rpc::{Context, Error};

use super::poll::Poller;
use crate::queue::{Delivery, Lease};
use crate::service::Service;

impl Service {
    pub(super) async fn activity_poll(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::PollActivityTaskQueueRequest,
    ) -> Result<api::PollActivityTaskQueueResponse, Error> {
        let rate = request.task_queue_metadata.as_ref().and_then(|metadata| metadata.max_tasks_per_second);
        let poller = Poller { identity: &request.identity, rate, deployment: request.deployment_options.clone() };
        let empty = api::PollActivityTaskQueueResponse::default();
        let Some(poll) = self.begin_poll(context, namespace, TaskQueueKind::Activity, request.task_queue.as_ref(), poller)?
        else {
            return Ok(empty);
        };
        while let Some(delivery) = self.next_delivery(&poll).await {
            if let Delivery::Task(lease) = delivery
                && let Some(answer) = self.start_activity_task(context, namespace, lease, &request).await
            {
                return Ok(answer);
            }
        }
        self.inner.owned(&poll.queue.key)?;
        Ok(empty)
    }

    /// Has history start the attempt; `None` where the poll should wait for another one.
    async fn start_activity_task(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        mut lease: Lease,
        request: &api::PollActivityTaskQueueRequest,
    ) -> Option<api::PollActivityTaskQueueResponse> {
        let request_id = lease.start_id(|| (self.inner.ports.ids)().to_string());
        let task = lease.task()?;
        #[cfg(feature = "planted-bugs")]
        if model::planted::Bug::BacklogAckedBeforeStart.is_planted() {
            lease.acknowledge();
            self.inner.tend(lease.queue());
        }
        let start = ActivityTaskStart {
            key: task.id.key.clone(),
            scheduled_event_id: task.id.scheduled_event_id,
            attempt: task.id.attempt,
            stamp: task.id.stamp,
            request_id,
            poll: request.clone(),
        };
        let started = match self.inner.ports.history.owner(&task.id.key.chain) {
            Ok(history) => history.activity_task_started(context, namespace, start).await,
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
}
