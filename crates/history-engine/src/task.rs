//! Tasks: durable intentions that follow from the state. Not rows: after a crash [`crate::Chain::tasks`] lists them anew.

use model::RunId;

/// Something that a run owes the world. Small on purpose: who executes it reads the details from the state, and finds out
/// there whether it is still owed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Task {
    /// Offer a workflow task to matching.
    WorkflowTask {
        /// Whose.
        run: RunId,
        /// Its scheduled event.
        scheduled_event_id: i64,
        /// Its attempt.
        attempt: i32,
    },
    /// Offer an activity attempt to matching (only once its time has come).
    ActivityTask {
        /// Whose.
        run: RunId,
        /// Its scheduled event.
        scheduled_event_id: i64,
        /// Its attempt.
        attempt: i32,
        /// Changes when options of the attempt change.
        stamp: i32,
    },
    /// Start a child workflow.
    StartChild {
        /// The parent's run.
        run: RunId,
        /// The child's initiated event.
        initiated_event_id: i64,
    },
    /// Have a started child schedule its first workflow task.
    ScheduleChildFirstTask {
        /// The parent's run.
        run: RunId,
        /// The child's initiated event.
        initiated_event_id: i64,
    },
    /// Signal another workflow.
    SignalExternal {
        /// The sender's run.
        run: RunId,
        /// The initiated event.
        initiated_event_id: i64,
    },
    /// Request cancellation of another workflow.
    CancelExternal {
        /// The sender's run.
        run: RunId,
        /// The initiated event.
        initiated_event_id: i64,
    },
    /// Tell the parent how this run ended.
    ReportToParent {
        /// The closed run.
        run: RunId,
    },
    /// Apply the parent close policy to a child.
    CloseChild {
        /// The closed parent's run.
        run: RunId,
        /// The child's initiated event.
        initiated_event_id: i64,
    },
    /// Delete a closed run (asked for by a user).
    DeleteRun {
        /// The run.
        run: RunId,
    },
    /// Buffered events wait, but no workflow task is started any more (after a recovery): [`crate::Input::FlushBuffer`].
    FlushBuffer {
        /// The run.
        run: RunId,
    },
}

impl Task {
    /// The run that owes it.
    pub fn run(&self) -> RunId {
        match self {
            Self::WorkflowTask { run, .. }
            | Self::ActivityTask { run, .. }
            | Self::StartChild { run, .. }
            | Self::ScheduleChildFirstTask { run, .. }
            | Self::SignalExternal { run, .. }
            | Self::CancelExternal { run, .. }
            | Self::ReportToParent { run }
            | Self::CloseChild { run, .. }
            | Self::DeleteRun { run }
            | Self::FlushBuffer { run } => *run,
        }
    }
}
