//! RespondWorkflowTaskCompleted: commands, query answers, and perhaps the next task in the answer.

use proto::temporal::api::enums::v1::QueryResultType;
use proto::temporal::api::query::v1::WorkflowQueryResult;
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use super::{oversize, task_owner};
use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::{duration, failure, size, task_queue, text, wrong};

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    mut request: wire::RespondWorkflowTaskCompletedRequest,
) -> Result<wire::RespondWorkflowTaskCompletedResponse, Error> {
    let limits = &call.limits;
    let history = task_owner::of_workflow_task(api, call, &request.task_token)?;
    text::optional("Identity", &request.identity, limits)?;
    if let Some(sticky) = request.sticky_attributes.as_mut() {
        let queue = sticky.worker_task_queue.as_mut().filter(|queue| !queue.name.is_empty());
        if queue.is_some() {
            task_queue::normalize(queue, limits)?;
        }
        if let Some(timeout) = sticky.schedule_to_start_timeout.as_mut() {
            if let Some(complaint) = duration::complaint(timeout) {
                return Err(wrong(format!("invalid ScheduleToStartTimeout of StickyAttributes: {complaint}")));
            }
            duration::cap(timeout);
        }
    }
    request.commands.iter_mut().for_each(failure::bound_command);
    for result in request.query_results.values_mut() {
        if !size::fits(result.answer.as_ref(), limits) {
            *result = WorkflowQueryResult {
                result_type: QueryResultType::Failed as i32,
                error_message: oversize::BLOB.to_owned(),
                ..WorkflowQueryResult::default()
            };
        }
    }
    history.workflow_task_completed(&call.context, call.reference(), request).await
}
