//! RecordWorkerHeartbeat: accepted, so that workers go on, and not kept: the registry of workers is not built, and the
//! namespace's capabilities do not ask workers to report.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use crate::api::Api;
use crate::gate::Call;

pub(crate) async fn call(
    _api: &Api,
    _call: &Call,
    _request: wire::RecordWorkerHeartbeatRequest,
) -> Result<wire::RecordWorkerHeartbeatResponse, Error> {
    Ok(wire::RecordWorkerHeartbeatResponse {})
}
