//! Rates: a token bucket that limits, and a window that measures.

use std::collections::VecDeque;
use std::time::Duration;

use model::Timestamp;

/// A token bucket. Without a limit it always gives. A limit of zero stops the queue.
#[derive(Debug, Default)]
pub(crate) struct RateLimit {
    per_second: Option<f64>,
    tokens: f64,
    filled: Timestamp,
}

impl RateLimit {
    /// Sets or removes the limit; the last worker to say something wins. Source: Temporal's `max_tasks_per_second`.
    pub(crate) fn set(&mut self, per_second: Option<f64>, now: Timestamp) {
        if self.per_second == per_second {
            return;
        }
        self.per_second = per_second;
        self.tokens = self.burst();
        self.filled = now;
    }

    /// The limit.
    pub(crate) const fn per_second(&self) -> Option<f64> {
        self.per_second
    }

    /// Takes a token, if there is one.
    pub(crate) fn try_take(&mut self, now: Timestamp) -> bool {
        let Some(rate) = self.per_second else { return true };
        self.tokens = (self.tokens + now.since(self.filled).as_secs_f64() * rate).min(self.burst());
        self.filled = self.filled.max(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            true
        } else {
            false
        }
    }

    /// When the next token is there; `None` where there is one now, or never will be.
    pub(crate) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let rate = self.per_second.filter(|rate| *rate > 0.0)?;
        let have = self.tokens + now.since(self.filled).as_secs_f64() * rate;
        (have < 1.0).then(|| now + Duration::from_secs_f64(((1.0 - have) / rate).min(60.0)) + Duration::from_millis(1))
    }

    /// At most one second's worth, at least one token (unless stopped).
    fn burst(&self) -> f64 {
        match self.per_second {
            Some(rate) if rate > 0.0 => rate.max(1.0),
            _ => 0.0,
        }
    }
}

const BUCKET: i64 = 5;
const BUCKETS: usize = 6;

/// Events per second over the last 30 s, in buckets of 5 s (as Temporal reports them).
#[derive(Debug, Default)]
pub(crate) struct RateWindow {
    buckets: VecDeque<(i64, u64)>,
}

impl RateWindow {
    /// Counts one event.
    pub(crate) fn count(&mut self, now: Timestamp) {
        let bucket = now.seconds() / BUCKET;
        match self.buckets.back_mut() {
            Some((at, n)) if *at == bucket => *n += 1,
            _ => {
                self.buckets.push_back((bucket, 1));
                if self.buckets.len() > BUCKETS {
                    self.buckets.pop_front();
                }
            }
        }
    }

    /// Events per second.
    pub(crate) fn per_second(&self, now: Timestamp) -> f32 {
        let oldest = now.seconds() / BUCKET - BUCKETS as i64;
        let total: u64 = self.buckets.iter().filter(|(at, _)| *at > oldest).map(|(_, n)| n).sum();
        total as f32 / (BUCKET * BUCKETS as i64) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + millis)
    }

    #[test]
    fn a_limit_of_two_per_second_gives_two_at_once_then_one_every_half_second() {
        let mut limit = RateLimit::default();
        limit.set(Some(2.0), at(0));
        assert_eq!([0, 0, 0].map(|t| limit.try_take(at(t))), [true, true, false]);
        assert_eq!(limit.next(at(0)), Some(at(501)));
        assert_eq!([400, 500, 600].map(|t| limit.try_take(at(t))), [false, true, false]);
    }

    #[test]
    fn a_limit_of_zero_stops_and_no_limit_never_does() {
        let mut limit = RateLimit::default();
        assert!((0..1000).all(|_| limit.try_take(at(0))));
        limit.set(Some(0.0), at(0));
        assert!(!limit.try_take(at(100_000)));
        assert_eq!(limit.next(at(100_000)), None);
    }

    #[test]
    fn a_slow_limit_still_gives_its_first_token_at_once() {
        let mut limit = RateLimit::default();
        limit.set(Some(0.1), at(0));
        assert!(limit.try_take(at(0)));
        assert!(!limit.try_take(at(9_000)));
        assert!(limit.try_take(at(10_001)));
    }

    #[test]
    fn the_window_forgets_what_is_older_than_thirty_seconds() {
        let mut window = RateWindow::default();
        (0..60).for_each(|_| window.count(at(0)));
        assert!((window.per_second(at(1_000)) - 2.0).abs() < 0.01);
        assert!(window.per_second(at(40_000)) < 0.01);
    }
}
