//! One file per worker command; each checks its attributes and writes what follows.

mod record_marker;

use model::RunId;
use proto::temporal::api::command::v1::{Command, command::Attributes as A};
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause;
use proto::temporal::api::workflowservice::v1::RespondWorkflowTaskCompletedRequest;

use crate::turn::Turn;

/// The commands of one workflow task, while they are carried out.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    /// The run.
    pub(crate) run: RunId,
    /// The Completed event.
    pub(crate) completed_event_id: i64,
    /// The whole completion.
    pub(crate) request: &'a RespondWorkflowTaskCompletedRequest,
    /// Set where the worker must hear of a command's outcome at once (an activity cancelled before its start).
    pub(crate) force_new_task: bool,
    /// Activities that the same worker may run at once: their scheduled events.
    pub(crate) eager_activities: Vec<i64>,
    /// A close command was carried out; later ones do not count.
    pub(crate) closed: bool,
}

/// A command that cannot be carried out: it fails the whole workflow task, or ends the workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandFailure {
    /// Why.
    pub(crate) cause: WorkflowTaskFailedCause,
    /// In words.
    pub(crate) message: String,
    /// The workflow cannot go on (an oversized payload): it is terminated.
    pub(crate) terminate: bool,
}

impl CommandFailure {
    /// The task fails and is tried again.
    pub(crate) fn new(cause: WorkflowTaskFailedCause, message: impl Into<String>) -> Self {
        Self { cause, message: message.into(), terminate: false }
    }

    /// The workflow is terminated.
    pub(crate) fn terminating(cause: WorkflowTaskFailedCause, message: impl Into<String>) -> Self {
        Self { cause, message: message.into(), terminate: true }
    }
}

/// Carries out one command.
pub(crate) fn run(turn: &mut Turn<'_>, batch: &mut Batch<'_>, command: &Command) -> Result<(), CommandFailure> {
    let Some(attributes) = &command.attributes else { return Ok(()) };
    match attributes {
        A::RecordMarkerCommandAttributes(of) => record_marker::run(turn, batch, command, of),
        _ => Ok(()),
    }
}
