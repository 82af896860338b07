//! DescribeTaskQueue: who polls a queue, and what waits there; of one type, or (enhanced) of several at once.

use std::collections::BTreeMap;

use model::TaskQueueKind;
use proto::temporal::api::enums::v1::{DescribeTaskQueueMode, TaskQueueType};
use proto::temporal::api::taskqueue::v1::{TaskQueueTypeInfo, TaskQueueVersionInfo};
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
    if request.api_mode() == DescribeTaskQueueMode::Enhanced {
        return enhanced(api, call, request, &queue).await;
    }
    let ty = known(request.task_queue_type)?;
    if ty == TaskQueueType::Unspecified {
        request.set_task_queue_type(TaskQueueType::Workflow);
    }
    of_type(api, call, request, &queue).await
}

fn known(ty: i32) -> Result<TaskQueueType, Error> {
    TaskQueueType::try_from(ty).map_err(|_| wrong(format!("Unknown TaskQueueType: {ty}.")))
}

async fn of_type(
    api: &Api,
    call: &Call,
    request: wire::DescribeTaskQueueRequest,
    queue: &model::TaskQueueName,
) -> Result<wire::DescribeTaskQueueResponse, Error> {
    let activity = request.task_queue_type() == TaskQueueType::Activity;
    let kind = if activity { TaskQueueKind::Activity } else { TaskQueueKind::Workflow };
    let matching = api.ports.matching.owner(call.reference().id, kind, queue)?;
    matching.describe_task_queue(&call.context, call.reference(), request).await
}

/// Every type that was asked for, of the one version that there is: workers without versioning, whose key is empty. A type that
/// nobody can poll here has nothing to tell.
#[expect(deprecated, reason = "the official command line asks so")]
async fn enhanced(
    api: &Api,
    call: &Call,
    request: wire::DescribeTaskQueueRequest,
    queue: &model::TaskQueueName,
) -> Result<wire::DescribeTaskQueueResponse, Error> {
    let mut types = Vec::new();
    for ty in &request.task_queue_types {
        types.push(known(*ty)?);
    }
    if types.is_empty() {
        types = vec![TaskQueueType::Workflow, TaskQueueType::Activity];
    }
    let mut types_info = BTreeMap::new();
    for ty in types.into_iter().filter(|ty| matches!(ty, TaskQueueType::Workflow | TaskQueueType::Activity)) {
        let one = wire::DescribeTaskQueueRequest {
            namespace: request.namespace.clone(),
            task_queue: request.task_queue.clone(),
            task_queue_type: ty as i32,
            report_stats: request.report_stats,
            ..Default::default()
        };
        let told = of_type(api, call, one, queue).await?;
        let pollers = if request.report_pollers { told.pollers } else { Vec::new() };
        types_info.insert(ty as i32, TaskQueueTypeInfo { pollers, stats: told.stats });
    }
    let unversioned = TaskQueueVersionInfo { types_info, ..TaskQueueVersionInfo::default() };
    let mut answer = wire::DescribeTaskQueueResponse::default();
    answer.versions_info.insert(String::new(), unversioned);
    Ok(answer)
}
