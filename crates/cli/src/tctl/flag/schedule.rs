//! Flags of `schedule`. None is read yet: schedules are not built, and their commands are refused after parsing.

use super::workflow::{
    EXECUTION_TIMEOUT, INPUT, INPUT_FILE, MEMO, MEMO_FILE, MEMO_KEY, RUN_TIMEOUT, TASK_QUEUE, TASK_TIMEOUT, WORKFLOW_ID,
    WORKFLOW_TYPE,
};
use super::{Flag, number, switch, text, texts};

const SCHEDULE_ID: Flag = text(&["schedule_id", "sid", "s"], "Id of the schedule");
const OVERLAP: Flag = text(&["overlap_policy"], "Skip, BufferOne, BufferAll, CancelOther, TerminateOther or AllowAll");
const START_TIME: Flag = text(&["start_time"], "From when");
const END_TIME: Flag = text(&["end_time"], "Until when");
const PAUSE: Flag = switch(&["pause"], "Pause it");

/// One schedule.
pub(crate) const ONE: &[Flag] = &[SCHEDULE_ID];
/// `create` and `update`.
pub(crate) const DEFINE: &[Flag] = &[
    SCHEDULE_ID,
    OVERLAP,
    texts(&["calendar"], "When, as JSON"),
    texts(&["cron"], "When, as cron"),
    texts(&["interval"], "How often, such as 90m or 90m/13m"),
    START_TIME,
    END_TIME,
    text(&["jitter"], "Spread starts over this long"),
    text(&["time_zone"], "Name of a time zone"),
    text(&["notes"], "Notes"),
    PAUSE,
    number(&["remaining_actions"], "At most this often"),
    text(&["catchup_window"], "How late a start may be"),
    switch(&["pause_on_failure"], "Pause it when a workflow fails"),
    MEMO_KEY,
    MEMO,
    MEMO_FILE,
    texts(&["search_attr_key"], "Name of a search attribute"),
    texts(&["search_attr_value"], "Its value"),
    TASK_QUEUE,
    WORKFLOW_ID,
    WORKFLOW_TYPE,
    EXECUTION_TIMEOUT,
    RUN_TIMEOUT,
    TASK_TIMEOUT,
    INPUT,
    INPUT_FILE,
];
/// `toggle`.
pub(crate) const TOGGLE: &[Flag] = &[SCHEDULE_ID, PAUSE, switch(&["unpause"], "Let it go on"), text(&["reason"], "Why")];
/// `trigger`.
pub(crate) const TRIGGER: &[Flag] = &[SCHEDULE_ID, OVERLAP];
/// `backfill`.
pub(crate) const BACKFILL: &[Flag] = &[SCHEDULE_ID, OVERLAP, START_TIME, END_TIME];
/// `describe`.
pub(crate) const DESCRIBE: &[Flag] = &[SCHEDULE_ID, switch(&["print_raw"], "Print JSON")];
