//! ShutdownWorker: a worker stops, so its sticky queue goes: tasks return to the normal queue at once, and its polls end.

use model::TaskQueueKind;
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::task_queue;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::ShutdownWorkerRequest,
) -> Result<wire::ShutdownWorkerResponse, Error> {
    // A worker of activities alone has no sticky queue.
    if !request.sticky_task_queue.is_empty() {
        let queue = task_queue::name(&request.sticky_task_queue, &call.limits)?;
        let matching = api.ports.matching.owner(call.reference().id, TaskQueueKind::Workflow, &queue)?;
        matching.shutdown_worker(&call.context, call.reference(), request).await?;
    }
    Ok(wire::ShutdownWorkerResponse {})
}
