//! SignalExternalWorkflowExecution.

use model::RunId;
use prost::Message;
use proto::temporal::api::command::v1::{Command, SignalExternalWorkflowExecutionCommandAttributes};
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use proto::temporal::api::history::v1::{SignalExternalWorkflowExecutionInitiatedEventAttributes, history_event::Attributes};

use super::{Batch, CommandFailure, checks, pending_limit, same_namespace};
use crate::turn::Turn;

/// How texts call it.
const COMMAND: &str = "SignalExternalWorkflowExecutionCommand";

#[expect(deprecated, reason = "old workers still send a namespace and a control text, and read them back")]
pub(super) fn run(
    turn: &mut Turn<'_>,
    batch: &mut Batch<'_>,
    command: &Command,
    of: &SignalExternalWorkflowExecutionCommandAttributes,
) -> Result<(), CommandFailure> {
    let (env, limits) = (turn.env, &turn.env.limits);
    check(of, &env.namespace.name, limits.id_bytes)
        .map_err(|why| CommandFailure::new(Cause::BadSignalWorkflowExecutionAttributes, why))?;
    let pending = turn.chain.run(batch.run).map_or(0, |run| run.external_signals().len());
    let what = "pending signals to external workflows";
    pending_limit(pending, limits.pending_signals, what, Cause::PendingSignalsLimitExceeded)?;
    if of.input.as_ref().is_some_and(|input| input.encoded_len() > limits.blob_error_bytes) {
        let why = "SignalExternalWorkflowExecutionCommandAttributes.Input exceeds size limit.";
        return Err(CommandFailure::terminating(Cause::BadSignalWorkflowExecutionAttributes, why));
    }
    let initiated = SignalExternalWorkflowExecutionInitiatedEventAttributes {
        workflow_task_completed_event_id: batch.completed_event_id,
        namespace: of.namespace.clone(),
        namespace_id: env.namespace.id.clone(),
        workflow_execution: of.execution.clone(),
        signal_name: of.signal_name.clone(),
        input: of.input.clone(),
        control: of.control.clone(),
        child_workflow_only: of.child_workflow_only,
        header: of.header.clone(),
    };
    let attributes = Attributes::SignalExternalWorkflowExecutionInitiatedEventAttributes(initiated);
    turn.command_event(batch.run, command, attributes);
    Ok(())
}

#[expect(deprecated, reason = "old workers still send a namespace")]
fn check(of: &SignalExternalWorkflowExecutionCommandAttributes, own_namespace: &str, limit: usize) -> Result<(), String> {
    let Some(target) = &of.execution else { return Err(format!("Execution is not set on {COMMAND}.")) };
    let (ns, id, run, name) = (&of.namespace, &target.workflow_id, &target.run_id, &of.signal_name);
    same_namespace(ns, own_namespace)?;
    if id.is_empty() {
        return Err(format!("WorkflowId is not set on {COMMAND}. Namespace={ns} RunId={run} SignalName={name}"));
    }
    if id.len() > limit {
        return Err(format!(
            "WorkflowId on {COMMAND} exceeds length limit. WorkflowId={id} Length={} Limit={limit} Namespace={ns} RunId={run} SignalName={name}",
            id.len()
        ));
    }
    if !run.is_empty() && RunId::parse(run).is_err() {
        return Err(format!("Invalid RunId set on {COMMAND}. WorkflowId={id} Namespace={ns} RunId={run} SignalName={name}"));
    }
    if name.is_empty() {
        return Err(format!("SignalName is not set on {COMMAND}. WorkflowId={id} Namespace={ns} RunId={run}"));
    }
    checks::storable(id, "WorkflowId", COMMAND)
}
