//! RespondWorkflowTaskFailed: a worker could not work on a workflow task.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use super::{oversize, task_owner};
use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::{failure, size, text};

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    mut request: wire::RespondWorkflowTaskFailedRequest,
) -> Result<wire::RespondWorkflowTaskFailedResponse, Error> {
    let history = task_owner::of_workflow_task(api, call, &request.task_token)?;
    text::optional("Identity", &request.identity, &call.limits)?;
    failure::bound(request.failure.as_mut());
    if !size::fits(request.failure.as_ref(), &call.limits) {
        request.failure = Some(oversize::failure(request.failure.take(), &call.limits));
    }
    history.workflow_task_failed(&call.context, call.reference(), request).await?;
    Ok(wire::RespondWorkflowTaskFailedResponse {})
}
