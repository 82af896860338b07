//! What travels with every call between services.

use std::time::Duration;

use tokio::time::Instant;

/// Deadline and caller of a call. Cancellation is the drop of the call's future.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// When the caller stops waiting, on the monotonic clock; none where it did not say.
    pub deadline: Option<Instant>,
    /// The SDK that calls: `client-name` header.
    pub client_name: Option<String>,
    /// Its version: `client-version` header.
    pub client_version: Option<String>,
}

impl Context {
    /// A call that has to be done within `timeout`.
    pub fn within(timeout: Duration) -> Self {
        Self { deadline: Some(Instant::now() + timeout), ..Self::default() }
    }

    /// How long is left, at most `cap`.
    pub fn left(&self, cap: Duration) -> Duration {
        self.deadline.map_or(cap, |at| at.saturating_duration_since(Instant::now()).min(cap))
    }
}
