//! Lists of executions.

use proto::temporal::api::common::v1::{Memo, Payload, SearchAttributes};
use proto::temporal::api::workflow::v1::WorkflowExecutionInfo;

use super::go;
use super::grid::{Lines, grid};
use crate::render::style::Style;
use crate::render::table::Cell;

/// Names of types from this length on are shortened to their last part.
const LONGEST_TYPE: usize = 32;

/// How a list looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// Times with all digits.
    pub(crate) raw_time: bool,
    /// Date and time, not time alone.
    pub(crate) date_time: bool,
    /// With memos.
    pub(crate) memo: bool,
    /// With search attributes.
    pub(crate) search_attributes: bool,
    /// With the task queue.
    pub(crate) task_queue: bool,
    /// With the time of the end.
    pub(crate) end_time: bool,
}

/// The table.
pub(crate) fn table(executions: &[WorkflowExecutionInfo], look: Look, style: &Style) -> String {
    let columns = [
        ("Workflow Type", true),
        ("Workflow Id", true),
        ("Run Id", true),
        ("Task Queue", look.task_queue),
        ("Start Time", true),
        ("Execution Time", true),
        ("End Time", look.end_time),
        ("Memo", look.memo),
        ("Search Attributes", look.search_attributes),
    ];
    let heads: Vec<_> = columns.iter().filter(|(_, wanted)| *wanted).map(|(head, _)| *head).collect();
    let rows: Vec<Vec<Cell>> = executions
        .iter()
        .map(|info| {
            let cells = cells(info, look).into_iter().zip(&columns);
            cells.filter(|(_, (_, wanted))| *wanted).map(|(cell, _)| cell.into()).collect()
        })
        .collect();
    grid(&heads, &rows, Lines::Between("|"), style)
}

fn cells(info: &WorkflowExecutionInfo, look: Look) -> [String; 9] {
    let time = |time: &Option<prost_types::Timestamp>| match look {
        Look { raw_time: true, .. } => go::raw_time(time.as_ref()),
        Look { date_time: true, .. } => go::date_time(time.as_ref()),
        _ => go::clock(time.as_ref()),
    };
    let execution = info.execution.clone().unwrap_or_default();
    [
        short_type(info.r#type.as_ref().map(|kind| kind.name.as_str()).unwrap_or_default()),
        execution.workflow_id,
        execution.run_id,
        info.task_queue.clone(),
        time(&info.start_time),
        time(&info.execution_time),
        time(&info.close_time),
        memo(info.memo.as_ref()),
        search_attributes(info.search_attributes.as_ref()),
    ]
}

fn short_type(name: &str) -> String {
    if name.chars().count() < LONGEST_TYPE {
        return name.to_owned();
    }
    let last = name.rsplit('/').next().unwrap_or(name);
    let count = last.chars().count();
    if count < LONGEST_TYPE {
        return format!(".../{last}");
    }
    let end: String = last.chars().skip(count - LONGEST_TYPE).collect();
    format!("...{end}")
}

fn memo(memo: Option<&Memo>) -> String {
    let fields = memo.into_iter().flat_map(|memo| &memo.fields);
    fields
        .map(|(name, payload)| match serde_json::from_slice::<String>(&payload.data) {
            Ok(text) => format!("{name}={text}\n"),
            Err(_) => format!("{name}={}\n", crate::render::payload::text(payload)),
        })
        .collect()
}

fn search_attributes(all: Option<&SearchAttributes>) -> String {
    let fields = all.into_iter().flat_map(|all| &all.indexed_fields);
    fields.map(|(name, payload)| format!("{name}={}\n", attribute(payload))).collect()
}

/// A search attribute's value: strings without quotes.
pub(crate) fn attribute(payload: &Payload) -> String {
    serde_json::from_slice::<String>(&payload.data).unwrap_or_else(|_| String::from_utf8_lossy(&payload.data).into_owned())
}

#[cfg(test)]
mod tests {
    use proto::temporal::api::common::v1::{WorkflowExecution, WorkflowType};
    use serde_json::json;

    use super::*;
    use crate::args::TimeFormat;
    use crate::args::payload::json_payload;
    use crate::render::style::tests::plain;

    #[test]
    fn a_list_of_what_closed_has_its_end_and_what_else_was_asked_for() {
        let info = WorkflowExecutionInfo {
            execution: Some(WorkflowExecution { workflow_id: "order-1".to_owned(), run_id: "run".to_owned() }),
            r#type: Some(WorkflowType { name: "Order".to_owned() }),
            task_queue: "orders".to_owned(),
            start_time: Some(prost_types::Timestamp { seconds: 1_767_225_600, nanos: 0 }),
            memo: Some(Memo { fields: [("note".to_owned(), json_payload(&json!("hi")))].into() }),
            ..WorkflowExecutionInfo::default()
        };
        let look =
            Look { raw_time: false, date_time: false, memo: true, search_attributes: false, task_queue: true, end_time: true };
        assert_eq!(
            table(&[info], look, &plain(TimeFormat::Raw)),
            "  WORKFLOW TYPE | WORKFLOW ID | RUN ID | TASK QUEUE | START TIME | EXECUTION TIME | END TIME |  MEMO    \n  \
             Order         | order-1     | run    | orders     | 00:00:00   | 00:00:00       | 00:00:00 | note=hi  \n"
        );
    }

    #[test]
    fn long_types_are_told_by_their_ends() {
        assert_eq!(short_type("Order"), "Order");
        assert_eq!(short_type("github.com/somebody/somewhere/orders.Order"), ".../orders.Order");
        assert_eq!(short_type(&"x".repeat(40)), format!("...{}", "x".repeat(32)));
    }
}
