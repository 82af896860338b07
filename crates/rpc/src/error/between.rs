//! Errors between services: every variant goes over the wire and comes back as itself, in a status whose details are
//! [`Failure`]. What has no such details was not said by a service but happened on the way.

use std::error::Error as _;

use model::MemberId;
use prost::Message;
use proto::aevum::rpc::v1::failure::{self, Kind};
use proto::aevum::rpc::v1::{Done, Failure};
use proto::temporal::api::enums::v1::NamespaceState;
use tonic::{Code, ConnectError, Status};

use super::{Error, cut};

/// Bytes of details that the headers between services have room for.
const MAX_DETAILS: usize = 512 * 1024;
/// Bytes of the text that people see in traces of the network.
const MAX_TEXT: usize = 200;
/// What both ends accept as headers: the details in base64, and some.
pub(crate) const MAX_HEADER_LIST: u32 = 1 << 20;

/// An error on its way to another service.
pub(crate) fn status(error: Error) -> Status {
    let code = error.code();
    let text = cut(error.to_string(), MAX_TEXT);
    let mut failure = write(error);
    if failure.encoded_len() > MAX_DETAILS {
        shorten(&mut failure);
    }
    Status::with_details(code, text, failure.encode_to_vec().into())
}

/// The error that another service meant, or what became of a call on the way.
pub(crate) fn error(status: &Status) -> Error {
    let told = Failure::decode(status.details()).ok().and_then(|failure| failure.kind);
    match told.map(read) {
        Some(error) => error,
        None => on_the_way(status),
    }
}

/// Whether nobody listened at the other end, so that the call was never sent.
fn never_sent(status: &Status) -> bool {
    let mut cause = status.source();
    while let Some(error) = cause {
        if error.is::<ConnectError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn on_the_way(status: &Status) -> Error {
    let text = status.message().to_owned();
    match status.code() {
        _ if never_sent(status) => Error::Unreached,
        Code::DeadlineExceeded => Error::DeadlineExceeded(text),
        // The transport's own word for a timeout of its own; a caller that gave up does not read this.
        Code::Cancelled => Error::DeadlineExceeded("the time of this call is up".to_owned()),
        Code::Unimplemented => Error::Unimplemented(format!("the other host is older and does not know this call: {text}")),
        Code::Unavailable | Code::Unknown | Code::Internal | Code::Aborted => {
            Error::Lost(format!("the host that had this call went away, and it is unknown whether it happened: {text}"))
        }
        _ => Error::Internal(format!("another host refused a call of ours: {text}")),
    }
}

fn write(error: Error) -> Failure {
    let done = Done {};
    let kind = match error {
        Error::InvalidArgument(text) => Kind::InvalidArgument(text),
        Error::NotFound(text) => Kind::NotFound(text),
        Error::NamespaceNotFound(text) => Kind::NamespaceNotFound(text),
        Error::NamespaceAlreadyExists(text) => Kind::NamespaceAlreadyExists(text),
        Error::NamespaceInvalidState { namespace, state, allowed } => Kind::NamespaceInvalidState(failure::NamespaceState {
            namespace,
            state: state as i32,
            allowed: allowed.into_iter().map(|state| state as i32).collect(),
        }),
        Error::WorkflowAlreadyStarted { message, start_request_id, run_id, first_execution_run_id } => {
            Kind::WorkflowAlreadyStarted(failure::AlreadyStarted { message, start_request_id, run_id, first_execution_run_id })
        }
        Error::AlreadyExists(text) => Kind::AlreadyExists(text),
        Error::FailedPrecondition(text) => Kind::FailedPrecondition(text),
        Error::WorkflowNotReady(text) => Kind::WorkflowNotReady(text),
        Error::PermissionDenied(text) => Kind::PermissionDenied(text),
        Error::ResourceExhausted { cause, scope, message } => {
            Kind::ResourceExhausted(failure::Exhausted { cause: cause as i32, scope: scope as i32, message })
        }
        Error::QueryFailed { message, failure } => {
            Kind::QueryFailed(failure::Query { message, failure: failure.map(|failure| *failure) })
        }
        Error::Unavailable(text) => Kind::Unavailable(text),
        Error::Moved(to) => {
            Kind::Moved(failure::Moved { member: to.map(|to| to.as_bytes().to_vec()).unwrap_or_default().into() })
        }
        // Of a third host: for whoever asks, the owner is not known.
        Error::Unreached => Kind::Moved(failure::Moved::default()),
        Error::Lost(text) => Kind::Lost(text),
        Error::DeadlineExceeded(text) => Kind::DeadlineExceeded(text),
        Error::Canceled(text) => Kind::Canceled(text),
        Error::Unimplemented(text) => Kind::Unimplemented(text),
        Error::TaskAlreadyStarted => Kind::TaskAlreadyStarted(done),
        Error::ObsoleteTask => Kind::ObsoleteTask(done),
        Error::StickyWorkerUnavailable => Kind::StickyWorkerUnavailable(done),
        Error::DataLoss(text) => Kind::DataLoss(text),
        Error::Internal(text) => Kind::Internal(text),
    };
    Failure { kind: Some(kind) }
}

fn read(kind: Kind) -> Error {
    match kind {
        Kind::InvalidArgument(text) => Error::InvalidArgument(text),
        Kind::NotFound(text) => Error::NotFound(text),
        Kind::NamespaceNotFound(text) => Error::NamespaceNotFound(text),
        Kind::NamespaceAlreadyExists(text) => Error::NamespaceAlreadyExists(text),
        Kind::NamespaceInvalidState(told) => {
            let state = |number| NamespaceState::try_from(number).unwrap_or_default();
            let allowed = told.allowed.into_iter().map(state).collect();
            Error::NamespaceInvalidState { namespace: told.namespace, state: state(told.state), allowed }
        }
        Kind::WorkflowAlreadyStarted(told) => Error::WorkflowAlreadyStarted {
            message: told.message,
            start_request_id: told.start_request_id,
            run_id: told.run_id,
            first_execution_run_id: told.first_execution_run_id,
        },
        Kind::AlreadyExists(text) => Error::AlreadyExists(text),
        Kind::FailedPrecondition(text) => Error::FailedPrecondition(text),
        Kind::WorkflowNotReady(text) => Error::WorkflowNotReady(text),
        Kind::PermissionDenied(text) => Error::PermissionDenied(text),
        Kind::ResourceExhausted(told) => Error::ResourceExhausted {
            cause: told.cause.try_into().unwrap_or_default(),
            scope: told.scope.try_into().unwrap_or_default(),
            message: told.message,
        },
        Kind::QueryFailed(told) => Error::QueryFailed { message: told.message, failure: told.failure.map(Box::new) },
        Kind::Unavailable(text) => Error::Unavailable(text),
        Kind::Moved(told) => Error::Moved(MemberId::from_bytes(&told.member).ok()),
        Kind::Lost(text) => Error::Lost(text),
        Kind::DeadlineExceeded(text) => Error::DeadlineExceeded(text),
        Kind::Canceled(text) => Error::Canceled(text),
        Kind::Unimplemented(text) => Error::Unimplemented(text),
        Kind::TaskAlreadyStarted(Done {}) => Error::TaskAlreadyStarted,
        Kind::ObsoleteTask(Done {}) => Error::ObsoleteTask,
        Kind::StickyWorkerUnavailable(Done {}) => Error::StickyWorkerUnavailable,
        Kind::DataLoss(text) => Error::DataLoss(text),
        Kind::Internal(text) => Error::Internal(text),
    }
}

/// Only a worker's failure can be that long, and no caller could be told so much anyway.
fn shorten(failure: &mut Failure) {
    match &mut failure.kind {
        Some(Kind::QueryFailed(told)) => {
            told.failure = None;
            told.message = cut(std::mem::take(&mut told.message), super::MAX_TEXT);
        }
        other => *other = Some(Kind::Internal("an error was too long to be told".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use proto::temporal::api::enums::v1::{ResourceExhaustedCause, ResourceExhaustedScope};
    use proto::temporal::api::failure::v1::Failure as WorkerFailure;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn every_error_comes_back_as_itself() {
        let text = || "why".to_owned();
        let failure = |bytes: usize| WorkerFailure { message: "x".repeat(bytes), ..WorkerFailure::default() };
        let all = [
            Error::InvalidArgument(text()),
            Error::NotFound(text()),
            Error::NamespaceNotFound(text()),
            Error::NamespaceAlreadyExists(text()),
            Error::NamespaceInvalidState {
                namespace: text(),
                state: NamespaceState::Deleted,
                allowed: vec![NamespaceState::Registered, NamespaceState::Deprecated],
            },
            Error::WorkflowAlreadyStarted {
                message: text(),
                start_request_id: "request".to_owned(),
                run_id: "run".to_owned(),
                first_execution_run_id: "first".to_owned(),
            },
            Error::AlreadyExists(text()),
            Error::FailedPrecondition(text()),
            Error::WorkflowNotReady(text()),
            Error::PermissionDenied(text()),
            Error::ResourceExhausted {
                cause: ResourceExhaustedCause::BusyWorkflow,
                scope: ResourceExhaustedScope::Namespace,
                message: text(),
            },
            Error::QueryFailed { message: text(), failure: Some(Box::new(failure(100_000))) },
            Error::Unavailable(text()),
            Error::Moved(None),
            Error::Moved(Some(MemberId::new(Uuid::from_u128(7)))),
            Error::Lost(text()),
            Error::DeadlineExceeded(text()),
            Error::Canceled(text()),
            Error::Unimplemented(text()),
            Error::TaskAlreadyStarted,
            Error::ObsoleteTask,
            Error::StickyWorkerUnavailable,
            Error::DataLoss(text()),
            Error::Internal(text()),
        ];
        for error in all {
            let code = error.code();
            let status = status(error.clone());
            assert_eq!((status.code(), super::error(&status)), (code, error));
        }
        let huge = status(Error::QueryFailed { message: text(), failure: Some(Box::new(failure(1_000_000))) });
        assert_eq!(error(&huge), Error::QueryFailed { message: text(), failure: None });
    }

    #[test]
    fn what_no_service_said_is_of_unknown_outcome() {
        assert!(matches!(error(&Status::unavailable("broken pipe")), Error::Lost(_)));
        assert!(matches!(error(&Status::unknown("h2")), Error::Lost(_)));
        assert!(matches!(error(&Status::cancelled("Timeout expired")), Error::DeadlineExceeded(_)));
        assert!(matches!(error(&Status::unimplemented("")), Error::Unimplemented(_)));
    }
}
