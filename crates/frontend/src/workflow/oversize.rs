//! Results that are too large to keep: the activity fails instead, and says why.

use model::limits::Limits;
use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::failure::v1::{Failure, ServerFailureInfo};

/// Of a query's answer, where the query alone fails.
pub(super) const BLOB: &str = "Blob data size exceeds limit.";
/// Of an activity's result.
pub(super) const RESULT: &str = "Complete result exceeds size limit.";
/// Of an activity's last words when it is canceled.
pub(super) const CANCEL_DETAILS: &str = "Cancel details exceed size limit.";
/// Of a heartbeat.
pub(super) const HEARTBEAT: &str = "Heartbeat details exceed size limit.";
/// Of a failure.
const FAILURE: &str = "Failure exceeds size limit.";

/// A failure of the server's own that nobody retries.
pub(super) fn server_failure(message: &str) -> Failure {
    Failure {
        message: message.to_owned(),
        source: "Server".to_owned(),
        failure_info: Some(FailureInfo::ServerFailureInfo(ServerFailureInfo { non_retryable: true })),
        ..Failure::default()
    }
}

/// What stands for a failure that is too large: its beginning, as the cause.
pub(super) fn failure(too_large: Option<Failure>, limits: &Limits) -> Failure {
    let cause = too_large.map(|failure| {
        let room = limits.activity_failure_bytes / 2;
        Box::new(Failure {
            message: cut(&failure.message, room),
            source: cut(&failure.source, room / 8),
            stack_trace: cut(&failure.stack_trace, room / 2),
            failure_info: Some(FailureInfo::ServerFailureInfo(ServerFailureInfo { non_retryable: true })),
            ..Failure::default()
        })
    });
    Failure { cause, ..server_failure(FAILURE) }
}

/// The beginning of a text, at a character's end.
fn cut(text: &str, bytes: usize) -> String {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    #[test]
    fn a_large_failure_keeps_its_beginning() {
        let limits = Limits::DEFAULT;
        let large = Failure { message: "ü".repeat(2_000_000), stack_trace: "x".repeat(10_000), ..Failure::default() };
        let kept = failure(Some(large), &limits);
        assert_eq!(kept.message, "Failure exceeds size limit.");
        assert!(kept.cause.as_ref().is_some_and(|cause| cause.message.starts_with("üü")));
        assert!(kept.encoded_len() < limits.activity_failure_bytes);
    }
}
