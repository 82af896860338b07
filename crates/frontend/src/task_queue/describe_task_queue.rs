//! DescribeTaskQueue: who polls a queue, and what waits there.

use model::TaskQueueKind;
use proto::temporal::api::enums::v1::TaskQueueType;
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::{task_queue, wrong};

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    mut request: wire::DescribeTaskQueueRequest,
) -> Result<wire::DescribeTaskQueueResponse, Error> {
    let queue = task_queue::normalize(request.task_queue.as_mut(), &call.limits)?;
    let ty = TaskQueueType::try_from(request.task_queue_type)
        .map_err(|_| wrong(format!("Unknown TaskQueueType: {}.", request.task_queue_type)))?;
    if ty == TaskQueueType::Unspecified {
        request.set_task_queue_type(TaskQueueType::Workflow);
    }
    let kind = if ty == TaskQueueType::Activity { TaskQueueKind::Activity } else { TaskQueueKind::Workflow };
    let matching = api.ports.matching.owner(call.reference().id, kind, &queue)?;
    matching.describe_task_queue(&call.context, call.reference(), request).await
}
