//! ResetStickyTaskQueue.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::execution;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::ResetStickyTaskQueueRequest,
) -> Result<wire::ResetStickyTaskQueueResponse, Error> {
    let chain = execution::chain(call.reference().id, request.execution.as_ref(), &call.limits)?;
    api.ports.history.owner(&chain)?.reset_sticky_task_queue(&call.context, call.reference(), request).await
}
