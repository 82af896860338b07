//! Which execution is meant, and the key by which its owner is found.

use model::limits::Limits;
use model::{ChainKey, NamespaceId, RunId, WorkflowId};
use proto::temporal::api::common::v1::WorkflowExecution;
use rpc::Error;

use super::{text, wrong};

/// The chain of the execution that a request names.
pub(crate) fn chain(namespace: NamespaceId, execution: Option<&WorkflowExecution>, limits: &Limits) -> Result<ChainKey, Error> {
    let execution = execution.ok_or_else(|| wrong("Execution is not set on request."))?;
    by_ids(namespace, &execution.workflow_id, &execution.run_id, limits)
}

/// The chain of a workflow id; the run id may be missing.
pub(crate) fn by_ids(namespace: NamespaceId, workflow_id: &str, run_id: &str, limits: &Limits) -> Result<ChainKey, Error> {
    let chain = by_workflow_id(namespace, workflow_id, limits)?;
    run("Invalid RunId.", run_id)?;
    Ok(chain)
}

/// The chain of a workflow id.
pub(crate) fn by_workflow_id(namespace: NamespaceId, workflow_id: &str, limits: &Limits) -> Result<ChainKey, Error> {
    text::required("WorkflowId", workflow_id, limits)?;
    let id = WorkflowId::parse(workflow_id).map_err(|error| wrong(format!("WorkflowId: {error}")))?;
    Ok(ChainKey::workflow(namespace, id))
}

/// A run id that may be missing, but must be one.
pub(crate) fn run(complaint: &str, run_id: &str) -> Result<(), Error> {
    if run_id.is_empty() || RunId::parse(run_id).is_ok() { Ok(()) } else { Err(wrong(complaint)) }
}
