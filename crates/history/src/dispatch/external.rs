//! Signals and cancel requests from one workflow to another, and their outcome home.

use std::sync::Arc;

use history_engine::{ExternalCanceled, ExternalSignaled, Input, Task};
use model::RunId;
use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::enums::v1::{
    CancelExternalWorkflowExecutionFailedCause as CancelCause, SignalExternalWorkflowExecutionFailedCause as SignalCause,
};
use proto::temporal::api::history::v1::history_event::Attributes;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::{History, NamespaceRef};

use super::{Done, IDENTITY, context, initiator, owed, target_namespace, tell, to};
use crate::chain::Cell;
use crate::shell::Shell;

/// Whether a workflow addresses itself, which never reaches anybody.
fn is_self(cell: &Cell, namespace: &NamespaceRef, target: &WorkflowExecution) -> bool {
    namespace.id == cell.key.namespace && target.workflow_id == cell.key.id.as_str()
}

/// Who owns the target.
fn peer(shell: &Shell, namespace: &NamespaceRef, target: Option<&WorkflowExecution>) -> Option<Arc<dyn History>> {
    let chain = crate::wire::chain(namespace, &target?.workflow_id).ok()?;
    shell.ports.history.owner(&chain).ok()
}

/// Signals another workflow.
pub(super) async fn signal(shell: &Arc<Shell>, cell: &Arc<Cell>, task: &Task, run: RunId, id: i64) -> Done {
    let read = owed(cell, task, |sender| {
        let pending = sender.external_signals().get(&id)?;
        let event = pending.initiated_event.as_ref()?;
        let Attributes::SignalExternalWorkflowExecutionInitiatedEventAttributes(of) = event.attributes.as_ref()? else {
            return None;
        };
        let request = api::SignalWorkflowExecutionRequest {
            workflow_execution: of.workflow_execution.clone(),
            signal_name: of.signal_name.clone(),
            input: of.input.clone(),
            identity: IDENTITY.to_owned(),
            request_id: pending.request_id.clone(),
            header: of.header.clone(),
            ..Default::default()
        };
        let from = initiator(shell, cell, sender, id, event.version, of.child_workflow_only)?;
        Some((target_namespace(shell, cell, &of.namespace_id), request, from))
    });
    let Some((namespace, mut request, from)) = read else { return Done::Yes };
    let outcome = match namespace {
        None => Err(SignalCause::NamespaceNotFound),
        Some(namespace) if request.workflow_execution.as_ref().is_some_and(|target| is_self(cell, &namespace, target)) => {
            Err(SignalCause::ExternalWorkflowExecutionNotFound)
        }
        Some(namespace) => {
            request.namespace = namespace.name.to_string();
            let Some(peer) = peer(shell, &namespace, request.workflow_execution.as_ref()) else { return Done::Retry };
            match peer.signal_workflow(&context(), &namespace, request, Some(from)).await {
                Ok(_) => Ok(()),
                Err(rpc::Error::NotFound(_)) => Err(SignalCause::ExternalWorkflowExecutionNotFound),
                Err(rpc::Error::NamespaceNotFound(_)) => Err(SignalCause::NamespaceNotFound),
                Err(rpc::Error::InvalidArgument(_)) => Err(SignalCause::SignalCountLimitExceeded),
                Err(_) => return Done::Retry,
            }
        }
    };
    tell(shell, cell, Input::ExternalSignaled(Box::new(ExternalSignaled { to: to(run, id), outcome }))).await
}

/// Asks another workflow to cancel.
pub(super) async fn cancel(shell: &Arc<Shell>, cell: &Arc<Cell>, task: &Task, run: RunId, id: i64) -> Done {
    let read = owed(cell, task, |sender| {
        let pending = sender.external_cancels().get(&id)?;
        let event = pending.initiated_event.as_ref()?;
        let Attributes::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(of) = event.attributes.as_ref()? else {
            return None;
        };
        let request = api::RequestCancelWorkflowExecutionRequest {
            workflow_execution: of.workflow_execution.clone(),
            identity: IDENTITY.to_owned(),
            request_id: pending.request_id.clone(),
            reason: of.reason.clone(),
            ..Default::default()
        };
        let from = initiator(shell, cell, sender, id, event.version, of.child_workflow_only)?;
        Some((target_namespace(shell, cell, &of.namespace_id), request, from))
    });
    let Some((namespace, mut request, from)) = read else { return Done::Yes };
    let outcome = match namespace {
        None => Err(CancelCause::NamespaceNotFound),
        Some(namespace) if request.workflow_execution.as_ref().is_some_and(|target| is_self(cell, &namespace, target)) => {
            Err(CancelCause::ExternalWorkflowExecutionNotFound)
        }
        Some(namespace) => {
            request.namespace = namespace.name.to_string();
            let Some(peer) = peer(shell, &namespace, request.workflow_execution.as_ref()) else { return Done::Retry };
            match peer.request_cancel_workflow(&context(), &namespace, request, Some(from)).await {
                Ok(_) => Ok(()),
                Err(rpc::Error::NotFound(_) | rpc::Error::InvalidArgument(_)) => {
                    Err(CancelCause::ExternalWorkflowExecutionNotFound)
                }
                Err(rpc::Error::NamespaceNotFound(_)) => Err(CancelCause::NamespaceNotFound),
                Err(_) => return Done::Retry,
            }
        }
    };
    tell(shell, cell, Input::ExternalCanceled(Box::new(ExternalCanceled { to: to(run, id), outcome }))).await
}
