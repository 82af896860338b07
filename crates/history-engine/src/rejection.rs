//! Why an input is answered with an error. Texts are Temporal's, since SDKs and their users match on some of them.

use proto::temporal::api::enums::v1::{ResourceExhaustedCause, WorkflowExecutionStatus};

/// An error answer. As the `Err` of [`crate::decide`] it leaves no trace; as the answer of a [`crate::Decision`] the records are
/// committed first (a refusal).
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Rejection {
    /// The request is wrong; sending it again does not help.
    #[error("{0}")]
    InvalidArgument(String),
    /// What it names does not exist (any more).
    #[error("{0}")]
    NotFound(String),
    /// The request is right, but not in this state.
    #[error("{0}")]
    FailedPrecondition(String),
    /// Too much of something.
    #[error("{message}")]
    ResourceExhausted {
        /// Of what.
        cause: ResourceExhaustedCause,
        /// What to do about it.
        message: String,
    },
    /// Try again later.
    #[error("{0}")]
    Unavailable(String),
    /// The workflow cannot answer a query or update now.
    #[error("{0}")]
    WorkflowNotReady(String),
    /// The id is taken.
    #[error("{message}")]
    AlreadyStarted {
        /// Temporal's text.
        message: String,
        /// Request id of the run that has the id.
        start_request_id: String,
        /// That run.
        run_id: String,
        /// The first run of its chain.
        first_execution_run_id: String,
        /// How it stands.
        status: WorkflowExecutionStatus,
    },
    /// The task was handed to another poll already.
    #[error("{0} task already started")]
    TaskAlreadyStarted(&'static str),
    /// The task that matching holds is not owed any more; drop it.
    #[error("the {0} task is obsolete")]
    ObsoleteTask(&'static str),
    /// The run to decide on is not loaded: load it and decide again.
    #[error("run {0} is not in memory")]
    RunNotLoaded(model::RunId),
}

impl Rejection {
    /// The run is closed.
    pub fn closed() -> Self {
        Self::NotFound("workflow execution already completed".to_owned())
    }

    /// No run of the chain exists.
    pub fn no_workflow(workflow_id: &str) -> Self {
        Self::NotFound(format!("workflow not found for ID: {workflow_id}"))
    }

    /// The token names no pending workflow task.
    pub fn no_workflow_task() -> Self {
        Self::NotFound("Workflow task not found.".to_owned())
    }

    /// The token names no pending activity attempt.
    pub fn no_activity() -> Self {
        Self::NotFound("invalid activityID or activity already timed out or invoking workflow is completed".to_owned())
    }
}
