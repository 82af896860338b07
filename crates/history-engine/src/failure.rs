//! Failures that the engine makes itself, and how long ones are shortened. Texts are Temporal's: SDKs show them to users.

use prost::Message;
use proto::temporal::api::enums::v1::TimeoutType;
use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::failure::v1::{ApplicationFailureInfo, Failure, ServerFailureInfo, TimeoutFailureInfo};

/// An activity's result is over the blob limit.
pub(crate) const RESULT_TOO_LARGE: &str = "Complete result exceeds size limit.";
/// A failure is over its limit.
pub(crate) const FAILURE_TOO_LARGE: &str = "Failure exceeds size limit.";
/// Heartbeat details are over the blob limit.
pub(crate) const HEARTBEAT_TOO_LARGE: &str = "Heartbeat details exceed size limit.";
/// An attempt timed out and no other one fits before the end of the activity.
pub(crate) const NO_TIME_FOR_RETRY: &str =
    "Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying";

/// Who says so, where it is the server.
const SOURCE: &str = "Server";
/// Chains of causes are cut here, so that absurd input costs bounded work.
const MAX_DEPTH: usize = 20;

/// The server's own failure.
pub(crate) fn server(message: &str, non_retryable: bool) -> Failure {
    Failure {
        message: message.to_owned(),
        source: SOURCE.to_owned(),
        failure_info: Some(FailureInfo::ServerFailureInfo(ServerFailureInfo { non_retryable })),
        ..Failure::default()
    }
}

/// A timeout.
pub(crate) fn timeout(message: String, of: TimeoutType) -> Failure {
    Failure {
        message,
        source: SOURCE.to_owned(),
        failure_info: Some(FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
            timeout_type: of as i32,
            last_heartbeat_details: None,
        })),
        ..Failure::default()
    }
}

/// The timeout of an attempt: `activity StartToClose timeout` and the like.
pub(crate) fn activity_timeout(of: TimeoutType) -> Failure {
    timeout(format!("activity {} timeout", timeout_name(of)), of)
}

/// How a timeout is called in texts and in lists of non-retryable types.
pub(crate) const fn timeout_name(of: TimeoutType) -> &'static str {
    match of {
        TimeoutType::StartToClose => "StartToClose",
        TimeoutType::ScheduleToStart => "ScheduleToStart",
        TimeoutType::ScheduleToClose => "ScheduleToClose",
        TimeoutType::Heartbeat => "Heartbeat",
        TimeoutType::Unspecified => "Unspecified",
    }
}

/// What state keeps of an attempt's failure: itself, or where it is larger than `limit`, a short form inside a failure that
/// says so.
pub(crate) fn kept(failure: &Failure, limit: usize) -> Failure {
    if failure.encoded_len() <= limit {
        return failure.clone();
    }
    too_large(failure, limit, false)
}

/// Says that a failure was too large, with its short form as the cause.
pub(crate) fn too_large(failure: &Failure, limit: usize, non_retryable: bool) -> Failure {
    Failure { cause: Some(Box::new(shortened(failure, limit))), ..server(FAILURE_TOO_LARGE, non_retryable) }
}

/// A short form of at most about `limit` bytes: type, source, message and stack trace in this order, then its cause.
pub(crate) fn shortened(failure: &Failure, limit: usize) -> Failure {
    shorten(failure, &mut i64::try_from(limit).unwrap_or(i64::MAX), MAX_DEPTH)
}

fn shorten(failure: &Failure, left: &mut i64, depth: usize) -> Failure {
    let mut short = Failure::default();
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => {
            short.failure_info = Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
                r#type: cut(&info.r#type, left),
                non_retryable: info.non_retryable,
                ..ApplicationFailureInfo::default()
            }));
            *left -= 8;
        }
        Some(FailureInfo::ServerFailureInfo(info)) => {
            short.failure_info = Some(FailureInfo::ServerFailureInfo(*info));
            *left -= 4;
        }
        _ => {}
    }
    short.source = cut(&failure.source, left);
    short.message = cut(&failure.message, left);
    short.stack_trace = cut(&failure.stack_trace, left);
    if let Some(cause) = &failure.cause
        && *left > 4
        && depth > 0
    {
        *left -= 4;
        short.cause = Some(Box::new(shorten(cause, left, depth - 1)));
    }
    short
}

/// The longest beginning of whole characters that fits; what it takes is subtracted, with its field's overhead.
fn cut(text: &str, left: &mut i64) -> String {
    let fits = usize::try_from(*left).unwrap_or(0);
    let end = if text.len() <= fits { text.len() } else { (0..=fits).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0) };
    let (kept, _) = text.split_at(end);
    if !kept.is_empty() {
        *left -= i64::try_from(kept.len()).unwrap_or(i64::MAX).saturating_add(4);
    }
    kept.to_owned()
}

#[cfg(test)]
mod tests;
