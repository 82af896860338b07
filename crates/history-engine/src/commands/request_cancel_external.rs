//! RequestCancelExternalWorkflowExecution.

use model::RunId;
use proto::temporal::api::command::v1::{Command, RequestCancelExternalWorkflowExecutionCommandAttributes};
use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use proto::temporal::api::history::v1::{
    RequestCancelExternalWorkflowExecutionInitiatedEventAttributes, history_event::Attributes,
};

use super::{Batch, CommandFailure, checks, pending_limit, same_namespace};
use crate::state::Run;
use crate::state::children::initiated;
use crate::turn::Turn;

/// How texts call it.
const COMMAND: &str = "RequestCancelExternalWorkflowExecutionCommand";

#[expect(deprecated, reason = "old workers still send a namespace and a control text, and read them back")]
pub(super) fn run(
    turn: &mut Turn<'_>,
    batch: &mut Batch<'_>,
    command: &Command,
    of: &RequestCancelExternalWorkflowExecutionCommandAttributes,
) -> Result<(), CommandFailure> {
    let (env, limits) = (turn.env, &turn.env.limits);
    let Some(owner) = turn.chain.run(batch.run) else { return Ok(()) };
    check(of, &env.namespace.name, limits.id_bytes)
        .and_then(|()| check_not_new(of, owner, batch.completed_event_id))
        .map_err(|why| CommandFailure::new(Cause::BadRequestCancelExternalWorkflowExecutionAttributes, why))?;
    let pending = owner.external_cancels().len();
    let what = "pending requests to cancel external workflows";
    pending_limit(pending, limits.pending_cancels, what, Cause::PendingRequestCancelLimitExceeded)?;
    let initiated = RequestCancelExternalWorkflowExecutionInitiatedEventAttributes {
        workflow_task_completed_event_id: batch.completed_event_id,
        namespace: of.namespace.clone(),
        namespace_id: env.namespace.id.clone(),
        workflow_execution: Some(WorkflowExecution { workflow_id: of.workflow_id.clone(), run_id: of.run_id.clone() }),
        control: of.control.clone(),
        child_workflow_only: of.child_workflow_only,
        reason: of.reason.clone(),
    };
    let attributes = Attributes::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(initiated);
    turn.command_event(batch.run, command, attributes);
    Ok(())
}

#[expect(deprecated, reason = "old workers still send a namespace")]
fn check(of: &RequestCancelExternalWorkflowExecutionCommandAttributes, own_namespace: &str, limit: usize) -> Result<(), String> {
    let (ns, id, run) = (&of.namespace, &of.workflow_id, &of.run_id);
    same_namespace(ns, own_namespace)?;
    if id.is_empty() {
        return Err(format!("WorkflowId is not set on {COMMAND}. Namespace={ns} RunId={run}"));
    }
    if id.len() > limit {
        return Err(format!(
            "WorkflowId on {COMMAND} exceeds length limit. WorkflowId={id} Length={} Limit={limit} RunId={run} Namespace={ns}",
            id.len()
        ));
    }
    if !run.is_empty() && RunId::parse(run).is_err() {
        return Err(format!("Invalid RunId set on {COMMAND}. WorkflowId={id} RunId={run} Namespace={ns}"));
    }
    checks::storable(id, "WorkflowId", COMMAND)
}

/// A child that is started by the same workflow task cannot be cancelled by it: nothing says in which order both arrive.
#[expect(deprecated, reason = "old workers still send a namespace")]
fn check_not_new(
    of: &RequestCancelExternalWorkflowExecutionCommandAttributes,
    owner: &Run,
    completed_event_id: i64,
) -> Result<(), String> {
    let started_now = owner
        .children()
        .values()
        .filter_map(initiated)
        .any(|child| child.workflow_task_completed_event_id == completed_event_id && child.workflow_id == of.workflow_id);
    if !started_now {
        return Ok(());
    }
    Err(format!(
        "Start and RequestCancel for child workflow is not allowed in same workflow task. WorkflowId={} RunId={} Namespace={}",
        of.workflow_id, of.run_id, of.namespace
    ))
}
