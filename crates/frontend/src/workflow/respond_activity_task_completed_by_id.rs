//! RespondActivityTaskCompletedById: an activity's result, by its ids.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use super::{respond_activity_task_completed, task_owner};
use crate::api::Api;
use crate::gate::Call;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::RespondActivityTaskCompletedByIdRequest,
) -> Result<wire::RespondActivityTaskCompletedByIdResponse, Error> {
    let task_token = task_owner::token_by_id(call, &request.workflow_id, &request.run_id, &request.activity_id)?;
    let by_token = wire::RespondActivityTaskCompletedRequest {
        task_token,
        result: request.result,
        identity: request.identity,
        namespace: request.namespace,
        ..Default::default()
    };
    respond_activity_task_completed::complete(api, call, by_token).await?;
    Ok(wire::RespondActivityTaskCompletedByIdResponse {})
}
