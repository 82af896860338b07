//! The client of the matching service.

use std::sync::{Arc, OnceLock};

use crate::Error;
use crate::services::Matching;

/// A handle on the matching service. Cloneable; the local service is set once, when it is built (history and matching know
/// each other).
#[derive(Clone, Default)]
pub struct MatchingClient {
    local: Arc<OnceLock<Arc<dyn Matching>>>,
}

impl MatchingClient {
    /// Names the service of this process.
    pub fn set_local(&self, service: Arc<dyn Matching>) {
        // A second call is a wiring fault that the first service survives.
        let _ = self.local.set(service);
    }

    /// The owner of a task queue.
    ///
    /// # Errors
    /// [`Error::Unavailable`] before the service is built.
    pub fn owner(&self) -> Result<&Arc<dyn Matching>, Error> {
        self.local.get().ok_or_else(|| Error::Unavailable("matching is not ready; try again".to_owned()))
    }
}

impl std::fmt::Debug for MatchingClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MatchingClient")
    }
}
