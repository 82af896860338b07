//! The commands for operators. What the public API can do as well works; the rest asked a service for the server's insides
//! that this cluster does not serve yet, or opened a database whose tables are not ours.

use super::State::{Refused, Works};
use super::{Row, Verb, row};
use crate::tctl::flag::admin;
use crate::tctl::flag::workflow::{EXECUTION, TASK_QUEUE, TASK_QUEUE_TYPE, YES};

const RAW_HISTORY: &str = "histories as stored are not served yet; use `tctl workflow show --output_filename FILE`";
const MUTABLE_STATE: &str = "a workflow's stored state is not served yet; use `tctl workflow describe --print_raw`";
const REFRESH: &str =
    "refreshing a workflow's tasks is not served yet; `tctl workflow describe` shows what the workflow waits for";
const SHARDS: &str = "shards are not served to operators yet; use `tctl cluster health`";
const HOSTS: &str = "history hosts are not served to operators yet; use `tctl cluster health`";
const SHARD_OF: &str = "this cluster does not place workflows by Temporal's hash, so its answer would mislead; nothing takes a \
                        shard's number from you";
const QUEUE_TASKS: &str = "a task queue's tasks are not served yet; use `tctl admin taskqueue describe` for their number";
const MEMBERS: &str = "the cluster's members are not served to operators yet; use `tctl cluster health`";
const CLUSTERS: &str = "several clusters are not built yet; this cluster stands alone";
const DEAD_LETTERS: &str = "there are no dead letters: replication between clusters is not built yet";
const DATABASE: &str =
    "this cluster's database has tables of its own, which only its servers open; nothing takes this command's place";

/// In the order in which tctl lists them.
pub(super) const ROWS: &[Row] = &[
    row("admin workflow show", "Show a history as stored", &[admin::SHOW], Refused(RAW_HISTORY)),
    row("admin workflow describe", "Show a workflow's stored state", &[EXECUTION], Refused(MUTABLE_STATE)).alias(&["desc"]),
    row("admin workflow refresh_tasks", "Make a workflow's tasks anew", &[admin::REFRESH], Refused(REFRESH)).alias(&["rt"]),
    row("admin workflow delete", "Delete a workflow and its history", &[EXECUTION, &[YES]], Works(Verb::AdminWorkflowDelete))
        .alias(&["del"]),
    row("admin shard describe", "Show a shard", &[admin::SHARD], Refused(SHARDS)).alias(&["d"]),
    row("admin shard describe_task", "Show a task", &[admin::DATABASE, admin::DESCRIBE_TASK], Refused(DATABASE)).alias(&["dt"]),
    row("admin shard list_tasks", "List a shard's tasks", &[admin::LIST_TASKS], Refused(SHARDS)),
    row("admin shard close_shard", "Make a shard move", &[admin::SHARD], Refused(SHARDS)).alias(&["clsh"]),
    row("admin shard remove_task", "Remove a task", &[admin::REMOVE_TASK], Refused(SHARDS)).alias(&["rmtk"]),
    row("admin history_host describe", "Show a history host", &[admin::HISTORY_HOST], Refused(HOSTS)).alias(&["desc"]),
    row("admin history_host get_shardid", "Compute a workflow's shard", &[admin::SHARD_OF], Refused(SHARD_OF)).alias(&["gsh"]),
    row(
        "admin taskqueue describe",
        "Show what waits in a task queue, and its pollers",
        &[&[TASK_QUEUE, TASK_QUEUE_TYPE]],
        Works(Verb::AdminTaskQueueDescribe),
    )
    .alias(&["desc"]),
    row("admin taskqueue list_tasks", "List the tasks of a task queue", &[admin::QUEUE_TASKS], Refused(QUEUE_TASKS)),
    row("admin membership list_gossip", "List members as hosts see them", &[admin::GOSSIP], Refused(MEMBERS)),
    row("admin membership list_db", "List members as stored", &[admin::MEMBERS], Refused(MEMBERS)),
    row(
        "admin cluster add-search-attributes",
        "Register search attributes: as many --type as --name",
        &[admin::ADD_ATTRIBUTES],
        Works(Verb::AdminAddSearchAttributes),
    )
    .alias(&["asa"]),
    row(
        "admin cluster remove-search-attributes",
        "Remove search attributes",
        &[admin::REMOVE_ATTRIBUTES],
        Works(Verb::AdminRemoveSearchAttributes),
    )
    .alias(&["rsa"]),
    row(
        "admin cluster get-search-attributes",
        "List search attributes",
        &[admin::GET_ATTRIBUTES],
        Works(Verb::AdminGetSearchAttributes),
    )
    .alias(&["gsa"]),
    row("admin cluster describe", "Show the cluster", &[admin::ONE_CLUSTER], Works(Verb::AdminClusterDescribe)).alias(&["d"]),
    row("admin cluster list", "List clusters", &[admin::CLUSTERS], Refused(CLUSTERS)).alias(&["ls"]),
    row("admin cluster upsert-remote-cluster", "Connect another cluster", &[admin::UPSERT], Refused(CLUSTERS)).alias(&["urc"]),
    row("admin cluster remove-remote-cluster", "Forget another cluster", &[admin::ONE_CLUSTER], Refused(CLUSTERS))
        .alias(&["rrc"]),
    row("admin dlq read", "Read dead letters", &[admin::DLQ, admin::DLQ_READ], Refused(DEAD_LETTERS)).alias(&["r"]),
    row("admin dlq purge", "Delete dead letters", &[admin::DLQ], Refused(DEAD_LETTERS)).alias(&["p"]),
    row("admin dlq merge", "Apply dead letters", &[admin::DLQ], Refused(DEAD_LETTERS)).alias(&["m"]),
    row("admin db scan", "Look for damage", &[admin::DATABASE, admin::SWEEP, admin::SCAN], Refused(DATABASE)),
    row("admin db clean", "Remove what is damaged", &[admin::DATABASE, admin::SWEEP, admin::CLEAN], Refused(DATABASE)),
    row("admin decode proto", "Show bytes as a message", &[admin::DECODE_PROTO], Works(Verb::DecodeProto)),
    row("admin decode base64", "Show base64 as text", &[admin::DECODE_BASE64], Works(Verb::DecodeBase64)),
];
