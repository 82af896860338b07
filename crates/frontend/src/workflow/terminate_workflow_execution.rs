//! TerminateWorkflowExecution.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::{execution, link, size, text, wrong};

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::TerminateWorkflowExecutionRequest,
) -> Result<wire::TerminateWorkflowExecutionResponse, Error> {
    let limits = &call.limits;
    let chain = execution::chain(call.reference().id, request.workflow_execution.as_ref(), limits)?;
    execution::run("Invalid FirstExecutionRunId.", &request.first_execution_run_id)?;
    text::optional("Identity", &request.identity, limits)?;
    if !size::fits(Some(&request.reason), limits) {
        return Err(wrong("Blob data size exceeds limit."));
    }
    size::blob(request.details.as_ref(), limits)?;
    link::check(&request.links, &api.options)?;
    api.ports.history.owner(&chain)?.terminate_workflow(&call.context, call.reference(), request, None).await
}
