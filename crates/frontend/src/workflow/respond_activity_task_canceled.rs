//! RespondActivityTaskCanceled: an activity gave in to its cancellation, by its token.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use super::{oversize, task_owner};
use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::{size, text};

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::RespondActivityTaskCanceledRequest,
) -> Result<wire::RespondActivityTaskCanceledResponse, Error> {
    cancel(api, call, request).await?;
    Ok(wire::RespondActivityTaskCanceledResponse {})
}

/// Passes the last words on; those that are too large fail the activity.
pub(super) async fn cancel(api: &Api, call: &Call, request: wire::RespondActivityTaskCanceledRequest) -> Result<(), Error> {
    let history = task_owner::of_activity_task(api, call, &request.task_token)?;
    text::optional("Identity", &request.identity, &call.limits)?;
    if size::fits(request.details.as_ref(), &call.limits) {
        return history.activity_canceled(&call.context, call.reference(), request).await;
    }
    let failed = wire::RespondActivityTaskFailedRequest {
        task_token: request.task_token,
        identity: request.identity,
        namespace: request.namespace,
        failure: Some(oversize::server_failure(oversize::CANCEL_DETAILS)),
        ..Default::default()
    };
    history.activity_failed(&call.context, call.reference(), failed).await
}
