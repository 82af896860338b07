//! The client of the history service.

use std::sync::{Arc, OnceLock};

use crate::Error;
use crate::services::History;

/// A handle on the history service. Cloneable; the local service is set once, when it is built (history and matching know
/// each other).
#[derive(Clone, Default)]
pub struct HistoryClient {
    local: Arc<OnceLock<Arc<dyn History>>>,
}

impl HistoryClient {
    /// Names the service of this process.
    pub fn set_local(&self, service: Arc<dyn History>) {
        // A second call is a wiring fault that the first service survives.
        let _ = self.local.set(service);
    }

    /// The owner of a chain.
    ///
    /// # Errors
    /// [`Error::Unavailable`] before the service is built.
    pub fn owner(&self) -> Result<&Arc<dyn History>, Error> {
        self.local.get().ok_or_else(|| Error::Unavailable("history is not ready; try again".to_owned()))
    }
}

impl std::fmt::Debug for HistoryClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HistoryClient")
    }
}
