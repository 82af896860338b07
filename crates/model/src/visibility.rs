//! The searchable row of a run: what lists and counts read.

use std::collections::BTreeMap;

use crate::ids::{ChainKey, ChainKind, NamespaceId, RunId, RunKey, WorkflowId};
use crate::timestamp::Timestamp;

/// The type of a search attribute. Numbers are Temporal's `IndexedValueType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(i32)]
pub enum SearchAttributeType {
    /// Full text, matched by words.
    Text = 1,
    /// An exact string.
    Keyword = 2,
    /// A 64-bit integer.
    Int = 3,
    /// A 64-bit float.
    Double = 4,
    /// True or false.
    Bool = 5,
    /// A moment.
    Datetime = 6,
    /// Several exact strings.
    KeywordList = 7,
}

impl SearchAttributeType {
    /// Every type, in the order of the numbers.
    pub const ALL: [Self; 7] =
        [Self::Text, Self::Keyword, Self::Int, Self::Double, Self::Bool, Self::Datetime, Self::KeywordList];

    /// The name that users write and payloads carry as metadata.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Keyword => "Keyword",
            Self::Int => "Int",
            Self::Double => "Double",
            Self::Bool => "Bool",
            Self::Datetime => "Datetime",
            Self::KeywordList => "KeywordList",
        }
    }

    /// Reads the wire's number.
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|ty| *ty as i32 == number)
    }

    /// Reads the name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ty| ty.name().eq_ignore_ascii_case(name))
    }
}

impl SearchAttributeValue {
    /// The type that this value is of.
    pub const fn ty(&self) -> SearchAttributeType {
        match self {
            Self::Text(_) => SearchAttributeType::Text,
            Self::Keyword(_) => SearchAttributeType::Keyword,
            Self::Int(_) => SearchAttributeType::Int,
            Self::Double(_) => SearchAttributeType::Double,
            Self::Bool(_) => SearchAttributeType::Bool,
            Self::Datetime(_) => SearchAttributeType::Datetime,
            Self::KeywordList(_) => SearchAttributeType::KeywordList,
        }
    }
}

/// The value of a search attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum SearchAttributeValue {
    /// Full text.
    Text(String),
    /// An exact string.
    Keyword(String),
    /// An integer.
    Int(i64),
    /// A float.
    Double(f64),
    /// A truth value.
    Bool(bool),
    /// A moment.
    Datetime(Timestamp),
    /// Several exact strings.
    KeywordList(Vec<String>),
}

/// The state of a run as lists show it. Numbers are Temporal's `WorkflowExecutionStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(i32)]
pub enum ExecutionStatus {
    /// Open.
    Running = 1,
    /// Ended with a result.
    Completed = 2,
    /// Ended with a failure.
    Failed = 3,
    /// Ended after a cancel request.
    Canceled = 4,
    /// Ended by force.
    Terminated = 5,
    /// Ended by starting its successor.
    ContinuedAsNew = 6,
    /// Ended by its deadline.
    TimedOut = 7,
    /// Open, but paused.
    Paused = 8,
}

impl ExecutionStatus {
    /// Every status, in the order of the numbers.
    pub const ALL: [Self; 8] = [
        Self::Running,
        Self::Completed,
        Self::Failed,
        Self::Canceled,
        Self::Terminated,
        Self::ContinuedAsNew,
        Self::TimedOut,
        Self::Paused,
    ];

    /// Reads the stored number.
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|status| *status as i32 == number)
    }

    /// The name that filters use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
            Self::Terminated => "Terminated",
            Self::ContinuedAsNew => "ContinuedAsNew",
            Self::TimedOut => "TimedOut",
            Self::Paused => "Paused",
        }
    }
}

/// The searchable row of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct VisibilityRow {
    /// Whose.
    pub namespace: NamespaceId,
    /// Workflow, schedule, ...
    pub kind: ChainKind,
    /// The business id.
    pub workflow_id: WorkflowId,
    /// The run.
    pub run_id: RunId,
    /// Rises with every change: an older row never replaces a newer one.
    pub version: i64,
    /// The workflow's type.
    pub workflow_type: String,
    /// The task queue it started on.
    pub task_queue: String,
    /// Open, or how it ended.
    pub status: ExecutionStatus,
    /// When it was started.
    pub start_time: Timestamp,
    /// When its first task was due.
    pub execution_time: Timestamp,
    /// When it ended.
    pub close_time: Option<Timestamp>,
    /// Events of the history; known once closed.
    pub history_length: Option<i64>,
    /// Bytes of the history; known once closed.
    pub history_size_bytes: Option<i64>,
    /// Turns; known once closed.
    pub state_transition_count: Option<i64>,
    /// The parent, where there is one.
    pub parent: Option<(WorkflowId, RunId)>,
    /// The root of the tree of parents.
    pub root: (WorkflowId, RunId),
    /// The encoded `Memo` message; empty without one.
    pub memo: Vec<u8>,
    /// Custom and predefined search attributes, by the name users know.
    pub search_attributes: BTreeMap<String, SearchAttributeValue>,
}

impl VisibilityRow {
    /// Which run it is about.
    pub fn key(&self) -> RunKey {
        let chain = ChainKey { namespace: self.namespace, kind: self.kind, id: self.workflow_id.clone() };
        RunKey { chain, run: self.run_id }
    }
}
