//! The client of the history service.

use std::sync::Arc;

use membership::View;
use model::ChainKey;
use parking_lot::RwLock;

use crate::Error;
use crate::services::History;

/// A handle on the history service: the ring says who owns a chain; where it is this process, the call is direct. The local
/// service is set once, when it is built (history and matching know each other).
#[derive(Clone)]
pub struct HistoryClient {
    view: Arc<View>,
    local: Arc<RwLock<Option<Arc<dyn History>>>>,
}

impl HistoryClient {
    /// A client that looks owners up in this view.
    pub fn new(view: Arc<View>) -> Self {
        Self { view, local: Arc::default() }
    }

    /// Names the service of this process.
    pub fn set_local(&self, service: Arc<dyn History>) {
        // A second call is a wiring fault that the first service survives.
        self.local.write().get_or_insert(service);
    }

    /// The service of this process is gone. Services hold clients of each other, and would keep each other for ever.
    pub fn forget_local(&self) {
        self.local.write().take();
    }

    /// The service that owns a chain.
    ///
    /// # Errors
    /// [`Error::Unavailable`] before the service is built, or where nobody reachable owns the chain.
    pub fn owner(&self, chain: &ChainKey) -> Result<Arc<dyn History>, Error> {
        if self.view.chain_owner(chain) != Some(self.view.me()) {
            return Err(Error::Unavailable("no host owns this workflow at the moment; try again".to_owned()));
        }
        self.local.read().clone().ok_or_else(|| Error::Unavailable("the history service is starting; try again".to_owned()))
    }
}

impl std::fmt::Debug for HistoryClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HistoryClient")
    }
}
