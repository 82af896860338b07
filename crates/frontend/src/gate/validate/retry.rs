//! Retry policies: what is not given is filled in, what cannot be is refused.

use prost_types::Duration;
use proto::temporal::api::common::v1::RetryPolicy;
use rpc::Error;

use super::{duration, wrong};

/// How non-retryable entries name a timeout.
const TIMEOUT_PREFIX: &str = "TemporalTimeout:";
/// The timeouts that may be named. Source: the names of `TimeoutType`.
const TIMEOUTS: [&str; 4] = ["StartToClose", "ScheduleToStart", "ScheduleToClose", "Heartbeat"];
/// The longest interval is so many times the first, where none is given. Source: Temporal's default retry settings.
const MAXIMUM_TIMES: i64 = 100;

/// Fills in defaults and checks; no policy stays none.
pub(crate) fn normalize(policy: &mut Option<RetryPolicy>) -> Result<(), Error> {
    let Some(policy) = policy else { return Ok(()) };
    if !duration::is_set(policy.initial_interval.as_ref()) {
        policy.initial_interval = Some(Duration { seconds: 1, nanos: 0 });
    }
    if policy.backoff_coefficient == 0.0 {
        policy.backoff_coefficient = 2.0;
    }
    if !duration::is_set(policy.maximum_interval.as_ref()) {
        policy.maximum_interval = policy.initial_interval.map(times);
    }
    check(policy)
}

fn times(interval: Duration) -> Duration {
    let nanos = i64::from(interval.nanos).saturating_mul(MAXIMUM_TIMES);
    let seconds = interval.seconds.saturating_mul(MAXIMUM_TIMES).saturating_add(nanos / 1_000_000_000);
    Duration { seconds, nanos: (nanos % 1_000_000_000) as i32 }
}

fn check(policy: &mut RetryPolicy) -> Result<(), Error> {
    // One attempt means no retry: the rest is never looked at.
    if policy.maximum_attempts == 1 {
        return Ok(());
    }
    interval("InitialInterval", &mut policy.initial_interval)?;
    if policy.backoff_coefficient.is_nan() || policy.backoff_coefficient < 1.0 {
        return Err(wrong("BackoffCoefficient cannot be less than 1 on retry policy."));
    }
    interval("MaximumInterval", &mut policy.maximum_interval)?;
    let key = |of: Option<Duration>| of.map(|of| (of.seconds, of.nanos));
    if key(policy.maximum_interval) < key(policy.initial_interval) {
        return Err(wrong("MaximumInterval cannot be less than InitialInterval on retry policy."));
    }
    if policy.maximum_attempts < 0 {
        return Err(wrong("MaximumAttempts cannot be negative on retry policy."));
    }
    for entry in &policy.non_retryable_error_types {
        if let Some(name) = entry.strip_prefix(TIMEOUT_PREFIX).filter(|name| !TIMEOUTS.contains(name)) {
            return Err(wrong(format!("Invalid timeout type value: {name}.")));
        }
    }
    Ok(())
}

fn interval(name: &str, interval: &mut Option<Duration>) -> Result<(), Error> {
    let Some(value) = interval else { return Ok(()) };
    if let Some(cause) = duration::complaint(value) {
        return Err(wrong(format!("invalid {name} set on retry policy: {cause}")));
    }
    duration::cap(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: i64) -> Option<Duration> {
        Some(Duration { seconds, nanos: 0 })
    }

    #[test]
    fn what_is_not_given_is_filled_in() {
        let mut none = None;
        assert_eq!(normalize(&mut none), Ok(()));
        assert_eq!(none, None);
        let mut policy = Some(RetryPolicy { initial_interval: seconds(0), ..RetryPolicy::default() });
        assert_eq!(normalize(&mut policy), Ok(()));
        let filled = RetryPolicy {
            initial_interval: seconds(1),
            backoff_coefficient: 2.0,
            maximum_interval: seconds(100),
            ..RetryPolicy::default()
        };
        assert_eq!(policy, Some(filled));
    }

    #[test]
    fn what_cannot_be_is_refused_in_the_apis_words() {
        let good = RetryPolicy { initial_interval: seconds(2), backoff_coefficient: 1.0, ..RetryPolicy::default() };
        let table = [
            (
                RetryPolicy { backoff_coefficient: 0.5, ..good.clone() },
                "BackoffCoefficient cannot be less than 1 on retry policy.",
            ),
            (
                RetryPolicy { backoff_coefficient: f64::NAN, ..good.clone() },
                "BackoffCoefficient cannot be less than 1 on retry policy.",
            ),
            (
                RetryPolicy { maximum_interval: seconds(1), ..good.clone() },
                "MaximumInterval cannot be less than InitialInterval on retry policy.",
            ),
            (RetryPolicy { maximum_attempts: -1, ..good.clone() }, "MaximumAttempts cannot be negative on retry policy."),
            (
                RetryPolicy { initial_interval: seconds(-1), ..good.clone() },
                "invalid InitialInterval set on retry policy: negative duration",
            ),
            (
                RetryPolicy { non_retryable_error_types: vec!["TemporalTimeout:Lunch".into()], ..good.clone() },
                "Invalid timeout type value: Lunch.",
            ),
        ];
        for (policy, text) in table {
            assert_eq!(normalize(&mut Some(policy.clone())).map_err(|error| error.to_string()), Err(text.to_owned()));
            let once = RetryPolicy { maximum_attempts: 1, ..policy };
            if once.initial_interval == seconds(2) {
                assert_eq!(normalize(&mut Some(once)), Ok(()));
            }
        }
        let named = vec!["TemporalTimeout:StartToClose".to_owned(), "BadCard".to_owned()];
        assert_eq!(normalize(&mut Some(RetryPolicy { non_retryable_error_types: named, ..good })), Ok(()));
    }
}
