//! Flags of `workflow`, `activity`, `taskqueue` and `batch`.

use super::{Flag, number, switch, text, texts};

pub(crate) const WORKFLOW_ID: Flag = text(&["workflow_id", "wid", "w"], "Id of the workflow");
pub(crate) const RUN_ID: Flag = text(&["run_id", "rid", "r"], "Run of that workflow [default: the current one]");
/// One execution.
pub(crate) const EXECUTION: &[Flag] = &[WORKFLOW_ID, RUN_ID];

pub(crate) const MORE: Flag = switch(&["more", "m"], "Go on with the next page, asking before each");
pub(crate) const PAGE_SIZE: Flag = number(&["pagesize", "ps"], "Size of a page").or("10");
/// Page after page.
pub(crate) const PAGES: &[Flag] = &[MORE, PAGE_SIZE];

pub(crate) const PRINT_DATETIME: Flag = switch(&["print_datetime", "pdt"], "Print date and time");
pub(crate) const PRINT_RAW_TIME: Flag = switch(&["print_raw_time", "prt"], "Print times with all their digits");
pub(crate) const OUTPUT_FILENAME: Flag = text(&["output_filename", "of"], "File to write the history to, as JSON");
pub(crate) const PRINT_FULL: Flag = switch(&["print_full", "pf"], "Print everything, and no table");
pub(crate) const PRINT_EVENT_VERSION: Flag = switch(&["print_event_version", "pev"], "Print the events' versions");
pub(crate) const EVENT_ID: Flag = number(&["event_id", "eid"], "Print this event only, in full");
pub(crate) const MAX_FIELD_LENGTH: Flag = number(&["max_field_length", "maxl"], "Longest text of a field").or("500");
pub(crate) const RESET_POINTS_ONLY: Flag = switch(&["reset_points_only"], "Only what a reset could go back to");
/// `show`.
pub(crate) const SHOW: &[Flag] = &[
    PRINT_DATETIME,
    PRINT_RAW_TIME,
    OUTPUT_FILENAME,
    PRINT_FULL,
    PRINT_EVENT_VERSION,
    EVENT_ID,
    MAX_FIELD_LENGTH,
    RESET_POINTS_ONLY,
];

pub(crate) const TASK_QUEUE: Flag = text(&["taskqueue", "tq"], "Task queue");
pub(crate) const TASK_QUEUE_TYPE: Flag = text(&["taskqueuetype", "tqt"], "workflow or activity").or("workflow");
pub(crate) const WORKFLOW_TYPE: Flag = text(&["workflow_type", "wt"], "Name of the workflow type");
pub(crate) const EXECUTION_TIMEOUT: Flag = number(&["execution_timeout", "et"], "Seconds for all runs together");
pub(crate) const RUN_TIMEOUT: Flag = number(&["run-timeout", "rt"], "Seconds for one run");
pub(crate) const TASK_TIMEOUT: Flag = number(&["workflow_task_timeout", "wtt"], "Seconds for one workflow task").or("10");
pub(crate) const CRON: Flag = text(&["cron"], "Run again and again by this cron schedule");
pub(crate) const REUSE_POLICY: Flag =
    text(&["workflowidreusepolicy", "wrp"], "AllowDuplicate, AllowDuplicateFailedOnly, RejectDuplicate or TerminateIfRunning");
pub(crate) const INPUT: Flag = texts(&["input", "i"], "An argument in JSON, null for none (repeat it for several)");
pub(crate) const INPUT_FILE: Flag = text(&["input_file", "if"], "File with arguments in JSON, one after the other");
pub(crate) const MEMO_KEY: Flag = texts(&["memo_key"], "Name of a memo field (repeatable)");
pub(crate) const MEMO: Flag = texts(&["memo"], "Text of a memo field (repeatable, as often as --memo_key)");
pub(crate) const MEMO_FILE: Flag = text(&["memo_file"], "File with such texts, one on a line");
pub(crate) const SEARCH_ATTR_KEY: Flag = text(&["search_attr_key"], "Search attributes' names, between |");
pub(crate) const SEARCH_ATTR_VALUE: Flag = text(&["search_attr_value"], "Their values in JSON, between |");
/// `start`.
pub(crate) const START: &[Flag] = &[
    TASK_QUEUE,
    WORKFLOW_ID,
    WORKFLOW_TYPE,
    EXECUTION_TIMEOUT,
    RUN_TIMEOUT,
    TASK_TIMEOUT,
    CRON,
    REUSE_POLICY,
    INPUT,
    INPUT_FILE,
    MEMO_KEY,
    MEMO,
    MEMO_FILE,
    SEARCH_ATTR_KEY,
    SEARCH_ATTR_VALUE,
];

pub(crate) const SHOW_DETAIL: Flag = switch(&["show_detail", "sd"], "Show every field of every event");
pub(crate) const DETAIL_LENGTH: Flag = number(&["max_field_length", "maxl"], "Longest text of a field");
/// `run` beside those of `start`, and `observe`.
pub(crate) const PROGRESS: &[Flag] = &[SHOW_DETAIL, DETAIL_LENGTH];

pub(crate) const QUERY: Flag = text(&["query", "q"], "A filter such as ExecutionStatus='Running'");
pub(crate) const REASON: Flag = text(&["reason", "re"], "Why, for the record");
pub(crate) const YES: Flag = switch(&["yes"], "Do not ask");
/// All that a filter selects, instead of one execution.
pub(crate) const TARGET: &[Flag] = &[WORKFLOW_ID, RUN_ID, QUERY, REASON, YES];
pub(crate) const SIGNAL_NAME: Flag = text(&["name", "n"], "Name of the signal");
/// `signal`.
pub(crate) const SIGNAL: &[Flag] = &[SIGNAL_NAME, INPUT, INPUT_FILE];

pub(crate) const PRINT_MEMO: Flag = switch(&["print_memo", "pme"], "Print memos");
pub(crate) const PRINT_SEARCH_ATTR: Flag = switch(&["print_search_attr", "psa"], "Print search attributes");
pub(crate) const PRINT_JSON: Flag = switch(&["print_json", "pjson"], "Print JSON");
/// How lists are printed.
pub(crate) const LOOK: &[Flag] = &[PRINT_RAW_TIME, PRINT_DATETIME, PRINT_MEMO, PRINT_SEARCH_ATTR, PRINT_FULL, PRINT_JSON];

pub(crate) const OPEN: Flag = switch(&["open", "op"], "List what runs [default: what is closed]");
pub(crate) const EARLIEST: Flag =
    text(&["earliest_time", "et"], "RFC 3339, nanoseconds since 1970, or back from now such as 15m");
pub(crate) const LATEST: Flag = text(&["latest_time", "lt"], "The same");
pub(crate) const STATUS: Flag =
    text(&["status", "s"], "completed, failed, canceled, terminated, continuedasnew or timedout; of closed workflows only");
/// Which workflows to list.
pub(crate) const SELECT: &[Flag] = &[OPEN, EARLIEST, LATEST, WORKFLOW_ID, WORKFLOW_TYPE, STATUS, QUERY];
pub(crate) const SCAN_PAGE_SIZE: Flag = number(&["pagesize", "ps"], "How many to fetch at a time").or("2000");
/// `scan`.
pub(crate) const SCAN: &[Flag] = &[SCAN_PAGE_SIZE, QUERY];
pub(crate) const ARCHIVE_PAGE_SIZE: Flag = number(&["pagesize", "ps"], "Size of a page").or("100");
pub(crate) const ALL: Flag = switch(&["all", "a"], "List all pages");
/// `listarchived`.
pub(crate) const ARCHIVED: &[Flag] = &[QUERY, ARCHIVE_PAGE_SIZE, ALL];

pub(crate) const QUERY_TYPE: Flag = text(&["query_type", "qt"], "Name of the query");
pub(crate) const REJECT_CONDITION: Flag =
    text(&["query_reject_condition", "qrc"], "Refuse when the workflow is not_open or not_completed_cleanly");
pub(crate) const QUERY_INPUT: Flag = text(&["input", "i"], "Arguments in JSON, one after the other");
/// `stack`, and `query` beside its type.
pub(crate) const ASK: &[Flag] = &[WORKFLOW_ID, RUN_ID, QUERY_INPUT, INPUT_FILE, REJECT_CONDITION];

pub(crate) const PRINT_RAW: Flag = switch(&["print_raw", "praw"], "Print the API's answer as it came");
/// `describe`.
pub(crate) const DESCRIBE: &[Flag] = &[PRINT_RAW, RESET_POINTS_ONLY];

const RESET_EVENT: Flag = text(&["event_id"], "Event to go back to");
const RESET_TYPE: Flag = text(&["reset_type"], "FirstWorkflowTask, LastWorkflowTask, LastContinuedAsNew or BadBinary");
const REAPPLY: Flag = text(&["reset_reapply_type"], "Signal or None");
const BAD_CHECKSUM: Flag = text(&["reset_bad_binary_checksum"], "Checksum of a bad binary");
const RESET_REASON: Flag = text(&["reason"], "Why, for the record");
/// `reset`.
pub(crate) const RESET: &[Flag] = &[WORKFLOW_ID, RUN_ID, RESET_EVENT, RESET_REASON, RESET_TYPE, REAPPLY, BAD_CHECKSUM];
/// `reset-batch`.
pub(crate) const RESET_BATCH: &[Flag] = &[
    INPUT_FILE,
    QUERY,
    text(&["exclude_file"], "File with workflows to leave alone"),
    text(&["input_separator"], "Between the columns of these files"),
    RESET_REASON,
    number(&["input_parallism"], "How many at a time"),
    switch(&["skip_current_open"], "Leave alone what runs"),
    switch(&["skip_base_is_not_current"], "Leave alone older runs"),
    switch(&["only_non_deterministic"], "Only what failed by not being deterministic"),
    switch(&["dry_run"], "Do nothing, say what would be done"),
    RESET_TYPE,
    BAD_CHECKSUM,
];

pub(crate) const ACTIVITY_ID: Flag = text(&["activity_id", "aid"], "Id of the activity");
pub(crate) const RESULT: Flag = text(&["result"], "Its result, a text");
pub(crate) const DETAIL: Flag = text(&["detail"], "The failure's details, a text");
pub(crate) const FAIL_REASON: Flag = text(&["reason"], "The failure's message");
pub(crate) const IDENTITY: Flag = text(&["identity"], "Who says so");

const JOB_ID: Flag = text(&["job_id", "jid"], "Id of the job");
/// `batch describe`.
pub(crate) const JOB: &[Flag] = &[JOB_ID];
/// `batch terminate`.
pub(crate) const STOP_JOB: &[Flag] = &[JOB_ID, REASON];
/// `batch list`.
pub(crate) const LIST_JOBS: &[Flag] = &[number(&["pagesize", "ps"], "Size of a page")];
/// `batch start`.
pub(crate) const START_JOB: &[Flag] = &[
    QUERY,
    REASON,
    text(&["batch_type", "bt"], "terminate, cancel or signal"),
    text(&["signal_name", "sig"], "Name of the signal"),
    text(&["input", "i"], "What it carries"),
    number(&["rps"], "At most this many a second"),
    YES,
    number(&["concurrency"], "How many at a time"),
];
