//! The flags that start a workflow.

use std::time::Duration;

use clap::{Args, ValueEnum};
use proto::temporal::api::enums::v1::{WorkflowIdConflictPolicy, WorkflowIdReusePolicy};

use super::duration;
use super::pairs::{self, Json};
use super::payload::PayloadArgs;

/// Arguments of `workflow start`, shared with `workflow execute`.
#[derive(Debug, Clone, Default, Args)]
pub struct StartArgs {
    /// Id of the workflow [default: a random one]
    #[arg(long, short, value_name = "ID")]
    pub workflow_id: Option<String>,
    /// Name of the workflow type
    #[arg(long = "type", visible_alias = "name", value_name = "NAME")]
    pub workflow_type: String,
    /// Task queue that its workers poll
    #[arg(long, short, value_name = "NAME")]
    pub task_queue: String,
    /// Arguments of the workflow
    #[command(flatten)]
    pub payload: PayloadArgs,
    /// Time for one run
    #[arg(long, value_parser = duration::parse, value_name = "DURATION")]
    pub run_timeout: Option<Duration>,
    /// Time for all runs of this id: retries, cron and continued runs included
    #[arg(long, value_parser = duration::parse, value_name = "DURATION")]
    pub execution_timeout: Option<Duration>,
    /// Time for one workflow task
    #[arg(long, value_parser = duration::parse, default_value = "10s", value_name = "DURATION")]
    pub task_timeout: Duration,
    /// A search attribute; the value is JSON or a bare word (repeatable)
    #[arg(long, value_parser = pairs::search_attribute, value_name = "KEY=VALUE")]
    pub search_attribute: Vec<Json>,
    /// A memo field; the value is JSON (repeatable)
    #[arg(long, value_parser = pairs::json, value_name = "KEY=JSON")]
    pub memo: Vec<Json>,
    /// A header for interceptors in the worker; the value is JSON (repeatable)
    #[arg(long, value_parser = pairs::json, value_name = "KEY=JSON")]
    pub headers: Vec<Json>,
    /// One line about this execution, for people
    #[arg(long, value_name = "TEXT")]
    pub static_summary: Option<String>,
    /// More about this execution, for people
    #[arg(long, value_name = "TEXT")]
    pub static_details: Option<String>,
    /// Priority, 1 (first) to 5
    #[arg(long, value_name = "NUMBER")]
    pub priority_key: Option<i32>,
    /// Key under which tasks get their fair share of the queue
    #[arg(long, value_name = "TEXT")]
    pub fairness_key: Option<String>,
    /// Weight of that share
    #[arg(long, value_name = "NUMBER")]
    pub fairness_weight: Option<f32>,
    /// Run again and again by this cron schedule
    #[arg(long, value_name = "CRON")]
    pub cron: Option<String>,
    /// Fail when the workflow is already running, instead of showing that run
    #[arg(long)]
    pub fail_existing: bool,
    /// Wait this long before the first workflow task
    #[arg(long, value_parser = duration::parse, conflicts_with = "cron", value_name = "DURATION")]
    pub start_delay: Option<Duration>,
    /// When the id was used by a closed execution
    #[arg(long, value_enum, ignore_case = true, value_name = "POLICY")]
    pub id_reuse_policy: Option<ReusePolicy>,
    /// When the id is used by a running execution
    #[arg(long, value_enum, ignore_case = true, value_name = "POLICY")]
    pub id_conflict_policy: Option<ConflictPolicy>,
}

/// Whether a closed execution's id may be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "PascalCase")]
pub enum ReusePolicy {
    /// Yes
    AllowDuplicate,
    /// Only if it did not succeed
    AllowDuplicateFailedOnly,
    /// No
    RejectDuplicate,
    /// Yes, and a running one is terminated
    TerminateIfRunning,
}

/// What happens to a running execution of the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "PascalCase")]
pub enum ConflictPolicy {
    /// Starting fails
    Fail,
    /// It is used instead
    UseExisting,
    /// It is terminated
    TerminateExisting,
}

impl From<ReusePolicy> for WorkflowIdReusePolicy {
    #[expect(deprecated, reason = "people still say TerminateIfRunning")]
    fn from(policy: ReusePolicy) -> Self {
        match policy {
            ReusePolicy::AllowDuplicate => Self::AllowDuplicate,
            ReusePolicy::AllowDuplicateFailedOnly => Self::AllowDuplicateFailedOnly,
            ReusePolicy::RejectDuplicate => Self::RejectDuplicate,
            ReusePolicy::TerminateIfRunning => Self::TerminateIfRunning,
        }
    }
}

impl From<ConflictPolicy> for WorkflowIdConflictPolicy {
    fn from(policy: ConflictPolicy) -> Self {
        match policy {
            ConflictPolicy::Fail => Self::Fail,
            ConflictPolicy::UseExisting => Self::UseExisting,
            ConflictPolicy::TerminateExisting => Self::TerminateExisting,
        }
    }
}
