//! Tables: what is tried again, and when.

use proto::temporal::api::failure::v1::{
    ActivityFailureInfo, ApplicationFailureInfo, CanceledFailureInfo, ServerFailureInfo, TerminatedFailureInfo,
};

use super::*;
use crate::failure::activity_timeout;

fn secs(seconds: i64) -> Option<prost_types::Duration> {
    Some(prost_types::Duration { seconds, nanos: 0 })
}

fn policy() -> RetryPolicy {
    RetryPolicy {
        initial_interval: secs(1),
        backoff_coefficient: 2.0,
        maximum_interval: secs(100),
        maximum_attempts: 0,
        non_retryable_error_types: vec!["Fatal".to_owned(), "TemporalTimeout:Heartbeat".to_owned()],
    }
}

fn with(info: FailureInfo) -> Failure {
    Failure { failure_info: Some(info), ..Failure::default() }
}

fn application(kind: &str, non_retryable: bool, delay: Option<prost_types::Duration>) -> Failure {
    with(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
        r#type: kind.to_owned(),
        non_retryable,
        next_retry_delay: delay,
        ..ApplicationFailureInfo::default()
    }))
}

fn failed(attempt: i32, failure: Option<&Failure>) -> Failed<'_> {
    Failed { attempt, failure, now: Timestamp::from_millis(0), expiration: None }
}

fn after(next: Next) -> Result<Duration, RetryState> {
    match next {
        Next::Attempt { at, after } => {
            assert_eq!(at, Timestamp::from_millis(0) + after);
            Ok(after)
        }
        Next::Stop(state) => Err(state),
    }
}

#[test]
fn what_may_be_tried_again() {
    let inner = application("Fatal", true, None);
    let wrapper =
        Failure { cause: Some(Box::new(inner)), ..with(FailureInfo::ActivityFailureInfo(ActivityFailureInfo::default())) };
    let table = [
        ("none", None, true),
        ("no info", Some(Failure::default()), true),
        ("terminated", Some(with(FailureInfo::TerminatedFailureInfo(TerminatedFailureInfo::default()))), false),
        ("canceled", Some(with(FailureInfo::CanceledFailureInfo(CanceledFailureInfo::default()))), false),
        ("start to close", Some(activity_timeout(TimeoutType::StartToClose)), true),
        ("heartbeat, listed", Some(activity_timeout(TimeoutType::Heartbeat)), false),
        ("schedule to start", Some(activity_timeout(TimeoutType::ScheduleToStart)), false),
        ("schedule to close", Some(activity_timeout(TimeoutType::ScheduleToClose)), false),
        ("server", Some(with(FailureInfo::ServerFailureInfo(ServerFailureInfo { non_retryable: false }))), true),
        ("server for good", Some(with(FailureInfo::ServerFailureInfo(ServerFailureInfo { non_retryable: true }))), false),
        ("application", Some(application("Other", false, None)), true),
        ("application for good", Some(application("Other", true, None)), false),
        ("application, listed", Some(application("Fatal", false, None)), false),
        ("application, other case", Some(application("fatal", false, None)), true),
        ("wrapper: only the outermost counts", Some(wrapper), true),
    ];
    for (name, failure, expected) in table {
        assert_eq!(is_retryable(failure.as_ref(), &policy().non_retryable_error_types), expected, "{name}");
    }
}

#[test]
fn an_unlisted_heartbeat_timeout_may_be_tried_again() {
    assert!(is_retryable(Some(&activity_timeout(TimeoutType::Heartbeat)), &[]));
}

#[test]
fn intervals_grow_to_the_cap() {
    for (attempt, seconds) in [(0, 1), (1, 1), (2, 2), (3, 4), (7, 64), (8, 100), (500, 100), (i32::MAX, 100)] {
        assert_eq!(after(activity(&policy(), failed(attempt, None))), Ok(Duration::from_secs(seconds)), "attempt {attempt}");
        assert_eq!(after(workflow(Some(&policy()), failed(attempt, None))), Ok(Duration::from_secs(seconds)));
    }
}

#[test]
fn a_fractional_coefficient_counts() {
    let policy = RetryPolicy { backoff_coefficient: 1.5, ..policy() };
    assert_eq!(after(activity(&policy, failed(3, None))), Ok(Duration::from_millis(2250)));
}

#[test]
fn without_a_cap_nonsense_ends_it() {
    let uncapped = RetryPolicy { maximum_interval: None, initial_interval: None, ..policy() };
    assert_eq!(after(activity(&uncapped, failed(1, None))), Err(RetryState::Timeout));
    let not_a_number = RetryPolicy { backoff_coefficient: f64::NAN, maximum_interval: None, ..policy() };
    assert_eq!(after(activity(&not_a_number, failed(2, None))), Err(RetryState::Timeout));
    let capped = RetryPolicy { initial_interval: None, ..policy() };
    assert_eq!(after(activity(&capped, failed(1, None))), Ok(Duration::from_secs(100)));
}

#[test]
fn attempts_end_at_their_maximum() {
    let three = RetryPolicy { maximum_attempts: 3, ..policy() };
    assert_eq!(after(activity(&three, failed(2, None))), Ok(Duration::from_secs(2)));
    assert_eq!(after(activity(&three, failed(3, None))), Err(RetryState::MaximumAttemptsReached));
    assert_eq!(after(activity(&three, failed(4, None))), Err(RetryState::MaximumAttemptsReached));
}

#[test]
fn no_attempt_starts_after_the_expiration() {
    let at = |millis| Failed { expiration: Some(Timestamp::from_millis(millis)), ..failed(2, None) };
    assert_eq!(after(activity(&policy(), at(2000))), Ok(Duration::from_secs(2)));
    assert_eq!(after(activity(&policy(), at(1999))), Err(RetryState::Timeout));
    assert_eq!(after(workflow(Some(&policy()), at(1999))), Err(RetryState::Timeout));
}

#[test]
fn a_workflow_without_a_policy_is_not_tried_again() {
    assert_eq!(after(workflow(None, failed(1, None))), Err(RetryState::RetryPolicyNotSet));
}

#[test]
fn an_asked_delay_replaces_the_formula_and_for_activities_the_cap() {
    let failure = application("Other", false, secs(500));
    assert_eq!(after(activity(&policy(), failed(1, Some(&failure)))), Ok(Duration::from_secs(500)));
    assert_eq!(after(workflow(Some(&policy()), failed(1, Some(&failure)))), Ok(Duration::from_secs(100)));
    let short = application("Other", false, secs(3));
    assert_eq!(after(activity(&policy(), failed(9, Some(&short)))), Ok(Duration::from_secs(3)));
}

#[test]
fn deadlines_of_scheduling_are_timeouts_not_failures() {
    for of in [TimeoutType::ScheduleToStart, TimeoutType::ScheduleToClose] {
        assert_eq!(after(activity(&policy(), failed(1, Some(&activity_timeout(of))))), Err(RetryState::Timeout));
    }
    let heartbeat = activity_timeout(TimeoutType::Heartbeat);
    assert_eq!(after(activity(&policy(), failed(1, Some(&heartbeat)))), Err(RetryState::NonRetryableFailure));
}

#[test]
fn what_is_not_set_has_defaults() {
    let full = with_defaults(&RetryPolicy::default());
    assert_eq!(full.initial_interval, secs(1));
    assert_eq!(full.maximum_interval, secs(100));
    assert_eq!(full.backoff_coefficient, 2.0);
    assert_eq!(full.maximum_attempts, 0);
    let own = with_defaults(&RetryPolicy { initial_interval: secs(3), ..RetryPolicy::default() });
    assert_eq!(own.maximum_interval, secs(300));
}

#[test]
fn a_policy_that_cannot_be_used_is_refused_with_the_reason() {
    let table = [
        (
            RetryPolicy { initial_interval: secs(-1), ..policy() },
            "invalid InitialInterval set on retry policy: negative duration",
        ),
        (RetryPolicy { backoff_coefficient: 0.5, ..policy() }, "BackoffCoefficient cannot be less than 1 on retry policy."),
        (
            RetryPolicy { maximum_interval: secs(-1), ..policy() },
            "invalid MaximumInterval set on retry policy: negative duration",
        ),
        (
            RetryPolicy { initial_interval: secs(5), maximum_interval: secs(4), ..policy() },
            "MaximumInterval cannot be less than InitialInterval on retry policy.",
        ),
        (RetryPolicy { maximum_attempts: -1, ..policy() }, "MaximumAttempts cannot be negative on retry policy."),
        (
            RetryPolicy { non_retryable_error_types: vec!["TemporalTimeout:Never".to_owned()], ..policy() },
            "Invalid timeout type value: Never.",
        ),
    ];
    for (policy, why) in table {
        assert_eq!(check(&policy), Err(why.to_owned()));
    }
    assert_eq!(check(&policy()), Ok(()));
    assert_eq!(
        check(&RetryPolicy { maximum_attempts: 1, backoff_coefficient: 0.1, ..policy() }),
        Ok(()),
        "one attempt: never used"
    );
}
