//! RespondActivityTaskFailedById: an activity's failure, by its ids.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use super::{respond_activity_task_failed, task_owner};
use crate::api::Api;
use crate::gate::Call;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::RespondActivityTaskFailedByIdRequest,
) -> Result<wire::RespondActivityTaskFailedByIdResponse, Error> {
    let task_token = task_owner::token_by_id(call, &request.workflow_id, &request.run_id, &request.activity_id)?;
    let by_token = wire::RespondActivityTaskFailedRequest {
        task_token,
        failure: request.failure,
        identity: request.identity,
        namespace: request.namespace,
        last_heartbeat_details: request.last_heartbeat_details,
        ..Default::default()
    };
    let failures = respond_activity_task_failed::fail(api, call, by_token).await?;
    Ok(wire::RespondActivityTaskFailedByIdResponse { failures })
}
