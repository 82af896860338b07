//! RespondActivityTaskCanceledById: an activity gave in to its cancellation, by its ids.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use super::{respond_activity_task_canceled, task_owner};
use crate::api::Api;
use crate::gate::Call;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::RespondActivityTaskCanceledByIdRequest,
) -> Result<wire::RespondActivityTaskCanceledByIdResponse, Error> {
    let task_token = task_owner::token_by_id(call, &request.workflow_id, &request.run_id, &request.activity_id)?;
    let by_token = wire::RespondActivityTaskCanceledRequest {
        task_token,
        details: request.details,
        identity: request.identity,
        namespace: request.namespace,
        ..Default::default()
    };
    respond_activity_task_canceled::cancel(api, call, by_token).await?;
    Ok(wire::RespondActivityTaskCanceledByIdResponse {})
}
