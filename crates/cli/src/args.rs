//! What the user may type, parsed at the door: flags become types here, and nothing behind this module reads a raw
//! string that has rules. Flag names and short forms are those of Temporal's command line; the words are our own.

pub mod activity;
pub mod connection;
pub mod duration;
pub mod operator;
pub mod pairs;
pub mod payload;
pub mod start;
pub mod unbuilt;
pub mod workflow;

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use activity::ActivityArgs;
use operator::OperatorArgs;
use workflow::WorkflowArgs;

/// The client's verb groups; flatten it into a bigger command.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Start workflows, look at them and steer them
    Workflow(Box<WorkflowArgs>),
    /// Complete or fail an activity from outside its worker
    Activity(Box<ActivityArgs>),
    /// Look after the cluster: namespaces, search attributes, health
    Operator(Box<OperatorArgs>),
    /// Print a completion script for your shell
    #[command(after_help = "For example, in ~/.bashrc: source <(aevum completion bash)")]
    Completion(CompletionArgs),
}

/// Arguments of `completion`.
#[derive(Debug, Args)]
pub struct CompletionArgs {
    /// The shell to complete for
    pub shell: clap_complete::Shell,
}

/// Flags that every client command takes, before or after its verb.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// How to print: table, json, jsonl or none
    #[arg(
        long,
        short,
        global = true,
        value_enum,
        default_value_t,
        ignore_case = true,
        hide_possible_values = true,
        value_name = "FORM"
    )]
    pub output: Output,
    /// When to use colour: always, never, or auto (on a terminal, unless NO_COLOR is set)
    #[arg(long, global = true, value_enum, default_value_t, hide_possible_values = true, value_name = "WHEN")]
    pub color: ColorChoice,
    /// How to print times in tables: relative, iso or raw
    #[arg(long, global = true, value_enum, default_value_t, hide_possible_values = true, value_name = "FORM")]
    pub time_format: TimeFormat,
    /// In JSON, print payloads as the API has them (base64) instead of their content
    #[arg(long, global = true)]
    pub no_json_shorthand_payloads: bool,
    /// Give up when the whole command takes longer [default: wait]
    #[arg(long, global = true, value_parser = duration::parse, value_name = "DURATION")]
    pub command_timeout: Option<Duration>,
    /// Give up connecting after this long
    #[arg(long, global = true, value_parser = duration::parse, default_value = "5s", value_name = "DURATION")]
    pub client_connect_timeout: Duration,
    /// The address when it is written before the verb group; the environment variable counts here
    #[arg(id = "early-address", long = "address", env = "TEMPORAL_ADDRESS", hide = true)]
    pub early_address: Option<String>,
    /// The namespace when it is written before the verb group; the environment variable counts here
    #[arg(id = "early-namespace", long = "namespace", short = 'n', env = "TEMPORAL_NAMESPACE", hide = true)]
    pub early_namespace: Option<String>,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Output {
    /// Tables and cards for people
    #[default]
    #[value(alias = "text")]
    Table,
    /// Indented JSON; lists are one array
    Json,
    /// One JSON value on a line
    Jsonl,
    /// Nothing but errors
    None,
}

/// When output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal
    #[default]
    Auto,
    /// Also in pipes and files
    Always,
    /// Not at all
    Never,
}

/// How times are written in tables; JSON is always RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TimeFormat {
    /// `5 minutes ago`
    #[default]
    Relative,
    /// RFC 3339, whole seconds
    Iso,
    /// RFC 3339 with all digits
    Raw,
}

#[cfg(test)]
mod tests;
