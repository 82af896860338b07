//! Flags of `admin`, `dataconverter` and others that only operators use.

use super::workflow::{MORE, OUTPUT_FILENAME, PAGE_SIZE, PRINT_FULL, PRINT_JSON, RUN_ID, TASK_QUEUE, WORKFLOW_ID};
use super::{Flag, number, switch, text, texts};

const NAMESPACE_ID: Flag = text(&["namespace_id"], "Id of the namespace");
const SHARD_ID: Flag = number(&["shard_id"], "The shard");
const SHARD_ID_SHORT: Flag = number(&["shard_id", "sid"], "The shard");
const TASK_ID: Flag = number(&["task_id"], "The task");
const TASK_TYPE: Flag = text(&["task_type"], "transfer, timer, replication or visibility");
const TASK_TIMESTAMP: Flag = number(&["task_timestamp"], "When the task is due, in nanoseconds");
const MIN_TASK_ID: Flag = number(&["min_task_id"], "From this task");
const MAX_TASK_ID: Flag = number(&["max_task_id"], "To this task");
const CLUSTER: Flag = text(&["cluster"], "The other cluster's name");
const ROLE: Flag = text(&["role"], "all, frontend, history, matching or worker");

/// `workflow show`.
pub(crate) const SHOW: &[Flag] = &[
    NAMESPACE_ID,
    WORKFLOW_ID,
    RUN_ID,
    number(&["min_event_id"], "From this event"),
    number(&["max_event_id"], "To this event"),
    number(&["min_event_version"], "From this version"),
    number(&["max_event_version"], "To this version"),
    OUTPUT_FILENAME,
];
/// `workflow refresh_tasks`.
pub(crate) const REFRESH: &[Flag] = &[NAMESPACE_ID, WORKFLOW_ID, RUN_ID];

/// `shard describe` and `close_shard`.
pub(crate) const SHARD: &[Flag] = &[SHARD_ID];
/// `shard describe_task`.
pub(crate) const DESCRIBE_TASK: &[Flag] =
    &[SHARD_ID, TASK_ID, TASK_TYPE, TASK_TIMESTAMP, text(&["target_cluster"], "The cluster to look in")];
/// `shard list_tasks`.
pub(crate) const LIST_TASKS: &[Flag] = &[
    MORE,
    PAGE_SIZE,
    SHARD_ID,
    TASK_TYPE,
    MIN_TASK_ID,
    MAX_TASK_ID,
    text(&["min_visibility_ts"], "From this time"),
    text(&["max_visibility_ts"], "To this time"),
    PRINT_JSON,
];
/// `shard remove_task`.
pub(crate) const REMOVE_TASK: &[Flag] = &[SHARD_ID, TASK_ID, TASK_TYPE, TASK_TIMESTAMP];

/// `history_host describe`.
pub(crate) const HISTORY_HOST: &[Flag] =
    &[WORKFLOW_ID, text(&["history_address", "had"], "Address of the host"), SHARD_ID_SHORT, PRINT_FULL];
/// `history_host get_shardid`.
pub(crate) const SHARD_OF: &[Flag] = &[NAMESPACE_ID, WORKFLOW_ID, number(&["number_of_shards"], "How many there are")];

/// `taskqueue list_tasks`.
pub(crate) const QUEUE_TASKS: &[Flag] = &[
    MORE,
    PAGE_SIZE,
    text(&["taskqueuetype", "tqt"], "workflow or activity"),
    TASK_QUEUE,
    MIN_TASK_ID,
    MAX_TASK_ID,
    PRINT_JSON,
    WORKFLOW_ID,
    RUN_ID,
];

/// `membership list_gossip`.
pub(crate) const GOSSIP: &[Flag] = &[ROLE];
/// `membership list_db`.
pub(crate) const MEMBERS: &[Flag] = &[text(&["heartbeated_within"], "Heard of since"), ROLE];

pub(crate) const SKIP_SCHEMA: Flag = switch(&["skip-schema-update"], "Refused: there is no schema beside the attributes");
pub(crate) const INDEX: Flag = text(&["index"], "Refused: attributes belong to a namespace, not to an index");
pub(crate) const ATTRIBUTE_NAME: Flag = texts(&["name", "n"], "Name of a search attribute (repeatable)");
pub(crate) const ATTRIBUTE_TYPE: Flag =
    texts(&["type", "t"], "Its type: Text, Keyword, Int, Double, Bool, Datetime or KeywordList (repeatable)");
pub(crate) const PRINT_JSON_TEXT: Flag = text(&["print_json", "pjson"], "true to print JSON");
/// `cluster add-search-attributes`.
pub(crate) const ADD_ATTRIBUTES: &[Flag] = &[SKIP_SCHEMA, INDEX, ATTRIBUTE_NAME, ATTRIBUTE_TYPE];
/// `cluster remove-search-attributes`.
pub(crate) const REMOVE_ATTRIBUTES: &[Flag] = &[INDEX, ATTRIBUTE_NAME];
/// `cluster get-search-attributes`.
pub(crate) const GET_ATTRIBUTES: &[Flag] = &[PRINT_JSON_TEXT, INDEX];
pub(crate) const REMOTE: Flag = CLUSTER;
/// `cluster describe` and `remove-remote-cluster`.
pub(crate) const ONE_CLUSTER: &[Flag] = &[REMOTE];
/// `cluster list`.
pub(crate) const CLUSTERS: &[Flag] = &[number(&["pagesize"], "Size of a page")];
/// `cluster upsert-remote-cluster`.
pub(crate) const UPSERT: &[Flag] =
    &[text(&["frontend_address", "fad"], "Where it is"), switch(&["enable_connection", "ec"], "Connect to it")];

/// `dlq purge` and `merge`.
pub(crate) const DLQ: &[Flag] = &[
    text(&["dlq_type", "dt"], "namespace or history"),
    CLUSTER,
    SHARD_ID_SHORT,
    number(&["last_message_id"], "To this message"),
];
/// `dlq read` beside those.
pub(crate) const DLQ_READ: &[Flag] = &[number(&["max_message_count", "mmc"], "At most this many"), OUTPUT_FILENAME];

/// Where the database is.
pub(crate) const DATABASE: &[Flag] = &[
    text(&["db_engine"], "Kind of database"),
    text(&["db_address"], "Its address"),
    number(&["db_port"], "Its port"),
    text(&["username"], "User"),
    text(&["password"], "Password"),
    text(&["keyspace"], "Keyspace"),
    switch(&["tls"], "With TLS"),
    text(&["tls_cert_path"], "Certificate"),
    text(&["tls_key_path"], "Key"),
    text(&["tls_ca_path"], "Authority"),
    text(&["tls_server_name"], "Name of the server"),
    switch(&["tls_disable_host_verification"], "Trust any host"),
];
/// `db scan`.
pub(crate) const SCAN: &[Flag] = &[number(&["pagesize"], "Size of a page")];
/// `db clean`.
pub(crate) const CLEAN: &[Flag] = &[text(&["input_directory"], "Files of a scan")];
/// Both.
pub(crate) const SWEEP: &[Flag] = &[
    number(&["lower_shard_bound"], "From this shard"),
    number(&["upper_shard_bound"], "To before this shard"),
    number(&["starting_rps"], "Queries a second at first"),
    number(&["rps"], "Queries a second later"),
    number(&["concurrency"], "How many at a time"),
    number(&["report_rate"], "Shards between reports"),
];

pub(crate) const PROTO_TYPE: Flag = text(&["type"], "Full name of the message");
pub(crate) const HEX_DATA: Flag = text(&["hex_data"], "Bytes in hex");
pub(crate) const HEX_FILE: Flag = text(&["hex_file"], "File with bytes in hex");
pub(crate) const BINARY_FILE: Flag = text(&["binary_file"], "File with the bytes themselves");
pub(crate) const BASE64_DATA: Flag = text(&["base64_data"], "Bytes in base64");
pub(crate) const BASE64_FILE: Flag = text(&["base64_file"], "File with bytes in base64");
/// `decode proto`.
pub(crate) const DECODE_PROTO: &[Flag] = &[PROTO_TYPE, HEX_DATA, HEX_FILE, BINARY_FILE];
/// `decode base64`.
pub(crate) const DECODE_BASE64: &[Flag] = &[BASE64_DATA, BASE64_FILE];

/// `dataconverter web`.
pub(crate) const CONVERTER_WEB: &[Flag] =
    &[text(&["web_ui_url"], "Address of the web interface"), number(&["port"], "Port to listen on")];
