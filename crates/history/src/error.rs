//! What can go wrong in the service as a whole, and how a rejection of the engine reaches a caller.

use history_engine::Rejection;
use proto::temporal::api::enums::v1::ResourceExhaustedScope;

/// Why the service cannot run (on).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed while the service took its lane or its shards.
    #[error("history cannot take its lane; check the database")]
    Store(#[from] persistence::Error),
    /// Somebody else owns the lane now: nothing of this process may be written any more.
    #[error("the lane of this process was taken by somebody else; restart it")]
    Fenced,
}

/// The error that a caller sees.
pub(crate) fn refusal(rejection: Rejection) -> rpc::Error {
    match rejection {
        Rejection::InvalidArgument(message) => rpc::Error::InvalidArgument(message),
        Rejection::NotFound(message) => rpc::Error::NotFound(message),
        Rejection::FailedPrecondition(message) => rpc::Error::FailedPrecondition(message),
        Rejection::ResourceExhausted { cause, message } => {
            rpc::Error::ResourceExhausted { cause, scope: ResourceExhaustedScope::Namespace, message }
        }
        Rejection::Unavailable(message) => rpc::Error::Unavailable(message),
        Rejection::WorkflowNotReady(message) => rpc::Error::WorkflowNotReady(message),
        Rejection::AlreadyStarted { message, start_request_id, run_id, first_execution_run_id, .. } => {
            rpc::Error::WorkflowAlreadyStarted { message, start_request_id, run_id, first_execution_run_id }
        }
        Rejection::TaskAlreadyStarted(_) => rpc::Error::TaskAlreadyStarted,
        Rejection::ObsoleteTask(_) => rpc::Error::ObsoleteTask,
        Rejection::RunNotLoaded(_) => no_run(),
    }
}

/// A run that does not exist.
pub(crate) fn no_run() -> rpc::Error {
    rpc::Error::NotFound("workflow execution not found".to_owned())
}

/// No run of the chain exists.
pub(crate) fn no_workflow(workflow_id: &str) -> rpc::Error {
    rpc::Error::NotFound(format!("workflow not found for ID: {workflow_id}"))
}

/// The process stops.
pub(crate) fn stopping() -> rpc::Error {
    rpc::Error::Unavailable("history is shutting down; try again".to_owned())
}

/// The process has not taken its shards yet.
pub(crate) fn starting() -> rpc::Error {
    rpc::Error::Unavailable("history is starting; try again".to_owned())
}

/// What was decided could not be stored.
pub(crate) fn not_stored() -> rpc::Error {
    rpc::Error::Unavailable("the change could not be stored; try again".to_owned())
}

/// Memory was dropped because somebody else owns the lane.
pub(crate) fn fenced() -> rpc::Error {
    rpc::Error::Unavailable("this host does not own the workflow any more; try again".to_owned())
}

/// A panic of ours; it cost this call alone.
pub(crate) fn bug() -> rpc::Error {
    rpc::Error::Internal("the server met a bug of its own while it handled this call; its log has the details".to_owned())
}

/// The store cannot be read.
pub(crate) fn unreadable(error: &persistence::Error) -> rpc::Error {
    match error {
        persistence::Error::Corrupt(_) | persistence::Error::NewerFormat { .. } => rpc::Error::DataLoss(error.to_string()),
        _ => rpc::Error::Unavailable(error.to_string()),
    }
}

/// Too much of something in this process.
pub(crate) fn overloaded(message: &str) -> rpc::Error {
    rpc::Error::ResourceExhausted {
        cause: proto::temporal::api::enums::v1::ResourceExhaustedCause::SystemOverloaded,
        scope: ResourceExhaustedScope::System,
        message: message.to_owned(),
    }
}

/// Too many wait for one workflow.
pub(crate) fn busy() -> rpc::Error {
    rpc::Error::ResourceExhausted {
        cause: proto::temporal::api::enums::v1::ResourceExhaustedCause::BusyWorkflow,
        scope: ResourceExhaustedScope::Namespace,
        message: "Workflow is busy.".to_owned(),
    }
}
