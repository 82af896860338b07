//! Lists and counts of executions.

use proto::temporal::api::workflow::v1::WorkflowExecutionInfo;
use proto::temporal::api::workflowservice::v1::CountWorkflowExecutionsResponse;

use super::style::Style;
use super::table::{Cell, table};
use super::{names, payload, time};

/// A page of a list of workflows.
pub(crate) fn page(items: &[WorkflowExecutionInfo], first: bool, style: &Style) -> String {
    let rows: Vec<[Cell; 4]> = items
        .iter()
        .map(|info| {
            let id = info.execution.as_ref().map(|run| run.workflow_id.as_str()).unwrap_or_default();
            let kind = info.r#type.as_ref().map(|kind| kind.name.as_str()).unwrap_or_default();
            let start = time::moment(info.start_time.as_ref(), style);
            [names::status(info.status).into(), id.into(), kind.into(), start.into()]
        })
        .collect();
    table(["Status", "WorkflowId", "Type", "StartTime"], &rows, first, style)
}

/// A count, and its groups if there are any.
pub(crate) fn count(answer: &CountWorkflowExecutionsResponse, _: &Style) -> String {
    let mut text = format!("Total: {}\n", answer.count);
    for group in &answer.groups {
        let values: Vec<_> = group.group_values.iter().map(payload::text).collect();
        text += &format!("Group total: {}, values: {}\n", group.count, values.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use proto::temporal::api::common::v1::{WorkflowExecution, WorkflowType};
    use proto::temporal::api::workflowservice::v1::count_workflow_executions_response::AggregationGroup;
    use serde_json::json;

    use super::*;
    use crate::args::TimeFormat;
    use crate::args::payload::json_payload;
    use crate::render::style::tests::plain;

    #[test]
    fn a_list_shows_status_id_type_and_start() {
        let info = |id: &str, status: i32| WorkflowExecutionInfo {
            execution: Some(WorkflowExecution { workflow_id: id.to_owned(), run_id: "r".to_owned() }),
            r#type: Some(WorkflowType { name: "Order".to_owned() }),
            start_time: Some(prost_types::Timestamp { seconds: 1_767_225_540, nanos: 0 }),
            status,
            ..WorkflowExecutionInfo::default()
        };
        assert_eq!(
            page(&[info("order-1", 1), info("o", 2)], true, &plain(TimeFormat::Relative)),
            "Status     WorkflowId  Type   StartTime\nRunning    order-1     Order  1 minute ago\n\
             Completed  o           Order  1 minute ago\n"
        );
    }

    #[test]
    fn a_count_shows_its_groups() {
        let group = AggregationGroup { group_values: vec![json_payload(&json!("Running"))], count: 2 };
        let answer = CountWorkflowExecutionsResponse { count: 3, groups: vec![group] };
        assert_eq!(count(&answer, &plain(TimeFormat::Iso)), "Total: 3\nGroup total: 2, values: \"Running\"\n");
    }
}
