//! The failures that the engine makes, and shortening.

use super::*;

fn application(kind: &str, message: &str, cause: Option<Failure>) -> Failure {
    Failure {
        message: message.to_owned(),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
            r#type: kind.to_owned(),
            non_retryable: true,
            ..ApplicationFailureInfo::default()
        })),
        cause: cause.map(Box::new),
        ..Failure::default()
    }
}

#[test]
fn timeouts_are_called_as_sdks_know_them() {
    for (of, text) in [
        (TimeoutType::StartToClose, "activity StartToClose timeout"),
        (TimeoutType::ScheduleToStart, "activity ScheduleToStart timeout"),
        (TimeoutType::ScheduleToClose, "activity ScheduleToClose timeout"),
        (TimeoutType::Heartbeat, "activity Heartbeat timeout"),
    ] {
        assert_eq!(activity_timeout(of).message, text);
        assert_eq!(activity_timeout(of).source, "Server");
    }
}

#[test]
fn a_failure_within_the_limit_is_kept_whole() {
    let failure = application("T", "short", None);
    assert_eq!(kept(&failure, 4096), failure);
}

#[test]
fn a_longer_failure_is_kept_short_inside_one_that_says_so() {
    let failure = application("PaymentDeclined", &"x".repeat(10_000), Some(application("Inner", "why", None)));
    let short = kept(&failure, 4096);
    assert_eq!(short.message, FAILURE_TOO_LARGE);
    assert_eq!(short.failure_info, Some(FailureInfo::ServerFailureInfo(ServerFailureInfo { non_retryable: false })));
    let cause = short.cause.expect("the short form is the cause");
    assert!(cause.encoded_len() <= 4096, "{} bytes", cause.encoded_len());
    assert!(cause.message.len() > 3_900, "{} bytes of message", cause.message.len());
    let Some(FailureInfo::ApplicationFailureInfo(info)) = cause.failure_info else { panic!("its kind stays") };
    assert_eq!((info.r#type.as_str(), info.non_retryable), ("PaymentDeclined", true));
}

#[test]
fn shortening_never_splits_a_character() {
    let failure = application("", &"ü".repeat(100), None);
    let short = shortened(&failure, 21);
    assert_eq!(short.message, "ü".repeat(6));
}

#[test]
fn deep_causes_are_cut() {
    let deep = (0..100).fold(application("T", "m", None), |inner, _| application("T", "m", Some(inner)));
    let mut depth = 0;
    let mut at = Some(Box::new(shortened(&deep, 1_000_000)));
    while let Some(failure) = at {
        depth += 1;
        at = failure.cause;
    }
    assert_eq!(depth, 21);
}
