//! ListTaskQueuePartitions: a queue is not divided here, so there is one of each kind.

use proto::temporal::api::taskqueue::v1::TaskQueuePartitionMetadata;
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::task_queue;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    mut request: wire::ListTaskQueuePartitionsRequest,
) -> Result<wire::ListTaskQueuePartitionsResponse, Error> {
    let queue = task_queue::normalize(request.task_queue.as_mut(), &call.limits)?;
    let whole = TaskQueuePartitionMetadata { key: queue.to_string(), owner_host_name: api.ports.cluster.host.clone() };
    Ok(wire::ListTaskQueuePartitionsResponse {
        activity_task_queue_partitions: vec![whole.clone()],
        workflow_task_queue_partitions: vec![whole],
    })
}
