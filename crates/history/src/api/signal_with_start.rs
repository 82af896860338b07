//! SignalWithStartWorkflowExecution.

use std::sync::Arc;

use history_engine::{Answer, Input};
use proto::temporal::api::enums::v1::EventType;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;

use super::link;
use crate::chain::Class;
use crate::shell::Shell;

pub(crate) async fn call(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    request: api::SignalWithStartWorkflowExecutionRequest,
) -> Result<api::SignalWithStartWorkflowExecutionResponse, rpc::Error> {
    let key = crate::wire::chain(namespace, &request.workflow_id)?;
    let request_id = request.request_id.clone();
    let answer = shell.turn(&key, &Input::SignalWithStart(Box::new(request)), Class::New).await?;
    let Answer::Started(answer) = answer else { return Err(super::unexpected()) };
    Ok(api::SignalWithStartWorkflowExecutionResponse {
        run_id: answer.run_id.to_string(),
        first_execution_run_id: answer.first_execution_run_id,
        started: answer.started,
        signal_link: Some(link::to_request(namespace, &key, answer.run_id, request_id, EventType::WorkflowExecutionSignaled)),
    })
}
