//! The real clock: wall time that never goes back within one process.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use model::{Clock, Timestamp};

/// max(wall clock, previous `now` + monotonic time since).
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
    /// The largest (wall − monotonic) offset seen, in nanoseconds: `now` is that plus monotonic time.
    offset: AtomicI64,
}

impl SystemClock {
    /// A clock that starts now.
    #[expect(clippy::disallowed_methods, reason = "this is where time comes from")]
    pub fn new() -> Self {
        Self { started: Instant::now(), offset: AtomicI64::new(i64::MIN) }
    }

    #[expect(clippy::disallowed_methods, reason = "this is where time comes from")]
    fn wall() -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let monotonic = i64::try_from(self.started.elapsed().as_nanos()).unwrap_or(i64::MAX);
        let offset = Self::wall().saturating_sub(monotonic);
        let largest = self.offset.fetch_max(offset, Ordering::Relaxed).max(offset);
        Timestamp::from_nanos(largest.saturating_add(monotonic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_goes_back() {
        let clock = SystemClock::new();
        let times: Vec<Timestamp> = (0..10_000).map(|_| clock.now()).collect();
        assert!(times.is_sorted());
        assert!(times[0] > Timestamp::from_parts(1_700_000_000, 0));
    }
}
