//! The search attributes that exist without being registered: the columns of every row, and the predefined ones.

use model::visibility::SearchAttributeType::{self, Bool, Datetime, Int, Keyword, KeywordList};

/// Names that begin like this belong to the system.
pub const RESERVED_PREFIX: &str = "Temporal";

/// Names that can be neither registered nor queried.
pub const RESERVED: [&str; 4] = ["NamespaceId", "Memo", "MemoEncoding", "VisibilityTaskKey"];

/// The attribute that hides system executions from ordinary lists; see [`crate::query::parse_list`].
pub const NAMESPACE_DIVISION: &str = "TemporalNamespaceDivision";

/// An attribute that every row has as a column of its own; users cannot set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SystemAttribute {
    /// The business id.
    WorkflowId,
    /// The run.
    RunId,
    /// The workflow's type.
    WorkflowType,
    /// When it was started.
    StartTime,
    /// When its first task was due.
    ExecutionTime,
    /// When it ended.
    CloseTime,
    /// Open, or how it ended.
    ExecutionStatus,
    /// The task queue it started on.
    TaskQueue,
    /// Events of a closed run's history.
    HistoryLength,
    /// Nanoseconds from execution time to close time.
    ExecutionDuration,
    /// Turns of a closed run.
    StateTransitionCount,
    /// Bytes of a closed run's history.
    HistorySizeBytes,
    /// The parent's business id.
    ParentWorkflowId,
    /// The parent's run.
    ParentRunId,
    /// The business id of the root of the tree of parents.
    RootWorkflowId,
    /// The run of the root of the tree of parents.
    RootRunId,
}

impl SystemAttribute {
    /// Every one of them.
    pub const ALL: [Self; 16] = [
        Self::WorkflowId,
        Self::RunId,
        Self::WorkflowType,
        Self::StartTime,
        Self::ExecutionTime,
        Self::CloseTime,
        Self::ExecutionStatus,
        Self::TaskQueue,
        Self::HistoryLength,
        Self::ExecutionDuration,
        Self::StateTransitionCount,
        Self::HistorySizeBytes,
        Self::ParentWorkflowId,
        Self::ParentRunId,
        Self::RootWorkflowId,
        Self::RootRunId,
    ];

    /// The name that filters use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WorkflowId => "WorkflowId",
            Self::RunId => "RunId",
            Self::WorkflowType => "WorkflowType",
            Self::StartTime => "StartTime",
            Self::ExecutionTime => "ExecutionTime",
            Self::CloseTime => "CloseTime",
            Self::ExecutionStatus => "ExecutionStatus",
            Self::TaskQueue => "TaskQueue",
            Self::HistoryLength => "HistoryLength",
            Self::ExecutionDuration => "ExecutionDuration",
            Self::StateTransitionCount => "StateTransitionCount",
            Self::HistorySizeBytes => "HistorySizeBytes",
            Self::ParentWorkflowId => "ParentWorkflowId",
            Self::ParentRunId => "ParentRunId",
            Self::RootWorkflowId => "RootWorkflowId",
            Self::RootRunId => "RootRunId",
        }
    }

    /// Its type as users see it.
    pub const fn ty(self) -> SearchAttributeType {
        match self {
            Self::StartTime | Self::ExecutionTime | Self::CloseTime => Datetime,
            Self::HistoryLength | Self::ExecutionDuration | Self::StateTransitionCount | Self::HistorySizeBytes => Int,
            Self::WorkflowId
            | Self::RunId
            | Self::WorkflowType
            | Self::ExecutionStatus
            | Self::TaskQueue
            | Self::ParentWorkflowId
            | Self::ParentRunId
            | Self::RootWorkflowId
            | Self::RootRunId => Keyword,
        }
    }

    /// The attribute of this exact name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| attribute.name() == name)
    }
}

/// An attribute that the system or an SDK sets, stored among the custom ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Predefined {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: SearchAttributeType,
    /// Whether a caller's write may name it.
    pub user_may_set: bool,
}

const fn settable(name: &'static str, ty: SearchAttributeType) -> Predefined {
    Predefined { name, ty, user_may_set: true }
}

const fn internal(name: &'static str, ty: SearchAttributeType) -> Predefined {
    Predefined { name, ty, user_may_set: false }
}

/// All predefined attributes.
pub const PREDEFINED: [Predefined; 17] = [
    settable("TemporalChangeVersion", KeywordList),
    settable("BinaryChecksums", KeywordList),
    settable("BuildIds", KeywordList),
    settable("BatcherNamespace", Keyword),
    settable("BatcherUser", Keyword),
    settable("TemporalScheduledStartTime", Datetime),
    settable("TemporalScheduledById", Keyword),
    settable("TemporalSchedulePaused", Bool),
    settable(NAMESPACE_DIVISION, Keyword),
    settable("TemporalPauseInfo", KeywordList),
    settable("TemporalReportedProblems", KeywordList),
    internal("TemporalWorkerDeploymentVersion", Keyword),
    internal("TemporalWorkflowVersioningBehavior", Keyword),
    internal("TemporalWorkerDeployment", Keyword),
    internal("TemporalUsedWorkerDeploymentVersions", KeywordList),
    internal("TemporalExternalPayloadCount", Int),
    internal("TemporalExternalPayloadSizeBytes", Int),
];

/// The predefined attribute of this exact name.
pub fn predefined(name: &str) -> Option<Predefined> {
    PREDEFINED.into_iter().find(|attribute| attribute.name == name)
}
