//! A searchable row as lists show it.

use model::Timestamp;
use model::visibility::VisibilityRow;
use prost::Message;
use proto::temporal::api::common::v1::{Memo, WorkflowExecution, WorkflowType};
use proto::temporal::api::workflow::v1::WorkflowExecutionInfo;
use visibility::payload;

/// The execution that a row is about.
pub(super) fn info(row: VisibilityRow) -> WorkflowExecutionInfo {
    let execution = |workflow_id: &str, run_id: String| WorkflowExecution { workflow_id: workflow_id.to_owned(), run_id };
    // A memo that cannot be read must not keep the rest of the list from its reader.
    let memo = Memo::decode(row.memo.as_slice()).unwrap_or_default();
    let duration = row.close_time.map(|closed| closed.since(row.execution_time));
    let (root_id, root_run) = &row.root;
    WorkflowExecutionInfo {
        execution: Some(execution(row.workflow_id.as_str(), row.run_id.to_string())),
        r#type: Some(WorkflowType { name: row.workflow_type }),
        start_time: Some(time(row.start_time)),
        close_time: row.close_time.map(time),
        status: row.status as i32,
        history_length: row.history_length.unwrap_or_default(),
        parent_namespace_id: row.parent.as_ref().map(|_| row.namespace.to_string()).unwrap_or_default(),
        parent_execution: row.parent.as_ref().map(|(id, run)| execution(id.as_str(), run.to_string())),
        execution_time: Some(time(row.execution_time)),
        memo: Some(memo),
        search_attributes: Some(payload::encode_all(&row.search_attributes)),
        task_queue: row.task_queue,
        state_transition_count: row.state_transition_count.unwrap_or_default(),
        history_size_bytes: row.history_size_bytes.unwrap_or_default(),
        execution_duration: duration.and_then(|duration| prost_types::Duration::try_from(duration).ok()),
        root_execution: Some(execution(root_id.as_str(), root_run.to_string())),
        ..WorkflowExecutionInfo::default()
    }
}

fn time(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.seconds(), nanos: at.subsec_nanos() }
}
