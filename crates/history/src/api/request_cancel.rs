//! RequestCancelWorkflowExecution, by a user, another workflow or a parent close policy.

use std::sync::Arc;

use history_engine::{Input, RequestCancel};
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;
use rpc::services::history::Initiator;

use crate::chain::Class;
use crate::shell::Shell;

pub(crate) async fn call(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    request: api::RequestCancelWorkflowExecutionRequest,
    from: Option<Initiator>,
) -> Result<api::RequestCancelWorkflowExecutionResponse, rpc::Error> {
    let (key, _) = crate::wire::execution(namespace, request.workflow_execution.as_ref())?;
    let child_workflow_only = from.as_ref().is_some_and(|from| from.child_workflow_only);
    let from = from.map(|from| (from.execution, from.initiated_event_id));
    let cancel = RequestCancel { request, from, child_workflow_only };
    shell.turn(&key, &Input::RequestCancel(Box::new(cancel)), Class::Ongoing).await?;
    Ok(api::RequestCancelWorkflowExecutionResponse::default())
}
