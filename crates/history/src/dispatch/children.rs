//! Children: started in two steps (the child, then its first workflow task, once the parent knows its run), and closed by
//! policy when the parent ends.

use std::sync::Arc;

use history_engine::{ChildStarted, Input, Run, Task};
use model::{RunId, RunKey};
use proto::aevum::persistence::v1::Child;
use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::enums::v1::{
    ParentClosePolicy, StartChildWorkflowExecutionFailedCause as Cause, WorkflowIdConflictPolicy,
};
use proto::temporal::api::history::v1::StartChildWorkflowExecutionInitiatedEventAttributes as Initiated;
use proto::temporal::api::history::v1::history_event::Attributes;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;
use rpc::services::history::Initiator;

use super::{Done, IDENTITY, context, initiator, is_final, owed, target_namespace, tell, to};
use crate::chain::Cell;
use crate::shell::Shell;

fn initiated(child: &Child) -> Option<&Initiated> {
    match child.initiated_event.as_ref()?.attributes.as_ref()? {
        Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(of) => Some(of),
        _ => None,
    }
}

/// Starts a child, and tells the parent.
pub(super) async fn start(shell: &Arc<Shell>, cell: &Arc<Cell>, task: &Task, run: RunId, id: i64) -> Done {
    let read = owed(cell, task, |parent| {
        let child = parent.child(id)?;
        let of = initiated(child)?;
        let version = child.initiated_event.as_ref().map_or(0, |event| event.version);
        let namespace = target_namespace(shell, cell, &of.namespace_id);
        let from = initiator(shell, cell, parent, id, version, false)?;
        let metadata = child.initiated_event.as_ref().and_then(|event| event.user_metadata.clone());
        Some((namespace, request(of, &child.request_id, metadata), from, of.parent_close_policy()))
    });
    let Some((namespace, request, from, policy)) = read else { return Done::Yes };
    let Some(namespace) = namespace else { return started(shell, cell, run, id, Err(Cause::NamespaceNotFound)).await };
    let Ok(chain) = crate::wire::chain(&namespace, &request.workflow_id) else { return Done::Retry };
    let Ok(peer) = shell.ports.history.owner(&chain) else { return Done::Retry };
    let mut request = request;
    request.namespace = namespace.name.to_string();
    match peer.start_workflow(&context(), &namespace, request, Some(from)).await {
        Ok(answer) => match RunId::parse(&answer.run_id) {
            Ok(child) => {
                let done = started(shell, cell, run, id, Ok(child)).await;
                if policy == ParentClosePolicy::Abandon && !is_open(cell, run) {
                    // The parent closed meanwhile and takes no note of the start: nobody else would set the child going.
                    let child = RunKey { chain, run: child };
                    return match peer.schedule_first_workflow_task(&context(), &namespace, child).await {
                        Err(error) if !is_final(&error) => Done::Retry,
                        _ => tell(shell, cell, Input::ChildFirstTaskScheduled(to(run, id))).await,
                    };
                }
                done
            }
            Err(_) => Done::Retry,
        },
        Err(rpc::Error::WorkflowAlreadyStarted { .. }) => started(shell, cell, run, id, Err(Cause::WorkflowAlreadyExists)).await,
        Err(rpc::Error::NamespaceNotFound(_)) => started(shell, cell, run, id, Err(Cause::NamespaceNotFound)).await,
        Err(error) => {
            if is_final(&error) {
                tracing::warn!(chain = %cell.key, %error, "a child cannot be started; trying again");
            }
            Done::Retry
        }
    }
}

fn is_open(cell: &Cell, run: RunId) -> bool {
    let state = cell.lock();
    state.resident.as_ref().and_then(|resident| resident.chain.run(run)).is_some_and(Run::is_open)
}

async fn started(shell: &Arc<Shell>, cell: &Arc<Cell>, run: RunId, id: i64, outcome: Result<RunId, Cause>) -> Done {
    let failed = outcome.is_err();
    let done = tell(shell, cell, Input::ChildStarted(Box::new(ChildStarted { to: to(run, id), outcome }))).await;
    if failed && matches!(done, Done::Yes) && !is_open(cell, run) {
        // A closed parent has no ear for that, but need not wait for the child any longer.
        return tell(shell, cell, Input::ChildFirstTaskScheduled(to(run, id))).await;
    }
    done
}

fn request(
    of: &Initiated,
    request_id: &str,
    user_metadata: Option<proto::temporal::api::sdk::v1::UserMetadata>,
) -> api::StartWorkflowExecutionRequest {
    api::StartWorkflowExecutionRequest {
        workflow_id: of.workflow_id.clone(),
        workflow_type: of.workflow_type.clone(),
        task_queue: of.task_queue.clone(),
        input: of.input.clone(),
        workflow_execution_timeout: of.workflow_execution_timeout,
        workflow_run_timeout: of.workflow_run_timeout,
        workflow_task_timeout: of.workflow_task_timeout,
        identity: IDENTITY.to_owned(),
        request_id: request_id.to_owned(),
        workflow_id_reuse_policy: of.workflow_id_reuse_policy,
        workflow_id_conflict_policy: WorkflowIdConflictPolicy::Fail as i32,
        retry_policy: of.retry_policy.clone(),
        cron_schedule: of.cron_schedule.clone(),
        memo: of.memo.clone(),
        search_attributes: of.search_attributes.clone(),
        header: of.header.clone(),
        priority: of.priority.clone(),
        user_metadata,
        ..Default::default()
    }
}

/// Has a started child schedule its first workflow task, and tells the parent.
pub(super) async fn schedule_first_task(shell: &Arc<Shell>, cell: &Arc<Cell>, task: &Task, run: RunId, id: i64) -> Done {
    let read = owed(cell, task, |parent| {
        let child = parent.child(id)?;
        let of = initiated(child)?;
        Some((target_namespace(shell, cell, &of.namespace_id), of.workflow_id.clone(), child.run_id.clone()))
    });
    let Some((namespace, workflow_id, child)) = read else { return Done::Yes };
    let acknowledged = Input::ChildFirstTaskScheduled(to(run, id));
    let (Some(namespace), Ok(child)) = (namespace, RunId::parse(&child)) else { return tell(shell, cell, acknowledged).await };
    let Ok(chain) = crate::wire::chain(&namespace, &workflow_id) else { return tell(shell, cell, acknowledged).await };
    let Ok(peer) = shell.ports.history.owner(&chain) else { return Done::Retry };
    match peer.schedule_first_workflow_task(&context(), &namespace, RunKey { chain, run: child }).await {
        Ok(()) => tell(shell, cell, acknowledged).await,
        Err(error) if is_final(&error) => tell(shell, cell, acknowledged).await,
        Err(_) => Done::Retry,
    }
}

/// Applies the parent close policy to a child.
///
/// A start that is on its way arrives first: a child that is not there yet cannot be closed, and one that came after it was to
/// be closed would stay for ever.
pub(super) async fn close(shell: &Arc<Shell>, cell: &Arc<Cell>, task: &Task, run: RunId, id: i64) -> Done {
    if is_in_progress(cell, &Task::StartChild { run, initiated_event_id: id }) {
        return Done::Retry;
    }
    let read = owed(cell, task, |parent| {
        let child = parent.children_to_close().get(&id)?;
        let of = initiated(child)?;
        let from = initiator(shell, cell, parent, id, 0, true)?;
        let child_of = WorkflowExecution { workflow_id: of.workflow_id.clone(), run_id: String::new() };
        Some((target_namespace(shell, cell, &of.namespace_id), of.parent_close_policy(), child_of, child.run_id.clone(), from))
    });
    let Some((namespace, policy, child, first_run, from)) = read else { return Done::Yes };
    if let Some(namespace) = namespace {
        match close_child(shell, &namespace, policy, child, first_run, from).await {
            Ok(()) => {}
            Err(error) if is_final(&error) => {}
            Err(_) => return Done::Retry,
        }
    }
    tell(shell, cell, Input::ChildClosePolicyApplied(to(run, id))).await
}

fn is_in_progress(cell: &Cell, task: &Task) -> bool {
    cell.lock().resident.as_ref().is_some_and(|resident| resident.dispatching.contains_key(task))
}

async fn close_child(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    policy: ParentClosePolicy,
    child: WorkflowExecution,
    first_execution_run_id: String,
    from: Initiator,
) -> Result<(), rpc::Error> {
    const REASON: &str = "by parent close policy";
    let peer = shell.ports.history.owner(&crate::wire::chain(namespace, &child.workflow_id)?)?;
    match policy {
        ParentClosePolicy::Abandon => Ok(()),
        ParentClosePolicy::RequestCancel => {
            let request = api::RequestCancelWorkflowExecutionRequest {
                namespace: namespace.name.to_string(),
                workflow_execution: Some(child),
                identity: IDENTITY.to_owned(),
                request_id: format!("{}:{}", from.execution.run_id, from.initiated_event_id),
                first_execution_run_id,
                reason: REASON.to_owned(),
                ..Default::default()
            };
            peer.request_cancel_workflow(&context(), namespace, request, Some(from)).await.map(|_| ())
        }
        ParentClosePolicy::Terminate | ParentClosePolicy::Unspecified => {
            let request = api::TerminateWorkflowExecutionRequest {
                namespace: namespace.name.to_string(),
                workflow_execution: Some(child),
                reason: REASON.to_owned(),
                identity: IDENTITY.to_owned(),
                first_execution_run_id,
                ..Default::default()
            };
            peer.terminate_workflow(&context(), namespace, request, Some(from)).await.map(|_| ())
        }
    }
}

/// The child's first run, for whoever reports on it.
pub(super) fn first_run_id(run: &Run) -> String {
    crate::visibility::started(run).map(|of| of.first_execution_run_id.clone()).unwrap_or_default()
}
