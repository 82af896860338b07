//! The client of the matching service.

use std::sync::Arc;

use membership::View;
use model::{MemberId, NamespaceId, TaskQueueKind, TaskQueueName};
use parking_lot::RwLock;

use crate::Error;
use crate::services::Matching;

/// A handle on the matching service: the ring says who owns a task queue; where it is this process, the call is direct.
#[derive(Clone)]
pub struct MatchingClient {
    view: Arc<View>,
    local: Arc<RwLock<Option<Arc<dyn Matching>>>>,
}

impl MatchingClient {
    /// A client that looks owners up in this view.
    pub fn new(view: Arc<View>) -> Self {
        Self { view, local: Arc::default() }
    }

    /// Names the service of this process.
    pub fn set_local(&self, service: Arc<dyn Matching>) {
        // A second call is a wiring fault that the first service survives.
        self.local.write().get_or_insert(service);
    }

    /// The service of this process is gone. Services hold clients of each other, and would keep each other for ever.
    pub fn forget_local(&self) {
        self.local.write().take();
    }

    /// Which incarnation owns a task queue.
    pub fn owner_of(&self, namespace: NamespaceId, kind: TaskQueueKind, queue: &TaskQueueName) -> Option<MemberId> {
        self.view.queue_owner(namespace, kind, queue)
    }

    /// The service that owns a task queue.
    ///
    /// # Errors
    /// [`Error::Unavailable`] before the service is built, or where nobody reachable owns the queue.
    pub fn owner(&self, namespace: NamespaceId, kind: TaskQueueKind, queue: &TaskQueueName) -> Result<Arc<dyn Matching>, Error> {
        if self.view.queue_owner(namespace, kind, queue) != Some(self.view.me()) {
            return Err(Error::Unavailable("no host owns this task queue at the moment; try again".to_owned()));
        }
        self.local.read().clone().ok_or_else(|| Error::Unavailable("the matching service is starting; try again".to_owned()))
    }
}

impl std::fmt::Debug for MatchingClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MatchingClient")
    }
}
