//! The state of one execution, as cards.

use proto::temporal::api::enums::v1::{ParentClosePolicy, PendingActivityState, PendingWorkflowTaskState};
use proto::temporal::api::workflow::v1::{
    PendingActivityInfo, PendingChildExecutionInfo, ResetPointInfo, WorkflowExecutionExtendedInfo, WorkflowExecutionInfo,
};
use proto::temporal::api::workflowservice::v1::DescribeWorkflowExecutionResponse;

use super::style::Style;
use super::table::{Card, Cell, table};
use super::{failure, names, payload, time};

/// Everything that is known of an execution but its result.
pub(crate) fn text(answer: &DescribeWorkflowExecutionResponse, namespace: &str, style: &Style) -> String {
    let mut text = style.heading("Execution Info:");
    if let Some(info) = &answer.workflow_execution_info {
        text += &execution(info, namespace, style).text(style);
    }
    if let Some(extended) = &answer.workflow_extended_info {
        text += &section("Extended Execution Info:", &extended_info(extended, style), style);
    }
    text += &section("Configuration:", &configuration(answer), style);
    if let Some(task) = &answer.pending_workflow_task {
        let state = PendingWorkflowTaskState::try_from(task.state).unwrap_or_default();
        let card = Card::default()
            .with("State", names::camel(state.as_str_name(), "PENDING_WORKFLOW_TASK_STATE_"))
            .with("ScheduledTime", time::moment(task.scheduled_time.as_ref(), style))
            .with("StartedTime", time::moment(task.started_time.as_ref(), style))
            .with("Attempt", task.attempt.to_string());
        text += &section("Pending Workflow Task:", &card, style);
    }
    if answer.workflow_execution_info.as_ref().is_some_and(|info| info.close_time.is_none()) {
        text += &format!("\n{}", style.heading(&format!("Pending Activities: {}", answer.pending_activities.len())));
        let cards = answer.pending_activities.iter().map(|activity| pending_activity(activity, style).text(style));
        text += &cards.collect::<Vec<_>>().join("\n");
        text += &format!("\n{}", style.heading(&format!("Pending Child Workflows: {}", answer.pending_children.len())));
        let cards = answer.pending_children.iter().map(|child| pending_child(child).text(style));
        text += &cards.collect::<Vec<_>>().join("\n");
    }
    text
}

/// A heading and its card, unless the card is empty.
fn section(heading: &str, card: &Card, style: &Style) -> String {
    let body = card.text(style);
    if body.is_empty() { body } else { format!("\n{}{body}", style.heading(heading)) }
}

fn execution(info: &WorkflowExecutionInfo, namespace: &str, style: &Style) -> Card {
    let run = info.execution.clone().unwrap_or_default();
    let parent = info.parent_execution.clone().unwrap_or_default();
    let root = info.root_execution.clone().unwrap_or_default();
    Card::default()
        .with("WorkflowId", run.workflow_id.clone())
        .with("RunId", run.run_id)
        .with("Type", info.r#type.as_ref().map(|kind| kind.name.clone()).unwrap_or_default())
        .with("Namespace", namespace)
        .with("TaskQueue", info.task_queue.clone())
        .with("Status", names::status(info.status))
        .with("StartTime", time::moment(info.start_time.as_ref(), style))
        .with("ExecutionTime", time::moment(info.execution_time.as_ref(), style))
        .with("CloseTime", time::moment(info.close_time.as_ref(), style))
        .with("Memo", info.memo.as_ref().map(|memo| payload::fields(&memo.fields)).unwrap_or_default())
        .with(
            "SearchAttributes",
            info.search_attributes.as_ref().map(|all| payload::fields(&all.indexed_fields)).unwrap_or_default(),
        )
        .with_number("StateTransitionCount", info.state_transition_count)
        .with_number("HistoryLength", info.history_length)
        .with_number("HistorySize", info.history_size_bytes)
        .with("ParentWorkflowId", parent.workflow_id)
        .with("ParentRunId", parent.run_id)
        // The root of an execution without a parent is itself.
        .with("RootWorkflowId", if root.workflow_id == run.workflow_id { String::new() } else { root.workflow_id })
        .with_number("PriorityKey", info.priority.as_ref().map_or(0, |priority| i64::from(priority.priority_key)))
}

fn extended_info(info: &WorkflowExecutionExtendedInfo, style: &Style) -> Card {
    Card::default()
        .with("CancelRequested", info.cancel_requested.to_string())
        .with("ExecutionExpirationTime", time::moment(info.execution_expiration_time.as_ref(), style))
        .with("RunExpirationTime", time::moment(info.run_expiration_time.as_ref(), style))
        .with("LastResetTime", time::moment(info.last_reset_time.as_ref(), style))
        .with("OriginalStartTime", time::moment(info.original_start_time.as_ref(), style))
        .with("ResetRunId", info.reset_run_id.clone())
}

fn configuration(answer: &DescribeWorkflowExecutionResponse) -> Card {
    let config = answer.execution_config.clone().unwrap_or_default();
    let words = config.user_metadata.unwrap_or_default();
    // A timeout of zero is none.
    let timeout =
        |duration: Option<prost_types::Duration>| duration.filter(|duration| duration.seconds != 0 || duration.nanos != 0);
    Card::default()
        .with("ExecutionTimeout", time::proto_span(timeout(config.workflow_execution_timeout).as_ref()))
        .with("RunTimeout", time::proto_span(timeout(config.workflow_run_timeout).as_ref()))
        .with("TaskTimeout", time::proto_span(timeout(config.default_workflow_task_timeout).as_ref()))
        .with("StaticSummary", words.summary.as_ref().map(payload::text).unwrap_or_default())
        .with("StaticDetails", words.details.as_ref().map(payload::text).unwrap_or_default())
}

fn pending_activity(activity: &PendingActivityInfo, style: &Style) -> Card {
    let state = PendingActivityState::try_from(activity.state).unwrap_or_default();
    let limit = activity.maximum_attempts;
    Card::default()
        .with("ActivityId", activity.activity_id.clone())
        .with("Type", activity.activity_type.as_ref().map(|kind| kind.name.clone()).unwrap_or_default())
        .with("State", names::camel(state.as_str_name(), "PENDING_ACTIVITY_STATE_"))
        .with("Attempt", activity.attempt.to_string())
        .with("MaximumAttempts", if limit == 0 { "unlimited".to_owned() } else { limit.to_string() })
        .with("ScheduledTime", time::moment(activity.scheduled_time.as_ref(), style))
        .with("LastStartedTime", time::moment(activity.last_started_time.as_ref(), style))
        .with("LastHeartbeatTime", time::moment(activity.last_heartbeat_time.as_ref(), style))
        .with("NextAttemptTime", time::moment(activity.next_attempt_schedule_time.as_ref(), style))
        .with("ExpirationTime", time::moment(activity.expiration_time.as_ref(), style))
        .with("LastFailure", activity.last_failure.as_ref().map(failure::text).unwrap_or_default())
        .with("LastWorkerIdentity", activity.last_worker_identity.clone())
        .with("LastHeartbeatDetails", payload::lines(activity.heartbeat_details.as_ref()))
}

fn pending_child(child: &PendingChildExecutionInfo) -> Card {
    let policy = ParentClosePolicy::try_from(child.parent_close_policy).unwrap_or_default();
    Card::default()
        .with("WorkflowId", child.workflow_id.clone())
        .with("RunId", child.run_id.clone())
        .with("Type", child.workflow_type_name.clone())
        .with_number("InitiatedEventId", child.initiated_id)
        .with("ParentClosePolicy", names::camel(policy.as_str_name(), "PARENT_CLOSE_POLICY_"))
}

/// The points to which an execution can be reset.
pub(crate) fn reset_points(points: &[ResetPointInfo], style: &Style) -> String {
    let rows: Vec<[Cell; 4]> = points
        .iter()
        .map(|point| {
            let created = time::moment(point.create_time.as_ref(), style);
            let event = point.first_workflow_task_completed_id.to_string();
            [point.build_id.as_str().into(), created.into(), point.run_id.as_str().into(), event.into()]
        })
        .collect();
    let heading = style.heading(&format!("Auto Reset Points: {}", points.len()));
    heading + &table(["BuildId", "CreateTime", "RunId", "EventId"], &rows, !rows.is_empty(), style)
}

#[cfg(test)]
mod tests {
    use proto::temporal::api::common::v1::{ActivityType, SearchAttributes, WorkflowExecution, WorkflowType};
    use proto::temporal::api::failure::v1::Failure;
    use serde_json::json;

    use super::*;
    use crate::args::TimeFormat;
    use crate::args::payload::json_payload;
    use crate::render::style::tests::plain;

    fn at(seconds: i64) -> Option<prost_types::Timestamp> {
        Some(prost_types::Timestamp { seconds: 1_767_225_600 - seconds, nanos: 0 })
    }

    fn running() -> DescribeWorkflowExecutionResponse {
        let info = WorkflowExecutionInfo {
            execution: Some(WorkflowExecution { workflow_id: "order-1".to_owned(), run_id: "r1".to_owned() }),
            root_execution: Some(WorkflowExecution { workflow_id: "order-1".to_owned(), run_id: "r1".to_owned() }),
            r#type: Some(WorkflowType { name: "Order".to_owned() }),
            task_queue: "orders".to_owned(),
            status: 1,
            start_time: at(120),
            history_length: 6,
            search_attributes: Some(SearchAttributes { indexed_fields: [("K".to_owned(), json_payload(&json!("v")))].into() }),
            ..WorkflowExecutionInfo::default()
        };
        let activity = PendingActivityInfo {
            activity_id: "5".to_owned(),
            activity_type: Some(ActivityType { name: "Pay".to_owned() }),
            state: 1,
            attempt: 2,
            maximum_attempts: 5,
            last_failure: Some(Failure { message: "down".to_owned(), ..Failure::default() }),
            ..PendingActivityInfo::default()
        };
        DescribeWorkflowExecutionResponse {
            workflow_execution_info: Some(info),
            pending_activities: vec![activity],
            ..DescribeWorkflowExecutionResponse::default()
        }
    }

    #[test]
    fn a_running_execution_shows_what_it_waits_for() {
        assert_eq!(
            text(&running(), "default", &plain(TimeFormat::Relative)),
            "Execution Info:\n  WorkflowId        order-1\n  RunId             r1\n  Type              Order\n  \
             Namespace         default\n  TaskQueue         orders\n  Status            Running\n  \
             StartTime         2 minutes ago\n  SearchAttributes  K: \"v\"\n  HistoryLength     6\n\n\
             Pending Activities: 1\n  ActivityId       5\n  Type             Pay\n  State            Scheduled\n  \
             Attempt          2\n  MaximumAttempts  5\n  LastFailure      down\n\nPending Child Workflows: 0\n"
        );
    }

    #[test]
    fn a_closed_execution_waits_for_nothing() {
        let mut answer = running();
        answer.workflow_execution_info.as_mut().unwrap().close_time = at(60);
        answer.pending_activities.clear();
        let text = text(&answer, "default", &plain(TimeFormat::Iso));
        assert!(text.contains("CloseTime         2025-12-31T23:59:00Z"));
        assert!(!text.contains("Pending"));
    }
}
