//! The world's wall clock, which follows tokio's paused time and jumps; and what a process makes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use model::{Clock, Timestamp};
use parking_lot::Mutex;
use tokio::time::Instant;

const BEGIN: Timestamp = Timestamp::from_parts(1_800_000_000, 0);

/// The wall clock of the only machine.
#[derive(Debug)]
pub(crate) struct WallClock {
    began: Instant,
    jumped: AtomicI64,
}

impl WallClock {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), jumped: AtomicI64::new(0) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let jumped = self.jumped.load(Ordering::Relaxed);
        Timestamp::from_nanos((BEGIN + self.began.elapsed()).as_nanos().saturating_add(jumped))
    }

    /// Sets it forward, or back where `seconds` is negative.
    pub(crate) fn jump(&self, seconds: i64) {
        self.jumped.fetch_add(seconds.saturating_mul(1_000_000_000), Ordering::Relaxed);
    }

    /// How much monotonic time has passed.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

/// The rule of the architecture: max(wall clock, previous `now` + monotonic time since), per process.
#[derive(Debug)]
pub(crate) struct ProcessClock {
    wall: Arc<WallClock>,
    last: Mutex<(Timestamp, Instant)>,
}

impl ProcessClock {
    pub(crate) fn new(wall: Arc<WallClock>) -> Self {
        let last = Mutex::new((wall.now(), Instant::now()));
        Self { wall, last }
    }
}

impl Clock for ProcessClock {
    fn now(&self) -> Timestamp {
        let mut last = self.last.lock();
        let monotonic = last.0 + last.1.elapsed();
        *last = (self.wall.now().max(monotonic), Instant::now());
        last.0
    }
}

/// Lets virtual time pass: this thread's clock is paused, and goes on when nobody has anything to do.
pub(crate) async fn wait(time: Duration) {
    tokio::time::sleep(time).await;
}
