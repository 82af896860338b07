//! PollActivityTaskQueue: waits for an activity task; an empty answer means there was none in time.

use model::TaskQueueKind;
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use crate::api::Api;
use crate::gate::Call;
use crate::gate::deadline::check_poll;
use crate::gate::validate::{task_queue, text};

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    mut request: wire::PollActivityTaskQueueRequest,
) -> Result<wire::PollActivityTaskQueueResponse, Error> {
    check_poll(&call.context, api.options.min_poll)?;
    text::optional("Identity", &request.identity, &call.limits)?;
    let queue = task_queue::normalize(request.task_queue.as_mut(), &call.limits)?;
    let matching = api.ports.matching.owner(call.reference().id, TaskQueueKind::Activity, &queue)?;
    matching.poll_activity_task(&call.context, call.reference(), request).await
}
