//! RecordActivityTaskHeartbeatById: an activity is alive, by its ids.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;
use rpc::services::history::Heartbeat;

use super::{record_activity_task_heartbeat, task_owner};
use crate::api::Api;
use crate::gate::Call;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::RecordActivityTaskHeartbeatByIdRequest,
) -> Result<wire::RecordActivityTaskHeartbeatByIdResponse, Error> {
    let task_token = task_owner::token_by_id(call, &request.workflow_id, &request.run_id, &request.activity_id)?;
    let by_token = wire::RecordActivityTaskHeartbeatRequest {
        task_token,
        details: request.details,
        identity: request.identity,
        namespace: request.namespace,
        ..Default::default()
    };
    let Heartbeat { cancel_requested, activity_paused, activity_reset } =
        record_activity_task_heartbeat::beat(api, call, by_token).await?;
    Ok(wire::RecordActivityTaskHeartbeatByIdResponse { cancel_requested, activity_paused, activity_reset })
}
