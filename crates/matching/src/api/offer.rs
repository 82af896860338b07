//! Taking tasks from history, and giving them back.

use std::sync::Arc;

use model::{Epoch, TaskQueueKind, TaskQueueName, Timestamp};
use proto::temporal::api::workflowservice::v1 as api;
use rpc::Error;
use rpc::services::NamespaceRef;
use rpc::services::matching::{Offer, Receipt};

use crate::engine::{Task, TaskId};
use crate::queue::QueueKey;
use crate::service::Service;

/// The epoch of a queue whose backlog was never stored: it lives as long as this incarnation.
const UNSTORED: Epoch = Epoch::new(0);

impl Service {
    pub(super) async fn take_offer(&self, namespace: &NamespaceRef, offer: Offer) -> Result<Receipt, Error> {
        let inner = &self.inner;
        let now = inner.now();
        let key = QueueKey { namespace: namespace.id, kind: offer.kind, name: offer.queue.clone() };
        let task = Task {
            id: id(&offer),
            priority: offer.priority,
            added: since(&offer, now),
            expires: offer.expires,
            stored: false,
            start_id: None,
        };
        inner.owned(&key)?;
        if inner.shutdown.is_cancelled() {
            return Err(stopping());
        }
        if offer.sticky {
            let queue = inner.existing(&key).ok_or(Error::StickyWorkerUnavailable)?;
            {
                let state = queue.state.lock();
                let alive = state.queue.pollers_waiting() > 0 || state.notes.seen_within(inner.options.sticky_idle, now);
                if state.dropped || !alive {
                    return Err(Error::StickyWorkerUnavailable);
                }
            }
            return match queue.add(task, now) {
                true => Ok(self.receipt(UNSTORED, false)),
                false => Err(Error::StickyWorkerUnavailable),
            };
        }
        let queue = inner.queue(key, false);
        let spill = {
            let state = queue.state.lock();
            let full = state.queue.len() >= inner.options.tasks_in_memory;
            let behind_others = !state.unread.is_empty() && state.queue.pollers_waiting() == 0;
            (full || behind_others) && !state.queue.contains(&task.id)
        };
        if !spill {
            return match queue.add(task, now) {
                true => Ok(self.receipt(UNSTORED, false)),
                false => Err(stopping()),
            };
        }
        let (service, spilling) = (Arc::clone(inner), Arc::clone(&queue));
        let written = inner
            .tracker
            .spawn(async move { spilling.spill(service.ports.backlog.as_ref(), service.ports.member, task).await })
            .await;
        inner.tend(&queue);
        match written {
            Ok(Ok(epoch)) => {
                queue.state.lock().queue.added.count(now);
                Ok(self.receipt(epoch, true))
            }
            Ok(Err(error)) => Err(Error::Unavailable(error.to_string())),
            Err(_) => Err(Error::Unavailable("the backlog could not be written; try again".to_owned())),
        }
    }

    pub(super) fn take_back(&self, namespace: &NamespaceRef, offer: &Offer) {
        let key = QueueKey { namespace: namespace.id, kind: offer.kind, name: offer.queue.clone() };
        let Some(queue) = self.inner.existing(&key) else { return };
        let taken = queue.state.lock().queue.remove_task(&id(offer));
        if let Some(task) = taken.filter(|task| task.stored) {
            queue.spiller.forget(task);
            self.inner.tend(&queue);
        }
    }

    /// A worker stops: its sticky queue is never used again.
    pub(super) fn say_goodbye(&self, namespace: &NamespaceRef, request: &api::ShutdownWorkerRequest) -> Result<(), Error> {
        if request.sticky_task_queue.is_empty() {
            return Ok(());
        }
        let name = TaskQueueName::parse(&request.sticky_task_queue)
            .map_err(|error| Error::InvalidArgument(format!("sticky task queue: {error}")))?;
        let key = QueueKey { namespace: namespace.id, kind: TaskQueueKind::Workflow, name };
        self.inner.owned(&key)?;
        self.inner.retire(&key);
        Ok(())
    }

    fn receipt(&self, epoch: Epoch, spilled: bool) -> Receipt {
        Receipt { owner: self.inner.ports.member, epoch, spilled }
    }
}

/// Since when a task waits: however often it is offered, and whoever owned its queue before.
fn since(offer: &Offer, now: Timestamp) -> Timestamp {
    if offer.scheduled > Timestamp::EPOCH { offer.scheduled.min(now) } else { now }
}

fn stopping() -> Error {
    Error::Unavailable("matching is stopping; try again".to_owned())
}

fn id(offer: &Offer) -> TaskId {
    TaskId { key: offer.key.clone(), scheduled_event_id: offer.scheduled_event_id, attempt: offer.attempt, stamp: offer.stamp }
}
