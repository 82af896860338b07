//! DescribeWorkflowExecution: everything that the state knows.

use std::sync::Arc;

use history_engine::Run;
use model::Timestamp;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::activity::v1::ActivityOptions;
use proto::temporal::api::common::v1::{Memo, SearchAttributes};
use proto::temporal::api::enums::v1::{EventType, PendingActivityState, PendingWorkflowTaskState, TaskQueueKind};
use proto::temporal::api::history::v1::{
    ActivityTaskScheduledEventAttributes, WorkflowExecutionStartedEventAttributes, history_event::Attributes,
};
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflow::v1 as workflow;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;

use super::get_history::missing;
use crate::chain::Class;
use crate::shell::Shell;
use crate::visibility::started;
use crate::wire::{duration, proto_duration, proto_timestamp, timestamp};

pub(crate) async fn call(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    request: api::DescribeWorkflowExecutionRequest,
) -> Result<api::DescribeWorkflowExecutionResponse, rpc::Error> {
    let (key, named) = crate::wire::execution(namespace, request.execution.as_ref())?;
    shell.admit(&key, Class::Ongoing)?;
    let cell = shell.cache.cell(&key);
    let now = shell.ports.clock.now();
    let described = shell.read(&cell, named, |resident, id| {
        let id = id?;
        describe(resident.chain.run(id)?, now)
    });
    described.await?.ok_or_else(|| missing(&key, named))
}

fn describe(run: &Run, now: Timestamp) -> Option<api::DescribeWorkflowExecutionResponse> {
    let of = started(run)?;
    Some(api::DescribeWorkflowExecutionResponse {
        execution_config: Some(config(run, of)),
        workflow_execution_info: Some(info(run, of)),
        pending_activities: run.activities().values().filter_map(|activity| pending_activity(run, activity, now)).collect(),
        pending_children: run.children().values().filter_map(pending_child).collect(),
        pending_workflow_task: pending_workflow_task(run),
        workflow_extended_info: Some(extended(run)),
        ..Default::default()
    })
}

fn config(run: &Run, of: &WorkflowExecutionStartedEventAttributes) -> workflow::WorkflowExecutionConfig {
    let name = of.task_queue.as_ref().map(|queue| queue.name.clone()).unwrap_or_default();
    workflow::WorkflowExecutionConfig {
        task_queue: Some(TaskQueue { name, kind: TaskQueueKind::Normal as i32, normal_name: String::new() }),
        workflow_execution_timeout: of.workflow_execution_timeout,
        workflow_run_timeout: of.workflow_run_timeout,
        default_workflow_task_timeout: of.workflow_task_timeout,
        user_metadata: run.state().started_event.as_ref().and_then(|event| event.user_metadata.clone()),
    }
}

#[expect(deprecated, reason = "unversioned workers name their build here")]
fn info(run: &Run, of: &WorkflowExecutionStartedEventAttributes) -> workflow::WorkflowExecutionInfo {
    let state = run.state();
    let start_time = state.started_event.as_ref().and_then(|event| event.event_time);
    let execution_time = state.execution_time.or(start_time);
    let execution_duration = match (state.close_time.as_ref(), execution_time.as_ref()) {
        (Some(closed), Some(began)) => Some(proto_duration(timestamp(closed).since(timestamp(began)))),
        _ => None,
    };
    let execution = Some(proto::temporal::api::common::v1::WorkflowExecution {
        workflow_id: state.workflow_id.clone(),
        run_id: state.run_id.clone(),
    });
    workflow::WorkflowExecutionInfo {
        r#type: of.workflow_type.clone(),
        start_time,
        close_time: state.close_time,
        status: run.status() as i32,
        history_length: run.next_event_id() - 1 + i64::from(started_event_is_unwritten(run)),
        parent_namespace_id: of.parent_workflow_namespace_id.clone(),
        parent_execution: of.parent_workflow_execution.clone(),
        execution_time,
        memo: Some(Memo { fields: state.memo.clone() }),
        search_attributes: Some(SearchAttributes { indexed_fields: state.search_attributes.clone() }),
        auto_reset_points: (!state.reset_points.is_empty()).then(|| workflow::ResetPoints { points: state.reset_points.clone() }),
        task_queue: of.task_queue.as_ref().map(|queue| queue.name.clone()).unwrap_or_default(),
        state_transition_count: state.state_transition_count + i64::from(run.started().is_some()),
        history_size_bytes: state.history_size_bytes,
        execution_duration,
        root_execution: of.root_workflow_execution.clone().or_else(|| execution.clone()),
        execution,
        first_run_id: of.first_execution_run_id.clone(),
        priority: of.priority.clone(),
        most_recent_worker_version_stamp: state.most_recent_worker_version.clone(),
        ..Default::default()
    }
}

/// Whether a worker has a task whose Scheduled event is written, its Started event not yet: to callers it counts.
fn started_event_is_unwritten(run: &Run) -> bool {
    run.started().is_some_and(|started| started.started_event_id == run.next_event_id())
}

fn extended(run: &Run) -> workflow::WorkflowExecutionExtendedInfo {
    let state = run.state();
    let request_id_infos = run.requests().filter(|seen| seen.kind() == stored::RequestKind::Attached && seen.run_id.is_empty());
    let created =
        workflow::RequestIdInfo { event_type: EventType::WorkflowExecutionStarted as i32, event_id: 1, buffered: false };
    workflow::WorkflowExecutionExtendedInfo {
        execution_expiration_time: state.execution_expiration,
        run_expiration_time: state.run_expiration,
        cancel_requested: state.cancel_requested,
        original_start_time: state.started_event.as_ref().and_then(|event| event.event_time),
        request_id_infos: request_id_infos
            .map(|seen| {
                let info = workflow::RequestIdInfo {
                    event_type: seen.event_type,
                    event_id: seen.event_id,
                    buffered: seen.event_id == 0,
                };
                (seen.request_id.clone(), info)
            })
            .chain([(state.create_request_id.clone(), created)])
            .collect(),
        ..Default::default()
    }
}

fn pending_activity(run: &Run, activity: &stored::Activity, now: Timestamp) -> Option<workflow::PendingActivityInfo> {
    let of: &ActivityTaskScheduledEventAttributes = match activity.scheduled_event.as_ref()?.attributes.as_ref()? {
        Attributes::ActivityTaskScheduledEventAttributes(of) => of,
        _ => return None,
    };
    let state = match (activity.cancel_requested, &activity.started) {
        (true, _) => PendingActivityState::CancelRequested,
        (false, Some(_)) => PendingActivityState::Started,
        (false, None) => PendingActivityState::Scheduled,
    };
    let waits = activity.started.is_none() && activity.scheduled_time.as_ref().is_some_and(|at| timestamp(at) > now);
    let limit = duration(of.schedule_to_close_timeout.as_ref());
    let first = activity.first_scheduled_time.as_ref().map(timestamp);
    Some(workflow::PendingActivityInfo {
        activity_id: of.activity_id.clone(),
        activity_type: of.activity_type.clone(),
        state: state as i32,
        heartbeat_details: activity.heartbeat_details.clone(),
        last_heartbeat_time: run.last_heartbeat(activity.scheduled_event_id).map(proto_timestamp),
        last_started_time: activity.last_started_time.filter(|_| activity.started.is_some()),
        attempt: activity.attempt,
        maximum_attempts: of.retry_policy.as_ref().map_or(0, |policy| policy.maximum_attempts),
        scheduled_time: activity.scheduled_time,
        expiration_time: first.filter(|_| !limit.is_zero()).map(|at| proto_timestamp(at + limit)),
        last_failure: activity.last_failure.clone(),
        last_worker_identity: match &activity.started {
            Some(started) => started.identity.clone(),
            None => activity.last_worker_identity.clone(),
        },
        current_retry_interval: activity.retry_interval.filter(|_| waits),
        last_attempt_complete_time: activity.last_attempt_complete_time,
        next_attempt_schedule_time: activity.scheduled_time.filter(|_| waits),
        priority: of.priority.clone(),
        activity_options: Some(ActivityOptions {
            task_queue: of.task_queue.clone(),
            schedule_to_close_timeout: of.schedule_to_close_timeout,
            schedule_to_start_timeout: of.schedule_to_start_timeout,
            start_to_close_timeout: of.start_to_close_timeout,
            heartbeat_timeout: of.heartbeat_timeout,
            retry_policy: of.retry_policy.clone(),
            priority: of.priority.clone(),
            ..ActivityOptions::default()
        }),
        ..Default::default()
    })
}

fn pending_child(child: &stored::Child) -> Option<workflow::PendingChildExecutionInfo> {
    match child.initiated_event.as_ref()?.attributes.as_ref()? {
        Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(of) => Some(workflow::PendingChildExecutionInfo {
            workflow_id: of.workflow_id.clone(),
            run_id: child.run_id.clone(),
            workflow_type_name: of.workflow_type.as_ref().map(|of| of.name.clone()).unwrap_or_default(),
            initiated_id: child.initiated_event_id,
            parent_close_policy: of.parent_close_policy,
        }),
        _ => None,
    }
}

fn pending_workflow_task(run: &Run) -> Option<workflow::PendingWorkflowTaskInfo> {
    let task = run.state().workflow_task.as_ref()?;
    let handout = run.workflow_task_handout();
    let state = if handout.is_some() { PendingWorkflowTaskState::Started } else { PendingWorkflowTaskState::Scheduled };
    Some(workflow::PendingWorkflowTaskInfo {
        state: state as i32,
        scheduled_time: task.scheduled_time,
        original_scheduled_time: task.original_scheduled_time.or(task.scheduled_time),
        started_time: handout.and_then(|handout| handout.started_time),
        attempt: task.attempt,
    })
}
