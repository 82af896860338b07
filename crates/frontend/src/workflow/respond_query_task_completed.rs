//! RespondQueryTaskCompleted: a worker's answer to a query that reached it directly.

use model::TaskQueueKind;
use proto::temporal::api::enums::v1::QueryResultType;
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use super::oversize;
use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::{size, task_queue, wrong};
use crate::token;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    mut request: wire::RespondQueryTaskCompletedRequest,
) -> Result<wire::RespondQueryTaskCompletedResponse, Error> {
    let token = token::query_task(&request.task_token).ok_or_else(|| wrong("Error deserializing task token."))?;
    if token.task_queue.is_empty() || token.query_id.is_empty() {
        return Err(wrong("Invalid TaskToken."));
    }
    let queue = task_queue::name(&token.task_queue, &call.limits).map_err(|_| wrong("Invalid TaskToken."))?;
    if !size::fits(request.query_result.as_ref(), &call.limits) {
        request.set_completed_type(QueryResultType::Failed);
        request.query_result = None;
        request.error_message = oversize::BLOB.to_owned();
    }
    if !size::fits(request.failure.as_ref(), &call.limits) {
        request.failure = Some(oversize::failure(request.failure.take(), &call.limits));
    }
    let matching = api.ports.matching.owner(call.reference().id, TaskQueueKind::Workflow, &queue)?;
    matching.query_answered(&call.context, call.reference(), request).await?;
    Ok(wire::RespondQueryTaskCompletedResponse {})
}
