//! The injected clock: shells hold an `Arc<dyn Clock>`, engines get `now` as data.

use crate::timestamp::Timestamp;

/// Where the time comes from.
///
/// `now` is max(wall clock, previous `now` + monotonic time since) within one process, so it never goes back.
pub trait Clock: Send + Sync + 'static {
    /// The time for events, timers and rows.
    fn now(&self) -> Timestamp;
}
