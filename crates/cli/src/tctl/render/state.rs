//! The state of one execution as tctl's JSON: what the API answers, with values of search attributes, failures and details
//! of heartbeats made readable.

use std::collections::BTreeMap;

use prost::{Message, Name};
use proto::temporal::api::enums::v1::{PendingActivityState, TimeoutType, WorkflowExecutionStatus};
use proto::temporal::api::failure::v1::Failure;
use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::workflow::v1::{PendingActivityInfo, ResetPointInfo, WorkflowExecutionInfo};
use proto::temporal::api::workflowservice::v1::DescribeWorkflowExecutionResponse;
use serde::Serialize;

use super::grid::{Lines, grid};
use super::{executions, go, structure};
use crate::render::json::{self, Json, PayloadForm};
use crate::render::names;
use crate::render::style::Style;
use crate::render::table::Cell;

/// An execution.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct State {
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_config: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow_execution_info: Option<Info>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pending_activities: Vec<Activity>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pending_children: Vec<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_workflow_task: Option<Json>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    #[serde(skip_serializing_if = "Option::is_none")]
    execution: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close_time: Option<Json>,
    #[serde(skip_serializing_if = "String::is_empty")]
    status: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    history_length: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    parent_namespace_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_execution: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memo: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search_attributes: Option<Attributes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_reset_points: Option<Json>,
    #[serde(skip_serializing_if = "String::is_empty")]
    state_transition_count: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    indexed_fields: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Activity {
    activity_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    activity_type: Option<Json>,
    state: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    heartbeat_details: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_heartbeat_time: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_started_time: Option<Json>,
    #[serde(skip_serializing_if = "is_zero")]
    attempt: i32,
    #[serde(skip_serializing_if = "is_zero")]
    maximum_attempts: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_time: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_time: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failure: Option<Reason>,
    #[serde(skip_serializing_if = "String::is_empty")]
    last_worker_identity: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(number: &i32) -> bool {
    *number == 0
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reason {
    #[serde(skip_serializing_if = "String::is_empty")]
    message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    source: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    stack_trace: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Box<Reason>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    failure_type: String,
}

impl State {
    /// From the API's answer.
    pub(crate) fn of(answer: &DescribeWorkflowExecutionResponse) -> Self {
        Self {
            execution_config: part(&answer.execution_config),
            workflow_execution_info: answer.workflow_execution_info.as_ref().map(Info::of),
            pending_activities: answer.pending_activities.iter().map(Activity::of).collect(),
            pending_children: answer
                .pending_children
                .iter()
                .filter_map(|child| json::of(child, PayloadForm::Tctl).ok())
                .collect(),
            pending_workflow_task: part(&answer.pending_workflow_task),
        }
    }
}

/// A part as the API has it.
fn part<M: Message + Name>(message: &Option<M>) -> Option<Json> {
    message.as_ref().and_then(|message| json::of(message, PayloadForm::Tctl).ok())
}

/// 64-bit numbers are strings in the API's JSON, and zero is left out.
fn number(number: i64) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}

impl Info {
    fn of(info: &WorkflowExecutionInfo) -> Self {
        let attributes = info.search_attributes.as_ref().filter(|all| !all.indexed_fields.is_empty());
        let status = WorkflowExecutionStatus::try_from(info.status).unwrap_or_default();
        let named = status != WorkflowExecutionStatus::Unspecified;
        Self {
            execution: part(&info.execution),
            r#type: part(&info.r#type),
            start_time: part(&info.start_time),
            close_time: part(&info.close_time),
            status: if named { names::short("WorkflowExecutionStatus", status.as_str_name()) } else { String::new() },
            history_length: number(info.history_length),
            parent_namespace_id: info.parent_namespace_id.clone(),
            parent_execution: part(&info.parent_execution),
            memo: part(&info.memo),
            search_attributes: attributes.map(|all| Attributes {
                indexed_fields: all
                    .indexed_fields
                    .iter()
                    .map(|(name, payload)| (name.clone(), executions::attribute(payload)))
                    .collect(),
            }),
            auto_reset_points: part(&info.auto_reset_points),
            state_transition_count: number(info.state_transition_count),
        }
    }
}

impl Activity {
    fn of(activity: &PendingActivityInfo) -> Self {
        let state = PendingActivityState::try_from(activity.state).unwrap_or_default();
        Self {
            activity_id: activity.activity_id.clone(),
            activity_type: part(&activity.activity_type),
            state: names::short("PendingActivityState", state.as_str_name()),
            heartbeat_details: structure::payloads(activity.heartbeat_details.as_ref()),
            last_heartbeat_time: part(&activity.last_heartbeat_time),
            last_started_time: part(&activity.last_started_time),
            attempt: activity.attempt,
            maximum_attempts: activity.maximum_attempts,
            scheduled_time: part(&activity.scheduled_time),
            expiration_time: part(&activity.expiration_time),
            last_failure: activity.last_failure.as_ref().map(Reason::of),
            last_worker_identity: activity.last_worker_identity.clone(),
        }
    }
}

impl Reason {
    fn of(failure: &Failure) -> Self {
        Self {
            message: failure.message.clone(),
            source: failure.source.clone(),
            stack_trace: failure.stack_trace.clone(),
            cause: failure.cause.as_deref().map(|cause| Box::new(Self::of(cause))),
            failure_type: failure.failure_info.as_ref().map(failure_type).unwrap_or_default(),
        }
    }

    fn line(&self) -> String {
        let fields = [
            ("message", &self.message),
            ("source", &self.source),
            ("stack_trace", &self.stack_trace),
            ("failure_type", &self.failure_type),
        ];
        let said = fields.iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| format!("{name}:{text:?}"));
        let cause = self.cause.as_deref().map(|cause| format!("cause:<{}>", cause.line()));
        said.chain(cause).collect::<Vec<_>>().join(" ")
    }
}

/// A failure on one line.
pub(crate) fn failure_line(failure: &Failure) -> String {
    Reason::of(failure).line()
}

fn failure_type(info: &FailureInfo) -> String {
    use FailureInfo as Info;
    match info {
        Info::ApplicationFailureInfo(_) => "Failure_ApplicationFailureInfo".to_owned(),
        Info::TimeoutFailureInfo(info) => {
            let kind = TimeoutType::try_from(info.timeout_type).unwrap_or_default();
            format!("Failure_TimeoutFailureInfo: {}", names::short("TimeoutType", kind.as_str_name()))
        }
        Info::CanceledFailureInfo(_) => "Failure_CanceledFailureInfo".to_owned(),
        Info::TerminatedFailureInfo(_) => "Failure_TerminatedFailureInfo".to_owned(),
        Info::ServerFailureInfo(_) => "Failure_ServerFailureInfo".to_owned(),
        Info::ResetWorkflowFailureInfo(_) => "Failure_ResetWorkflowFailureInfo".to_owned(),
        Info::ActivityFailureInfo(_) => "Failure_ActivityFailureInfo".to_owned(),
        Info::ChildWorkflowExecutionFailureInfo(_) => "Failure_ChildWorkflowExecutionFailureInfo".to_owned(),
        Info::NexusOperationExecutionFailureInfo(_) => "Failure_NexusOperationExecutionFailureInfo".to_owned(),
        Info::NexusHandlerFailureInfo(_) => "Failure_NexusHandlerFailureInfo".to_owned(),
    }
}

/// The points to which an execution could be reset.
pub(crate) fn reset_points(points: &[ResetPointInfo], style: &Style) -> String {
    let rows: Vec<Vec<Cell>> = points
        .iter()
        .map(|point| {
            #[expect(deprecated, reason = "tctl's column is this one")]
            let checksum = point.binary_checksum.as_str();
            let time = go::raw_time(point.create_time.as_ref());
            let event = point.first_workflow_task_completed_id.to_string();
            vec![checksum.into(), time.into(), point.run_id.as_str().into(), event.into()]
        })
        .collect();
    let heads = ["Binary Checksum", "Create Time", "RunId", "EventId"];
    "Auto Reset Points:\n".to_owned() + &grid(&heads, &rows, Lines::Framed, style)
}
