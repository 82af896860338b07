//! What `decide` gives back.

use model::RunId;
use proto::temporal::api::enums::v1::WorkflowExecutionStatus;
use proto::temporal::api::history::v1::HistoryEvent;
use proto::temporal::api::workflowservice::v1::PollActivityTaskQueueResponse;

use crate::record::Record;
use crate::rejection::Rejection;

/// One turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What becomes true, in order.
    pub records: Vec<Record>,
    /// What should happen after the commit and may be lost without harm.
    pub effects: Vec<Effect>,
    /// What to answer after the commit; an `Err` here is a refusal: committed, then answered as an error.
    pub answer: Result<Answer, Rejection>,
}

/// Something worth doing after the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Buffered queries of the run may be sent directly now.
    UnblockQueries {
        /// The run.
        run: RunId,
    },
    /// Something that operators count.
    Counted(Counted),
    /// The run has passed the mark from where on its size is worth a warning.
    NearLimit {
        /// The run.
        run: RunId,
        /// Of what.
        limit: NearLimit,
    },
}

/// Limits that a run comes near.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NearLimit {
    /// Bytes of history.
    HistorySize,
    /// Events of history.
    HistoryCount,
}

/// Facts that metrics count, named by what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// A workflow ended.
    WorkflowClosed {
        /// How.
        status: WorkflowExecutionStatus,
        /// From its start to its end, in nanoseconds.
        latency_nanos: i64,
    },
    /// An activity attempt failed or timed out.
    ActivityFailed {
        /// Its type.
        activity_type: String,
    },
}

/// A successful answer, one variant per kind of input.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Nothing to say but that it is done.
    Done,
    /// To a start or signal-with-start.
    Started(Box<StartAnswer>),
    /// To the start of a workflow task.
    WorkflowTask(Box<WorkflowTaskHandout>),
    /// To a completed workflow task.
    WorkflowTaskCompleted(Box<WorkflowTaskCompletedAnswer>),
    /// To the start of an activity task.
    ActivityTask(Box<ActivityHandout>),
    /// To a heartbeat.
    Heartbeat(HeartbeatAnswer),
}

/// How a start ended.
#[derive(Debug, Clone, PartialEq)]
pub struct StartAnswer {
    /// The run that has the id now.
    pub run_id: RunId,
    /// Whether this request started it (also true where an earlier try of the same request did).
    pub started: bool,
    /// How that run stands.
    pub status: WorkflowExecutionStatus,
    /// The first run of its chain.
    pub first_execution_run_id: String,
    /// The first workflow task, where the caller asked for it and may have it.
    pub eager_task: Option<WorkflowTaskHandout>,
}

/// A workflow task as it is handed to a worker; the shell adds history, token and queries.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkflowTaskHandout {
    /// The run.
    pub run_id: RunId,
    /// The workflow's type.
    pub workflow_type: String,
    /// Its scheduled event (also where it is not written yet).
    pub scheduled_event_id: i64,
    /// Its started event (also where it is not written yet).
    pub started_event_id: i64,
    /// Started event of the last completed task; 0 before the first.
    pub previous_started_event_id: i64,
    /// From 1.
    pub attempt: i32,
    /// Names this hand-out.
    pub handout_id: String,
    /// When it was scheduled.
    pub scheduled_time: model::Timestamp,
    /// When it was started.
    pub started_time: model::Timestamp,
    /// True where the worker is expected to hold the history up to `previous_started_event_id`.
    pub sticky: bool,
    /// Events that are not durable yet and end the history that the worker sees (scheduled and started of a transient
    /// task; started of a normal one).
    pub suffix: Vec<HistoryEvent>,
    /// The first event id of `suffix`, so that durable history is read up to here (exclusive).
    pub next_event_id: i64,
    /// Task queue of the workflow (normal name).
    pub task_queue: String,
}

/// What a completed workflow task brings.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WorkflowTaskCompletedAnswer {
    /// The next workflow task, handed out in the answer.
    pub new_task: Option<WorkflowTaskHandout>,
    /// Activities to run at once by the same worker.
    pub activity_tasks: Vec<ActivityHandout>,
    /// 0, or where the worker's view of history must be reset to.
    pub reset_history_event_id: i64,
    /// Whether another workflow task is pending now (else unanswered buffered queries are sent directly).
    pub workflow_task_pending: bool,
}

/// An activity attempt as it is handed to a worker; the shell adds the token.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityHandout {
    /// The run.
    pub run_id: RunId,
    /// Its scheduled event.
    pub scheduled_event_id: i64,
    /// From 1.
    pub attempt: i32,
    /// Changes when options of the attempt change.
    pub stamp: i32,
    /// Everything that the worker gets but the task token.
    pub response: PollActivityTaskQueueResponse,
}

/// What a worker learns from a heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeartbeatAnswer {
    /// The workflow asked for cancellation.
    pub cancel_requested: bool,
    /// The activity is paused.
    pub activity_paused: bool,
    /// The activity was reset.
    pub activity_reset: bool,
}
