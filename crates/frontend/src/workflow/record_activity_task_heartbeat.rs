//! RecordActivityTaskHeartbeat: an activity is alive, by its token; the answer tells whether to go on.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;
use rpc::services::history::Heartbeat;

use super::{oversize, task_owner};
use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::{size, text};

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::RecordActivityTaskHeartbeatRequest,
) -> Result<wire::RecordActivityTaskHeartbeatResponse, Error> {
    let Heartbeat { cancel_requested, activity_paused, activity_reset } = beat(api, call, request).await?;
    Ok(wire::RecordActivityTaskHeartbeatResponse { cancel_requested, activity_paused, activity_reset })
}

/// Passes the heartbeat on; details that are too large fail the activity, and its worker is told to stop.
pub(super) async fn beat(api: &Api, call: &Call, request: wire::RecordActivityTaskHeartbeatRequest) -> Result<Heartbeat, Error> {
    let history = task_owner::of_activity_task(api, call, &request.task_token)?;
    text::optional("Identity", &request.identity, &call.limits)?;
    if size::fits(request.details.as_ref(), &call.limits) {
        return history.activity_heartbeat(&call.context, call.reference(), request).await;
    }
    let failed = wire::RespondActivityTaskFailedRequest {
        task_token: request.task_token,
        identity: request.identity,
        namespace: request.namespace,
        failure: Some(oversize::server_failure(oversize::HEARTBEAT)),
        ..Default::default()
    };
    history.activity_failed(&call.context, call.reference(), failed).await?;
    Ok(Heartbeat { cancel_requested: true, ..Heartbeat::default() })
}
