//! RespondActivityTaskCompleted: an activity's result, by its token.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use super::{oversize, task_owner};
use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::{size, text};

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::RespondActivityTaskCompletedRequest,
) -> Result<wire::RespondActivityTaskCompletedResponse, Error> {
    complete(api, call, request).await?;
    Ok(wire::RespondActivityTaskCompletedResponse {})
}

/// Passes the result on; one that is too large fails the activity.
pub(super) async fn complete(api: &Api, call: &Call, request: wire::RespondActivityTaskCompletedRequest) -> Result<(), Error> {
    let history = task_owner::of_activity_task(api, call, &request.task_token)?;
    text::optional("Identity", &request.identity, &call.limits)?;
    if size::fits(request.result.as_ref(), &call.limits) {
        return history.activity_completed(&call.context, call.reference(), request).await;
    }
    let failed = wire::RespondActivityTaskFailedRequest {
        task_token: request.task_token,
        identity: request.identity,
        namespace: request.namespace,
        failure: Some(oversize::server_failure(oversize::RESULT)),
        ..Default::default()
    };
    history.activity_failed(&call.context, call.reference(), failed).await
}
