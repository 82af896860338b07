//! RespondActivityTaskFailed: an activity's failure, by its token.

use proto::temporal::api::failure::v1::Failure;
use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use super::{oversize, task_owner};
use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::{duration, failure, size, text, wrong};

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::RespondActivityTaskFailedRequest,
) -> Result<wire::RespondActivityTaskFailedResponse, Error> {
    let failures = fail(api, call, request).await?;
    Ok(wire::RespondActivityTaskFailedResponse { failures })
}

/// Passes the failure on; answers what did not fit.
pub(super) async fn fail(
    api: &Api,
    call: &Call,
    mut request: wire::RespondActivityTaskFailedRequest,
) -> Result<Vec<Failure>, Error> {
    let history = task_owner::of_activity_task(api, call, &request.task_token)?;
    text::optional("Identity", &request.identity, &call.limits)?;
    check(request.failure.as_ref())?;
    failure::bound(request.failure.as_mut());
    let mut failures = Vec::new();
    if !size::fits(request.last_heartbeat_details.as_ref(), &call.limits) {
        request.last_heartbeat_details = None;
        failures.push(oversize::server_failure(oversize::HEARTBEAT));
    }
    if !size::fits(request.failure.as_ref(), &call.limits) {
        let kept = oversize::failure(request.failure.take(), &call.limits);
        failures.push(kept.clone());
        request.failure = Some(kept);
    }
    history.activity_failed(&call.context, call.reference(), request).await?;
    Ok(failures)
}

/// An activity fails with an application failure, or without one.
fn check(failure: Option<&Failure>) -> Result<(), Error> {
    let Some(failure) = failure else { return Ok(()) };
    let Some(FailureInfo::ApplicationFailureInfo(info)) = &failure.failure_info else {
        return Err(wrong("Failure must have ApplicationFailureInfo."));
    };
    if info.next_retry_delay.as_ref().and_then(duration::complaint).is_some() {
        return Err(wrong("NextRetryDelay is not a valid duration"));
    }
    Ok(())
}
