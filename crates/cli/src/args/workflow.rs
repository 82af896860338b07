//! `workflow ...`: the verbs and their flags.

use clap::{Args, Subcommand, ValueEnum};
use proto::temporal::api::common::v1::WorkflowExecution;

use super::connection::ConnectionArgs;
use super::pairs::{self, Json};
use super::payload::PayloadArgs;
use super::start::StartArgs;

/// The group `workflow`.
#[derive(Debug, Args)]
pub struct WorkflowArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: WorkflowVerb,
    /// Where
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// The verbs of `workflow`.
#[derive(Debug, Subcommand)]
pub enum WorkflowVerb {
    /// Start a workflow and return at once
    Start(Box<StartArgs>),
    /// Start a workflow, show its progress and wait for its result
    Execute(Box<ExecuteArgs>),
    /// List workflows
    List(ListArgs),
    /// Count workflows
    Count(CountArgs),
    /// Show the state of a workflow
    Describe(DescribeArgs),
    /// Show the event history of a workflow
    Show(ShowArgs),
    /// Wait for a workflow to end and print its result
    Result(ExecutionArgs),
    /// Send a signal
    Signal(SignalArgs),
    /// Ask a workflow for a part of its state
    Query(QueryArgs),
    /// Request cancellation; the workflow may clean up first
    Cancel(TargetArgs),
    /// Stop at once, without a say of the workflow's
    Terminate(TargetArgs),
    /// Delete a workflow and its history
    Delete(TargetArgs),
    /// Show where the workflow's code stands
    Stack(StackArgs),
}

/// One execution.
#[derive(Debug, Clone, Args)]
pub struct ExecutionArgs {
    /// Id of the workflow
    #[arg(long, short, value_name = "ID")]
    pub workflow_id: String,
    /// Run of that workflow [default: the current one]
    #[arg(long, short, default_value = "", hide_default_value = true, value_name = "ID")]
    pub run_id: String,
}

impl ExecutionArgs {
    /// As the API names it.
    pub(crate) fn execution(&self) -> WorkflowExecution {
        WorkflowExecution { workflow_id: self.workflow_id.clone(), run_id: self.run_id.clone() }
    }
}

/// Arguments of `execute`.
#[derive(Debug, Clone, Args)]
pub struct ExecuteArgs {
    /// What to start
    #[command(flatten)]
    pub start: StartArgs,
    /// Show every field of every event; in JSON, add the history
    #[arg(long)]
    pub detailed: bool,
}

/// Arguments of `list`.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    /// Only what this filter selects, for example "ExecutionStatus='Running'"
    #[arg(long, short, default_value = "", hide_default_value = true, value_name = "FILTER")]
    pub query: String,
    /// At most this many [default: all]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// How many to fetch at a time [default: the server's choice]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub page_size: Option<u32>,
    /// Not built: refused with a sentence
    #[arg(long, hide = true)]
    pub archived: bool,
}

/// Arguments of `count`.
#[derive(Debug, Clone, Args)]
pub struct CountArgs {
    /// Only what this filter selects; it may end in GROUP BY ExecutionStatus
    #[arg(long, short, default_value = "", hide_default_value = true, value_name = "FILTER")]
    pub query: String,
}

/// Arguments of `describe`.
#[derive(Debug, Clone, Args)]
pub struct DescribeArgs {
    /// Which execution
    #[command(flatten)]
    pub execution: ExecutionArgs,
    /// Only the points to which it can be reset
    #[arg(long)]
    pub reset_points: bool,
    /// Print the API's answer as it came
    #[arg(long)]
    pub raw: bool,
}

/// Arguments of `show`.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    /// Which execution
    #[command(flatten)]
    pub execution: ExecutionArgs,
    /// Go on printing events as they happen, until it ends
    #[arg(long, short)]
    pub follow: bool,
    /// Show every field of every event
    #[arg(long)]
    pub detailed: bool,
    /// Newest event first
    #[arg(long, conflicts_with = "follow")]
    pub reverse: bool,
}

/// One execution, or all that a filter selects (a batch job).
#[derive(Debug, Clone, Args)]
pub struct TargetArgs {
    /// Id of the workflow
    #[arg(long, short, required_unless_present = "query", conflicts_with = "query", value_name = "ID")]
    pub workflow_id: Option<String>,
    /// Run of that workflow [default: the current one]
    #[arg(long, short, conflicts_with = "query", value_name = "ID")]
    pub run_id: Option<String>,
    /// Instead of an id: everything that this filter selects, as a batch job
    #[arg(long, short, value_name = "FILTER")]
    pub query: Option<String>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// At most this many a second, for a batch job
    #[arg(long, conflicts_with = "workflow_id", value_name = "NUMBER")]
    pub rps: Option<f32>,
}

/// Arguments of `signal`.
#[derive(Debug, Clone, Args)]
pub struct SignalArgs {
    /// Whom to signal
    #[command(flatten)]
    pub target: TargetArgs,
    /// Name of the signal
    #[arg(long, visible_alias = "type", value_name = "NAME")]
    pub name: String,
    /// What it carries
    #[command(flatten)]
    pub payload: PayloadArgs,
    /// A header for interceptors in the worker; the value is JSON (repeatable)
    #[arg(long, value_parser = pairs::json, value_name = "KEY=JSON")]
    pub headers: Vec<Json>,
}

/// Arguments of `query`.
#[derive(Debug, Clone, Args)]
pub struct QueryArgs {
    /// Whom to ask
    #[command(flatten)]
    pub execution: ExecutionArgs,
    /// Name of the query
    #[arg(long, visible_alias = "type", value_name = "NAME")]
    pub name: String,
    /// Its arguments
    #[command(flatten)]
    pub payload: PayloadArgs,
    /// A header for interceptors in the worker; the value is JSON (repeatable)
    #[arg(long, value_parser = pairs::json, value_name = "KEY=JSON")]
    pub headers: Vec<Json>,
    /// Refuse to answer for executions in this state
    #[arg(long, value_enum, value_name = "CONDITION")]
    pub reject_condition: Option<RejectCondition>,
}

/// Arguments of `stack`.
#[derive(Debug, Clone, Args)]
pub struct StackArgs {
    /// Whose stack
    #[command(flatten)]
    pub execution: ExecutionArgs,
    /// Refuse to answer for executions in this state
    #[arg(long, value_enum, value_name = "CONDITION")]
    pub reject_condition: Option<RejectCondition>,
}

/// When a query is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum RejectCondition {
    /// When it is closed
    NotOpen,
    /// When it is closed, and not by completing
    NotCompletedCleanly,
}
