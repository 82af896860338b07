//! What people read when a call fails: what we were doing, the server's message, its code, and every error detail that
//! came with it, decoded.

use std::error::Error as _;
use std::fmt;

use prost::Message as _;
use proto::google::rpc::Status as RichStatus;
use tonic::{Code, Response, Status, TimeoutExpired};

use crate::render::json;

/// A failed call.
#[derive(Debug, thiserror::Error)]
pub(crate) struct CallFailed {
    doing: String,
    status: Box<Status>,
}

impl CallFailed {
    /// Whether asking again may help: the server restarts, or a poll ended without news.
    pub(crate) fn may_pass(&self) -> bool {
        let code = self.status.code();
        // A status with a source was made on this side: the connection broke under the call.
        matches!(code, Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled) || self.status.source().is_some()
    }

    /// What the server answered.
    pub(crate) fn status(&self) -> &Status {
        &self.status
    }
}

impl fmt::Display for CallFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The code follows in the same sentence.
        let message = self.status.message().trim_end_matches('.');
        let code = self.status.code();
        match self.status.source() {
            Some(source) if deepest_cause(source).is::<TimeoutExpired>() => {
                write!(f, "cannot {}: no answer in time (DEADLINE_EXCEEDED)", self.doing)?;
            }
            Some(source) => write!(f, "cannot {}: the connection broke: {}", self.doing, deepest_cause(source))?,
            None if message.is_empty() => write!(f, "cannot {}: {} ({})", self.doing, code.description(), code_name(code))?,
            None => write!(f, "cannot {}: {message} ({})", self.doing, code_name(code))?,
        }
        for line in details(&self.status) {
            write!(f, "\n  {line}")?;
        }
        Ok(())
    }
}

/// The deepest cause says it best ("connection refused"); what lies between is plumbing.
pub(crate) fn deepest_cause<'a>(error: &'a (dyn std::error::Error + 'static)) -> &'a (dyn std::error::Error + 'static) {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause
}

/// Turns an answer into its message, or a failure into a sentence.
pub(crate) trait Answer<T> {
    /// `doing` completes "cannot ...".
    fn or_cannot(self, doing: impl fmt::Display) -> Result<T, CallFailed>;
}

impl<T> Answer<T> for Result<Response<T>, Status> {
    fn or_cannot(self, doing: impl fmt::Display) -> Result<T, CallFailed> {
        match self {
            Ok(response) => Ok(response.into_inner()),
            Err(status) => Err(CallFailed { doing: doing.to_string(), status: Box::new(status) }),
        }
    }
}

/// Each detail of the status on a line: its type, then its fields. What cannot be decoded is named at least.
fn details(status: &Status) -> Vec<String> {
    let Ok(rich) = RichStatus::decode(status.details()) else { return Vec::new() };
    rich.details
        .iter()
        .map(|any| {
            let name = any.type_url.rsplit(['/', '.']).next().unwrap_or_default();
            match json::named(any.type_url.rsplit('/').next().unwrap_or_default(), &any.value) {
                Some(fields) if fields == "{}" => name.to_owned(),
                Some(fields) => format!("{name} {fields}"),
                None => format!("{name} ({} bytes)", any.value.len()),
            }
        })
        .collect()
}

/// The first detail of this type.
pub(crate) fn detail<M: prost::Message + prost::Name + Default>(status: &Status) -> Option<M> {
    let rich = RichStatus::decode(status.details()).ok()?;
    let wanted = M::full_name();
    let any = rich.details.iter().find(|any| any.type_url.rsplit('/').next() == Some(&wanted))?;
    M::decode(any.value.as_slice()).ok()
}

/// The name that gRPC's own documents use.
fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use proto::temporal::api::errordetails::v1::WorkflowExecutionAlreadyStartedFailure;

    use super::*;

    fn already_started() -> Status {
        let detail = WorkflowExecutionAlreadyStartedFailure {
            start_request_id: "req".to_owned(),
            run_id: "run-1".to_owned(),
            ..WorkflowExecutionAlreadyStartedFailure::default()
        };
        let any = prost_types::Any {
            type_url: "type.googleapis.com/temporal.api.errordetails.v1.WorkflowExecutionAlreadyStartedFailure".to_owned(),
            value: detail.encode_to_vec(),
        };
        let unknown = prost_types::Any { type_url: "type.googleapis.com/some.Other".to_owned(), value: vec![1, 2, 3] };
        let rich = RichStatus { code: 6, message: "already running".to_owned(), details: vec![any, unknown] };
        Status::with_details(Code::AlreadyExists, "already running", rich.encode_to_vec().into())
    }

    #[test]
    fn a_failure_names_the_deed_the_code_and_every_detail() {
        let answer: Result<Response<()>, Status> = Err(already_started());
        let text = answer.or_cannot("start workflow \"order-1\"").unwrap_err().to_string();
        assert_eq!(
            text,
            "cannot start workflow \"order-1\": already running (ALREADY_EXISTS)\n  \
             WorkflowExecutionAlreadyStartedFailure {\"startRequestId\":\"req\",\"runId\":\"run-1\"}\n  Other (3 bytes)"
        );
    }

    #[test]
    fn a_broken_connection_is_told_by_its_deepest_cause_and_may_pass() {
        let status = Status::from_error(Box::new(std::io::Error::other("connection reset")));
        let answer: Result<Response<()>, Status> = Err(status);
        let failed = answer.or_cannot("wait").unwrap_err();
        assert_eq!(failed.to_string(), "cannot wait: the connection broke: connection reset");
        assert!(failed.may_pass());
        let late: Result<Response<()>, Status> = Err(Status::from_error(Box::new(TimeoutExpired(()))));
        assert_eq!(late.or_cannot("query").unwrap_err().to_string(), "cannot query: no answer in time (DEADLINE_EXCEEDED)");
        let refused: Result<Response<()>, Status> = Err(Status::unknown("odd"));
        assert!(!refused.or_cannot("wait").unwrap_err().may_pass());
    }

    #[test]
    fn details_are_found_by_type() {
        let found: Option<WorkflowExecutionAlreadyStartedFailure> = detail(&already_started());
        assert_eq!(found.map(|detail| detail.run_id).as_deref(), Some("run-1"));
        assert!(detail::<WorkflowExecutionAlreadyStartedFailure>(&Status::internal("x")).is_none());
    }
}
