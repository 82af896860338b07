//! TerminateWorkflowExecution and DeleteWorkflowExecution.

use std::sync::Arc;

use history_engine::{Input, Terminate};
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;
use rpc::services::history::Initiator;

use crate::chain::Class;
use crate::shell::Shell;

pub(crate) async fn call(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    request: api::TerminateWorkflowExecutionRequest,
    from: Option<Initiator>,
) -> Result<api::TerminateWorkflowExecutionResponse, rpc::Error> {
    let (key, _) = crate::wire::execution(namespace, request.workflow_execution.as_ref())?;
    let terminate = Terminate { request, from_parent: from.map(|from| from.execution) };
    shell.turn(&key, &Input::Terminate(Box::new(terminate)), Class::Ongoing).await?;
    Ok(api::TerminateWorkflowExecutionResponse::default())
}

/// Deletes a run; an open one is terminated first.
pub(crate) async fn delete(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    request: api::DeleteWorkflowExecutionRequest,
) -> Result<api::DeleteWorkflowExecutionResponse, rpc::Error> {
    let (key, run) = crate::wire::execution(namespace, request.workflow_execution.as_ref())?;
    shell.turn(&key, &Input::Delete(run), Class::Ongoing).await?;
    Ok(api::DeleteWorkflowExecutionResponse::default())
}
