//! The errors of every service, and their one mapping to gRPC.
//!
//! A variant is what a caller can do about it. The status carries Temporal's detail message for it, since SDKs and the
//! command line read those (and never the text).

pub(crate) mod between;

use model::MemberId;
use prost::{Message, Name};
use prost_types::Any;
use proto::google::rpc::Status as RichStatus;
use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::enums::v1::{NamespaceState, ResourceExhaustedCause, ResourceExhaustedScope, WorkflowExecutionStatus};
use proto::temporal::api::errordetails::v1 as detail;
use proto::temporal::api::failure::v1::Failure;
use tonic::{Code, Status};

/// What a service answers instead of a result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The request is wrong; sending it again does not help.
    #[error("{0}")]
    InvalidArgument(String),
    /// What it names does not exist (any more).
    #[error("{0}")]
    NotFound(String),
    /// The namespace does not exist.
    #[error("Namespace {0} is not found.")]
    NamespaceNotFound(String),
    /// The namespace exists already.
    #[error("{0}")]
    NamespaceAlreadyExists(String),
    /// The namespace is deprecated or deleted.
    #[error("namespace {namespace} has state {state:?}, which does not allow this")]
    NamespaceInvalidState {
        /// Which.
        namespace: String,
        /// Its state.
        state: NamespaceState,
        /// States that would do.
        allowed: Vec<NamespaceState>,
    },
    /// The workflow id is taken.
    #[error("{message}")]
    WorkflowAlreadyStarted {
        /// Temporal's text.
        message: String,
        /// Request id of the run that has the id.
        start_request_id: String,
        /// That run.
        run_id: String,
        /// The first run of its chain.
        first_execution_run_id: String,
    },
    /// Something exists already.
    #[error("{0}")]
    AlreadyExists(String),
    /// The request is right, but not in this state.
    #[error("{0}")]
    FailedPrecondition(String),
    /// The workflow cannot answer now.
    #[error("{0}")]
    WorkflowNotReady(String),
    /// Not allowed.
    #[error("{0}")]
    PermissionDenied(String),
    /// Too much of something.
    #[error("{message}")]
    ResourceExhausted {
        /// Of what.
        cause: ResourceExhaustedCause,
        /// Whose.
        scope: ResourceExhaustedScope,
        /// What to do about it.
        message: String,
    },
    /// The worker answered the query with a failure.
    #[error("{message}")]
    QueryFailed {
        /// The worker's text.
        message: String,
        /// The worker's failure.
        failure: Option<Box<Failure>>,
    },
    /// Try again: nothing is known to have happened.
    #[error("{0}")]
    Unavailable(String),
    /// The owner is somebody else now; the client layer sends the call there.
    #[error("owned by another host")]
    Moved(Option<MemberId>),
    /// Nobody listens where the owner should be: the call was never sent.
    #[error("the owner of this cannot be reached; try again")]
    Unreached,
    /// The host that had the call went away: nobody knows whether it happened.
    #[error("{0}")]
    Lost(String),
    /// The caller's time is up.
    #[error("{0}")]
    DeadlineExceeded(String),
    /// The caller gave up.
    #[error("{0}")]
    Canceled(String),
    /// Not built.
    #[error("{0}")]
    Unimplemented(String),
    /// Between history and matching: another poll has the task.
    #[error("task already started")]
    TaskAlreadyStarted,
    /// Between history and matching: the task is not owed any more; drop it.
    #[error("task is obsolete")]
    ObsoleteTask,
    /// Between history and matching: nobody polls the sticky queue.
    #[error("no worker polls the sticky queue")]
    StickyWorkerUnavailable,
    /// Stored data cannot be read.
    #[error("{0}")]
    DataLoss(String),
    /// A fault of ours.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// The gRPC code.
    pub const fn code(&self) -> Code {
        match self {
            Self::InvalidArgument(_) | Self::QueryFailed { .. } => Code::InvalidArgument,
            Self::NotFound(_) | Self::NamespaceNotFound(_) => Code::NotFound,
            Self::NamespaceAlreadyExists(_) | Self::WorkflowAlreadyStarted { .. } | Self::AlreadyExists(_) => Code::AlreadyExists,
            Self::NamespaceInvalidState { .. } | Self::FailedPrecondition(_) | Self::WorkflowNotReady(_) => {
                Code::FailedPrecondition
            }
            Self::PermissionDenied(_) => Code::PermissionDenied,
            Self::ResourceExhausted { .. } => Code::ResourceExhausted,
            Self::Unavailable(_) | Self::Moved(_) | Self::Unreached | Self::Lost(_) | Self::StickyWorkerUnavailable => {
                Code::Unavailable
            }
            Self::DeadlineExceeded(_) => Code::DeadlineExceeded,
            Self::Canceled(_) => Code::Cancelled,
            Self::Unimplemented(_) => Code::Unimplemented,
            Self::TaskAlreadyStarted | Self::ObsoleteTask => Code::Aborted,
            Self::DataLoss(_) => Code::DataLoss,
            Self::Internal(_) => Code::Internal,
        }
    }

    /// The detail message of the API, where this error has one.
    fn detail(&self) -> Option<Any> {
        match self {
            Self::NotFound(_) => Some(any(&detail::NotFoundFailure::default())),
            Self::NamespaceNotFound(namespace) => Some(any(&detail::NamespaceNotFoundFailure { namespace: namespace.clone() })),
            Self::NamespaceAlreadyExists(_) => Some(any(&detail::NamespaceAlreadyExistsFailure {})),
            Self::NamespaceInvalidState { namespace, state, allowed } => Some(any(&detail::NamespaceInvalidStateFailure {
                namespace: namespace.clone(),
                state: *state as i32,
                allowed_states: allowed.iter().map(|state| *state as i32).collect(),
            })),
            Self::WorkflowAlreadyStarted { start_request_id, run_id, first_execution_run_id, .. } => {
                Some(any(&detail::WorkflowExecutionAlreadyStartedFailure {
                    start_request_id: start_request_id.clone(),
                    run_id: run_id.clone(),
                    first_execution_run_id: first_execution_run_id.clone(),
                }))
            }
            Self::WorkflowNotReady(_) => Some(any(&detail::WorkflowNotReadyFailure {})),
            Self::PermissionDenied(reason) => Some(any(&detail::PermissionDeniedFailure { reason: reason.clone() })),
            Self::ResourceExhausted { cause, scope, .. } => {
                Some(any(&detail::ResourceExhaustedFailure { cause: *cause as i32, scope: *scope as i32 }))
            }
            Self::QueryFailed { failure, .. } => Some(any(&detail::QueryFailedFailure { failure: failure.as_deref().cloned() })),
            _ => None,
        }
    }
}

/// Why and where something is exhausted, as a status of ours tells.
pub fn exhausted(status: &Status) -> Option<(ResourceExhaustedCause, ResourceExhaustedScope)> {
    let rich = RichStatus::decode(status.details()).ok()?;
    let failure: detail::ResourceExhaustedFailure = rich.details.first()?.to_msg().ok()?;
    Some((failure.cause(), failure.scope()))
}

/// Bytes of an error's text. Source: Temporal's `system.maxServiceErrorMessageLength`.
const MAX_TEXT: usize = 4000;
/// Bytes that text and details may take in the headers: SDKs accept 16 KiB of them, and there are others.
const MAX_HEADERS: usize = 14 * 1024;

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let code = error.code();
        let message = cut(error.to_string(), MAX_TEXT);
        let Some(detail) = error.detail() else { return Self::new(code, cut_encoded(message, MAX_HEADERS)) };
        let rich = |text: &str, details| RichStatus { code: code as i32, message: text.to_owned(), details }.encode_to_vec();
        let fits = |message: &str, details: &[u8]| percent_encoded(message) + base64(details) <= MAX_HEADERS;
        let whole = rich(&message, vec![detail.clone()]);
        if fits(&message, &whole) {
            return Self::with_details(code, message, whole.into());
        }
        // The detail without the text's copy, then a shorter text, and the code alone for a detail that never fits.
        let short = cut_encoded(message, MAX_HEADERS / 4);
        let details = rich("", vec![detail]);
        if fits(&short, &details) { Self::with_details(code, short, details.into()) } else { Self::new(code, short) }
    }
}

/// The beginning of a text, at a character's end.
fn cut(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        text.truncate(end);
    }
    text
}

/// The beginning of a text that fits into so many bytes of a header.
fn cut_encoded(text: String, bytes: usize) -> String {
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += if c.is_ascii_graphic() && *c != '%' { 1 } else { 3 * c.len_utf8() };
        used > bytes
    });
    let end = end.map_or(text.len(), |(at, _)| at);
    cut(text, end)
}

/// Bytes of a text in a header.
fn percent_encoded(text: &str) -> usize {
    text.bytes().map(|byte| if byte.is_ascii_graphic() && byte != b'%' { 1 } else { 3 }).sum()
}

/// Bytes of a binary header.
const fn base64(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(3) * 4
}

/// An `Any` as Temporal's clients expect it.
fn any<M: Message + Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

/// The status of a workflow, for messages.
pub fn execution(workflow_id: &str, run_id: &str) -> WorkflowExecution {
    WorkflowExecution { workflow_id: workflow_id.to_owned(), run_id: run_id.to_owned() }
}

/// Whether a status number means open.
pub const fn is_open(status: WorkflowExecutionStatus) -> bool {
    matches!(status, WorkflowExecutionStatus::Running | WorkflowExecutionStatus::Paused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_fits_into_the_headers_that_sdks_accept() {
        let failure = |bytes: usize| Some(Box::new(Failure { message: "x".repeat(bytes), ..Failure::default() }));
        for (text, failure) in
            [("ü", failure(10)), ("x", failure(2_000)), ("ü", failure(5_000)), ("x", failure(100_000)), (" ", None)]
        {
            let status = Status::from(Error::QueryFailed { message: text.repeat(10_000), failure });
            assert!(status.message().starts_with(text));
            assert!(percent_encoded(status.message()) + base64(status.details()) <= MAX_HEADERS, "{text}");
        }
        let long = Status::from(Error::Unimplemented("ü".repeat(10_000)));
        assert!(percent_encoded(long.message()) <= MAX_HEADERS);
    }

    #[test]
    fn an_ordinary_status_is_whole() {
        let status = Status::from(Error::NamespaceNotFound("shop".to_owned()));
        assert_eq!(status.message(), "Namespace shop is not found.");
        let rich = RichStatus::decode(status.details()).expect("a status");
        assert_eq!(rich.message, status.message());
        assert_eq!(rich.details.len(), 1);
    }
}
