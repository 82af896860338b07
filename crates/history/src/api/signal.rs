//! SignalWorkflowExecution, by a user or another workflow.

use std::sync::Arc;

use history_engine::{Input, Signal};
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;
use rpc::services::history::Initiator;

use crate::chain::Class;
use crate::shell::Shell;

pub(crate) async fn call(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    request: api::SignalWorkflowExecutionRequest,
    from: Option<Initiator>,
) -> Result<api::SignalWorkflowExecutionResponse, rpc::Error> {
    let (key, _) = crate::wire::execution(namespace, request.workflow_execution.as_ref())?;
    let class = if from.is_some() { Class::Ongoing } else { Class::New };
    let child_workflow_only = from.as_ref().is_some_and(|from| from.child_workflow_only);
    let signal = Signal { request, from: from.map(|from| from.execution), child_workflow_only };
    shell.turn(&key, &Input::Signal(Box::new(signal)), class).await?;
    Ok(api::SignalWorkflowExecutionResponse::default())
}
