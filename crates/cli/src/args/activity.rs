//! `activity ...`: the verbs and their flags.

use clap::{Args, Subcommand};

use super::connection::ConnectionArgs;

/// The group `activity`.
#[derive(Debug, Args)]
pub struct ActivityArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: ActivityVerb,
    /// Where
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// The verbs of `activity`.
#[derive(Debug, Subcommand)]
pub enum ActivityVerb {
    /// Complete an activity with a result
    Complete(CompleteArgs),
    /// Fail an activity; it will not be retried
    Fail(FailArgs),
}

/// One activity of one workflow.
#[derive(Debug, Clone, Args)]
pub struct ActivityReference {
    /// Id of the activity
    #[arg(long, short, value_name = "ID")]
    pub activity_id: String,
    /// Id of its workflow
    #[arg(long, short, default_value = "", hide_default_value = true, value_name = "ID")]
    pub workflow_id: String,
    /// Run of that workflow [default: the current one]
    #[arg(long, short, default_value = "", hide_default_value = true, value_name = "ID")]
    pub run_id: String,
}

/// Arguments of `complete`.
#[derive(Debug, Clone, Args)]
pub struct CompleteArgs {
    /// Which activity
    #[command(flatten)]
    pub activity: ActivityReference,
    /// Its result in JSON
    #[arg(long, value_name = "JSON", allow_hyphen_values = true)]
    pub result: String,
}

/// Arguments of `fail`.
#[derive(Debug, Clone, Args)]
pub struct FailArgs {
    /// Which activity
    #[command(flatten)]
    pub activity: ActivityReference,
    /// The failure's message
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    pub reason: String,
    /// The failure's details in JSON
    #[arg(long, value_name = "JSON", allow_hyphen_values = true)]
    pub detail: Option<String>,
}
