//! Whether something failed for good, and when it is tried again: one set of rules for activities and workflows. Pure
//! arithmetic on what is handed in.

use std::time::Duration;

use model::Timestamp;
use proto::temporal::api::common::v1::RetryPolicy;
use proto::temporal::api::enums::v1::{RetryState, TimeoutType};
use proto::temporal::api::failure::v1::Failure;
use proto::temporal::api::failure::v1::failure::FailureInfo;

use crate::failure::timeout_name;
use crate::time::{checked_duration, duration, proto_duration};

/// How a timeout is named in a list of non-retryable types: this, then its name.
const TIMEOUT_PREFIX: &str = "TemporalTimeout:";

/// An attempt that failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failed<'a> {
    /// From 1.
    pub(crate) attempt: i32,
    /// Why.
    pub(crate) failure: Option<&'a Failure>,
    /// When.
    pub(crate) now: Timestamp,
    /// No attempt starts after this.
    pub(crate) expiration: Option<Timestamp>,
}

/// What follows a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another attempt.
    Attempt {
        /// When.
        at: Timestamp,
        /// After how long.
        after: Duration,
    },
    /// Nothing.
    Stop(RetryState),
}

/// What follows a failed activity attempt. A delay that the application asks for replaces formula and cap.
pub(crate) fn activity(policy: &RetryPolicy, failed: Failed<'_>) -> Next {
    if let Some(FailureInfo::TimeoutFailureInfo(info)) = failed.failure.and_then(|failure| failure.failure_info.as_ref())
        && matches!(info.timeout_type(), TimeoutType::ScheduleToStart | TimeoutType::ScheduleToClose)
    {
        return Next::Stop(RetryState::Timeout);
    }
    let delay = asked_delay(failed.failure);
    let cap = delay.unwrap_or_else(|| duration(policy.maximum_interval.as_ref()));
    next(policy, failed, delay, cap)
}

/// What follows a failed workflow run. A delay that the application asks for replaces the formula, not the cap.
pub(crate) fn workflow(policy: Option<&RetryPolicy>, failed: Failed<'_>) -> Next {
    let Some(policy) = policy else { return Next::Stop(RetryState::RetryPolicyNotSet) };
    next(policy, failed, asked_delay(failed.failure), duration(policy.maximum_interval.as_ref()))
}

fn next(policy: &RetryPolicy, failed: Failed<'_>, delay: Option<Duration>, cap: Duration) -> Next {
    if !is_retryable(failed.failure, &policy.non_retryable_error_types) {
        return Next::Stop(RetryState::NonRetryableFailure);
    }
    let attempt = failed.attempt.max(1);
    if policy.maximum_attempts > 0 && attempt >= policy.maximum_attempts {
        return Next::Stop(RetryState::MaximumAttemptsReached);
    }
    let mut after = delay.unwrap_or_else(|| exponential(policy, attempt));
    if after.is_zero() && cap.is_zero() {
        return Next::Stop(RetryState::Timeout);
    }
    if !cap.is_zero() && (after.is_zero() || after > cap) {
        after = cap;
    }
    let at = failed.now + after;
    match failed.expiration {
        Some(end) if at > end => Next::Stop(RetryState::Timeout),
        _ => Next::Attempt { at, after },
    }
}

/// Initial interval times coefficient to the power of the attempts made so far but one; what is no time counts as zero.
fn exponential(policy: &RetryPolicy, attempt: i32) -> Duration {
    const MAX_NANOS: f64 = i64::MAX as f64;
    let initial = duration(policy.initial_interval.as_ref()).as_nanos() as f64;
    let nanos = initial * policy.backoff_coefficient.powi(attempt - 1);
    if nanos.is_nan() || nanos <= 0.0 {
        return Duration::ZERO;
    }
    if nanos >= MAX_NANOS { Duration::from_nanos(i64::MAX as u64) } else { Duration::from_nanos(nanos as u64) }
}

/// The delay that an application failure asks for.
fn asked_delay(failure: Option<&Failure>) -> Option<Duration> {
    match failure?.failure_info.as_ref()? {
        FailureInfo::ApplicationFailureInfo(info) => info.next_retry_delay.as_ref().map(|delay| duration(Some(delay))),
        _ => None,
    }
}

/// Whether a failure may be tried again. Types are compared with the outermost failure, letter by letter.
pub(crate) fn is_retryable(failure: Option<&Failure>, non_retryable_types: &[String]) -> bool {
    let Some(info) = failure.and_then(|failure| failure.failure_info.as_ref()) else { return true };
    match info {
        FailureInfo::TerminatedFailureInfo(_) | FailureInfo::CanceledFailureInfo(_) => false,
        FailureInfo::TimeoutFailureInfo(info) => match info.timeout_type() {
            of @ (TimeoutType::StartToClose | TimeoutType::Heartbeat) => {
                !non_retryable_types.iter().any(|listed| listed.strip_prefix(TIMEOUT_PREFIX) == Some(timeout_name(of)))
            }
            _ => false,
        },
        FailureInfo::ServerFailureInfo(info) => !info.non_retryable,
        FailureInfo::ApplicationFailureInfo(info) => !info.non_retryable && !non_retryable_types.contains(&info.r#type),
        _ => true,
    }
}

/// The policy with what is not set filled in: 1 s, doubled, up to a hundred times the initial interval, for ever.
pub(crate) fn with_defaults(policy: &RetryPolicy) -> RetryPolicy {
    let mut policy = policy.clone();
    if unset(policy.initial_interval.as_ref()) {
        policy.initial_interval = Some(proto_duration(Duration::from_secs(1)));
    }
    if unset(policy.maximum_interval.as_ref()) {
        policy.maximum_interval = Some(proto_duration(duration(policy.initial_interval.as_ref()).saturating_mul(100)));
    }
    if policy.backoff_coefficient == 0.0 {
        policy.backoff_coefficient = 2.0;
    }
    policy
}

fn unset(of: Option<&prost_types::Duration>) -> bool {
    of.is_none_or(|of| of.seconds == 0 && of.nanos == 0)
}

/// Why a policy (with defaults) cannot be used.
pub(crate) fn check(policy: &RetryPolicy) -> Result<(), String> {
    if policy.maximum_attempts == 1 {
        return Ok(());
    }
    checked_duration(policy.initial_interval.as_ref())
        .map_err(|why| format!("invalid InitialInterval set on retry policy: {why}"))?;
    if policy.backoff_coefficient.is_nan() || policy.backoff_coefficient < 1.0 {
        return Err("BackoffCoefficient cannot be less than 1 on retry policy.".to_owned());
    }
    checked_duration(policy.maximum_interval.as_ref())
        .map_err(|why| format!("invalid MaximumInterval set on retry policy: {why}"))?;
    let longest = duration(policy.maximum_interval.as_ref());
    if !longest.is_zero() && longest < duration(policy.initial_interval.as_ref()) {
        return Err("MaximumInterval cannot be less than InitialInterval on retry policy.".to_owned());
    }
    if policy.maximum_attempts < 0 {
        return Err("MaximumAttempts cannot be negative on retry policy.".to_owned());
    }
    for listed in &policy.non_retryable_error_types {
        if let Some(name) = listed.strip_prefix(TIMEOUT_PREFIX)
            && !is_timeout_name(name)
        {
            return Err(format!("Invalid timeout type value: {name}."));
        }
    }
    Ok(())
}

fn is_timeout_name(name: &str) -> bool {
    [TimeoutType::StartToClose, TimeoutType::ScheduleToStart, TimeoutType::ScheduleToClose, TimeoutType::Heartbeat]
        .into_iter()
        .any(|of| name == timeout_name(of) || name == of.as_str_name())
}

#[cfg(test)]
mod tests;
