//! The table of tctl's commands: every one of them, its flags, and whether it works or why it is refused. The parser is
//! built from this table and verbs are found in it, so the table cannot say more than the program does.

mod admin;
mod user;

use super::flag::Flag;

/// A command of tctl.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its words, for example `workflow show`.
    pub(crate) path: &'static str,
    /// Other names of its last word.
    pub(crate) aliases: &'static [&'static str],
    /// What it does.
    pub(crate) about: &'static str,
    /// What its flags are.
    pub(crate) flags: &'static [&'static [Flag]],
    /// What its arguments are, if it takes any.
    pub(crate) arguments: Option<&'static str>,
    /// Whether it works.
    pub(crate) state: State,
}

/// Whether a command works.
#[derive(Debug, Clone, Copy)]
pub(crate) enum State {
    /// It does this.
    Works(Verb),
    /// It parses its flags and then says this.
    Refused(&'static str),
}

/// What a command that works does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    NamespaceRegister,
    NamespaceUpdate,
    NamespaceDescribe,
    NamespaceList,
    WorkflowShow,
    WorkflowStart,
    WorkflowRun,
    WorkflowObserve,
    WorkflowCancel,
    WorkflowSignal,
    WorkflowTerminate,
    WorkflowList,
    WorkflowListAll,
    WorkflowListArchived,
    WorkflowScan,
    WorkflowCount,
    WorkflowQuery,
    WorkflowStack,
    WorkflowDescribe,
    ActivityComplete,
    ActivityFail,
    TaskQueueDescribe,
    TaskQueuePartitions,
    ClusterHealth,
    ClusterSearchAttributes,
    ConfigGet,
    ConfigSet,
    AdminWorkflowDelete,
    AdminTaskQueueDescribe,
    AdminAddSearchAttributes,
    AdminRemoveSearchAttributes,
    AdminGetSearchAttributes,
    AdminClusterDescribe,
    DecodeProto,
    DecodeBase64,
}

impl Verb {
    /// Whether it needs no cluster.
    pub(crate) fn is_local(self) -> bool {
        matches!(self, Self::ConfigGet | Self::ConfigSet | Self::DecodeProto | Self::DecodeBase64)
    }
}

/// A word that only leads to commands.
#[derive(Debug)]
pub(crate) struct Group {
    /// Its words.
    pub(crate) path: &'static str,
    /// Other names of its last word.
    pub(crate) aliases: &'static [&'static str],
    /// What lies below it.
    pub(crate) about: &'static str,
}

const fn group(path: &'static str, aliases: &'static [&'static str], about: &'static str) -> Group {
    Group { path, aliases, about }
}

/// The groups, each before those inside it.
pub(crate) const GROUPS: &[Group] = &[
    group("namespace", &["n"], "Look after namespaces"),
    group("workflow", &["wf"], "Start workflows, look at them and steer them"),
    group("activity", &["act"], "Complete or fail an activity from outside its worker"),
    group("taskqueue", &["tq"], "Look at task queues"),
    group("schedule", &[], "Schedules (not built yet)"),
    group("batch", &[], "Batch jobs of old (not built)"),
    group("batch-v2", &[], "Batch jobs (not built yet)"),
    group("cluster", &["cl"], "Look at the cluster"),
    group("dataconverter", &["dc"], "Data converters (not built)"),
    group("config", &["c"], "This program's own settings"),
    group("admin", &["adm"], "For operators"),
    group("admin workflow", &["wf"], "Workflows from the inside"),
    group("admin shard", &["shar"], "Shards"),
    group("admin history_host", &["hist"], "History hosts"),
    group("admin taskqueue", &["tq"], "Task queues from the inside"),
    group("admin membership", &[], "Members of the cluster"),
    group("admin cluster", &["cl"], "The cluster and its search attributes"),
    group("admin dlq", &[], "Dead letters"),
    group("admin db", &[], "The database beneath"),
    group("admin decode", &[], "Decode bytes"),
];

/// Every command.
pub(crate) fn rows() -> impl Iterator<Item = &'static Row> {
    user::ROWS.iter().chain(admin::ROWS)
}

/// The words before the last one, and the last.
pub(crate) fn split(path: &'static str) -> (&'static str, &'static str) {
    path.rsplit_once(' ').unwrap_or(("", path))
}

const fn row(path: &'static str, about: &'static str, flags: &'static [&'static [Flag]], state: State) -> Row {
    Row { path, aliases: &[], about, flags, arguments: None, state }
}

impl Row {
    const fn alias(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    const fn takes(self, arguments: &'static str) -> Self {
        Self { arguments: Some(arguments), ..self }
    }
}
