//! The commands for everybody.

use super::State::{Refused, Works};
use super::{Row, Verb, row};
use crate::tctl::flag::workflow::{
    ACTIVITY_ID, DETAIL, FAIL_REASON, IDENTITY, QUERY, QUERY_TYPE, RESULT, RUN_ID, TASK_QUEUE, TASK_QUEUE_TYPE, WORKFLOW_ID,
};
use crate::tctl::flag::{admin, namespace, schedule, workflow};

const RESET: &str = "reset is not built yet; terminate the workflow and start it again";
const SCHEDULES: &str = "schedules are not built yet; start the workflow with --cron instead";
const OLD_BATCH: &str =
    "batch jobs that are workflows of a system namespace will not be built; list the workflows and call for each";
const BATCH: &str = "batch operations are not built yet; list the workflows and call for each";
const WEB: &str = "data converter plugins are not built; the web interface asks a codec server for what only you can decode";

/// In the order in which tctl lists them.
pub(super) const ROWS: &[Row] = &[
    row("namespace register", "Register a namespace", &[namespace::REGISTER], Works(Verb::NamespaceRegister))
        .alias(&["re"])
        .takes("CLUSTERS"),
    row("namespace update", "Change a namespace", &[namespace::UPDATE], Works(Verb::NamespaceUpdate))
        .alias(&["up", "u"])
        .takes("CLUSTERS"),
    row("namespace describe", "Show a namespace", &[&[namespace::NAMESPACE_ID]], Works(Verb::NamespaceDescribe)).alias(&["desc"]),
    row("namespace list", "Show all namespaces", &[], Works(Verb::NamespaceList)).alias(&["l"]),
    row("workflow show", "Show a history", &[workflow::EXECUTION, workflow::SHOW], Works(Verb::WorkflowShow)),
    row("workflow showid", "Show a history", &[workflow::SHOW], Works(Verb::WorkflowShow)).takes("WORKFLOW_ID [RUN_ID]"),
    row("workflow start", "Start a workflow", &[workflow::START], Works(Verb::WorkflowStart)),
    row(
        "workflow run",
        "Start a workflow and show its progress",
        &[workflow::START, workflow::PROGRESS],
        Works(Verb::WorkflowRun),
    ),
    row("workflow cancel", "Request cancellation", &[workflow::TARGET], Works(Verb::WorkflowCancel)).alias(&["c"]),
    row("workflow signal", "Send a signal", &[workflow::TARGET, workflow::SIGNAL], Works(Verb::WorkflowSignal)).alias(&["s"]),
    row("workflow terminate", "Stop at once", &[workflow::TARGET], Works(Verb::WorkflowTerminate)).alias(&["term"]),
    row(
        "workflow list",
        "List a page of workflows, closed ones unless told otherwise",
        &[workflow::LOOK, workflow::SELECT, workflow::PAGES],
        Works(Verb::WorkflowList),
    )
    .alias(&["l"]),
    row(
        "workflow listall",
        "List all workflows, closed ones unless told otherwise",
        &[workflow::LOOK, workflow::SELECT],
        Works(Verb::WorkflowListAll),
    )
    .alias(&["la"]),
    row(
        "workflow listarchived",
        "List archived workflows",
        &[workflow::LOOK, workflow::ARCHIVED],
        Works(Verb::WorkflowListArchived),
    ),
    row("workflow scan", "List workflows in any order", &[workflow::LOOK, workflow::SCAN], Works(Verb::WorkflowScan))
        .alias(&["sc", "scanall"]),
    row("workflow count", "Count workflows", &[&[QUERY]], Works(Verb::WorkflowCount)).alias(&["cnt"]),
    row("workflow query", "Ask a workflow for a part of its state", &[&[QUERY_TYPE], workflow::ASK], Works(Verb::WorkflowQuery)),
    row("workflow stack", "Show where a workflow's code stands", &[workflow::ASK], Works(Verb::WorkflowStack)),
    row(
        "workflow describe",
        "Show the state of a workflow",
        &[workflow::EXECUTION, workflow::DESCRIBE],
        Works(Verb::WorkflowDescribe),
    )
    .alias(&["desc"]),
    row("workflow describeid", "Show the state of a workflow", &[workflow::DESCRIBE], Works(Verb::WorkflowDescribe))
        .alias(&["descid"])
        .takes("WORKFLOW_ID [RUN_ID]"),
    row(
        "workflow observe",
        "Show a workflow's progress until it ends",
        &[workflow::EXECUTION, workflow::PROGRESS],
        Works(Verb::WorkflowObserve),
    )
    .alias(&["ob"]),
    row("workflow observeid", "Show a workflow's progress until it ends", &[workflow::PROGRESS], Works(Verb::WorkflowObserve))
        .alias(&["obid"])
        .takes("WORKFLOW_ID [RUN_ID]"),
    row("workflow reset", "Go back to an earlier point", &[workflow::RESET], Refused(RESET)).alias(&["rs"]),
    row("workflow reset-batch", "Reset many workflows", &[workflow::RESET_BATCH], Refused(RESET)),
    row(
        "activity complete",
        "Complete an activity",
        &[&[WORKFLOW_ID, RUN_ID, ACTIVITY_ID, RESULT, IDENTITY]],
        Works(Verb::ActivityComplete),
    )
    .alias(&["comp"]),
    row(
        "activity fail",
        "Fail an activity",
        &[&[WORKFLOW_ID, RUN_ID, ACTIVITY_ID, FAIL_REASON, DETAIL, IDENTITY]],
        Works(Verb::ActivityFail),
    ),
    row(
        "taskqueue describe",
        "List the pollers of a task queue",
        &[&[TASK_QUEUE, TASK_QUEUE_TYPE]],
        Works(Verb::TaskQueueDescribe),
    )
    .alias(&["desc"]),
    row(
        "taskqueue list-partition",
        "List the parts of a task queue and their hosts",
        &[&[TASK_QUEUE]],
        Works(Verb::TaskQueuePartitions),
    )
    .alias(&["lp"]),
    row("schedule create", "Create a schedule", &[schedule::DEFINE], Refused(SCHEDULES)),
    row("schedule update", "Replace a schedule", &[schedule::DEFINE], Refused(SCHEDULES)),
    row("schedule toggle", "Pause a schedule or let it go on", &[schedule::TOGGLE], Refused(SCHEDULES)),
    row("schedule trigger", "Act now", &[schedule::TRIGGER], Refused(SCHEDULES)),
    row("schedule backfill", "Act for a time that has passed", &[schedule::BACKFILL], Refused(SCHEDULES)),
    row("schedule describe", "Show a schedule", &[schedule::DESCRIBE], Refused(SCHEDULES)),
    row("schedule delete", "Delete a schedule", &[schedule::ONE], Refused(SCHEDULES)),
    row("schedule list", "List schedules", &[], Refused(SCHEDULES)),
    row("batch start", "Start a batch job", &[workflow::START_JOB], Refused(OLD_BATCH)),
    row("batch describe", "Show a batch job", &[workflow::JOB], Refused(OLD_BATCH)).alias(&["desc"]),
    row("batch list", "List batch jobs", &[workflow::LIST_JOBS], Refused(OLD_BATCH)).alias(&["l"]),
    row("batch terminate", "Stop a batch job", &[workflow::STOP_JOB], Refused(OLD_BATCH)),
    row("batch-v2 describe", "Show a batch job", &[workflow::JOB], Refused(BATCH)),
    row("batch-v2 list", "List batch jobs", &[], Refused(BATCH)),
    row("batch-v2 terminate", "Stop a batch job", &[workflow::STOP_JOB], Refused(BATCH)),
    row("cluster health", "Ask whether the cluster serves", &[], Works(Verb::ClusterHealth)).alias(&["h"]),
    row(
        "cluster get-search-attributes",
        "List the search attributes that filters may name",
        &[],
        Works(Verb::ClusterSearchAttributes),
    )
    .alias(&["gsa"]),
    row("dataconverter web", "Decode payloads for the web interface", &[admin::CONVERTER_WEB], Refused(WEB)),
    row("config get", "Show a setting", &[], Works(Verb::ConfigGet)).takes("version"),
    row("config set", "Change a setting", &[], Works(Verb::ConfigSet)).takes("version VALUE"),
];
