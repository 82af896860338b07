//! SignalWorkflowExecution.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::{execution, link, size, text};

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::SignalWorkflowExecutionRequest,
) -> Result<wire::SignalWorkflowExecutionResponse, Error> {
    let limits = &call.limits;
    let chain = execution::chain(call.reference().id, request.workflow_execution.as_ref(), limits)?;
    text::required("SignalName", &request.signal_name, limits)?;
    text::caller(&request.identity, &request.request_id, limits)?;
    size::blob(request.input.as_ref(), limits)?;
    size::header(request.header.as_ref(), limits)?;
    link::check(&request.links, &api.options)?;
    api.ports.history.owner(&chain)?.signal_workflow(&call.context, call.reference(), request, None).await
}
