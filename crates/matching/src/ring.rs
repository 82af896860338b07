//! Queues in a cluster: owned by whom the ring of matching hosts names, and rebuilt there when it changes.
//!
//! Nothing is handed over. A queue that goes elsewhere is dropped: its polls are told where to wait now, history offers its tasks
//! again, and what was stored is read by the new owner, whose first write fences the old one's.

use std::sync::Arc;

use membership::View;
use model::MemberId;
use rpc::Error;
use tokio::sync::watch;

use crate::queue::{Queue, QueueKey, Unread};
use crate::service::Inner;

/// Waits for the next change of the ring; for ever where there is none.
pub(crate) async fn changed(changes: &mut Option<watch::Receiver<()>>) {
    if let Some(changes) = changes
        && changes.changed().await.is_ok()
    {
        return;
    }
    std::future::pending().await
}

impl Inner {
    /// Whether a queue is owned here.
    ///
    /// # Errors
    /// [`Error::Moved`] with the owner.
    pub(crate) fn owned(&self, key: &QueueKey) -> Result<(), Error> {
        match &self.view {
            Some(view) => match owner(view, key) {
                Some(owner) if owner == view.me() => Ok(()),
                other => Err(Error::Moved(other)),
            },
            None => Ok(()),
        }
    }

    /// Waits until a queue is owned elsewhere, and says where; for ever where this process is alone.
    pub(crate) async fn moves(&self, key: &QueueKey) -> Error {
        let mut changes = self.view.as_ref().map(|view| view.changes());
        loop {
            if let Err(moved) = self.owned(key) {
                return moved;
            }
            changed(&mut changes).await;
        }
    }

    /// Members came or went: drops the queues that are owned elsewhere now.
    pub(crate) fn drop_foreign(&self) {
        let gone = self.take_queues(|key| self.owned(key).is_err());
        if !gone.is_empty() {
            tracing::info!(queues = gone.len(), "task queues went to other hosts");
        }
        for queue in gone {
            queue.drop_now();
        }
    }

    /// A queue that is new here may have tasks that an earlier owner stored.
    pub(crate) fn inherit(self: &Arc<Self>, queue: &Arc<Queue>, sticky: bool) {
        if self.view.is_none() || sticky {
            return;
        }
        let (service, queue) = (Arc::clone(self), Arc::clone(queue));
        self.tracker.spawn(async move {
            match service.ports.backlog.count(&queue.key.backlog()).await {
                Ok(stored) if stored.is_empty() => {}
                Ok(stored) => {
                    queue.state.lock().unread = Unread::counted(stored);
                    service.tend(&queue);
                }
                Err(error) => {
                    tracing::warn!(%error, queue = %queue.key.name, "the stored backlog could not be counted; the queue begins anew");
                    // Whoever needs it next tries again.
                    service.take_queues(|key| *key == queue.key).iter().for_each(|queue| drop(queue.drop_now()));
                }
            }
        });
    }
}

fn owner(view: &View, key: &QueueKey) -> Option<MemberId> {
    view.queue_owner(key.namespace, key.kind, &key.name)
}
