//! Who owns the execution that a worker's task token names.

use std::sync::Arc;

use bytes::Bytes;
use model::ChainKey;
use rpc::Error;
use rpc::services::History;

use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::{execution, text, wrong};
use crate::token;

/// The owner of a workflow task's execution.
pub(super) fn of_workflow_task(api: &Api, call: &Call, token: &Bytes) -> Result<Arc<dyn History>, Error> {
    let token = token::workflow_task(token).ok_or_else(|| wrong("Error deserializing task token."))?;
    owner(api, call, &token.workflow_id, &token.run_id)
}

/// The owner of an activity task's execution.
pub(super) fn of_activity_task(api: &Api, call: &Call, token: &Bytes) -> Result<Arc<dyn History>, Error> {
    let token = token::activity_task(token).ok_or_else(|| wrong("Error deserializing task token."))?;
    owner(api, call, &token.workflow_id, &token.run_id)
}

fn owner(api: &Api, call: &Call, workflow_id: &str, run_id: &str) -> Result<Arc<dyn History>, Error> {
    let chain: ChainKey = execution::by_ids(call.reference().id, workflow_id, run_id, &call.limits)
        .map_err(|_| wrong("Error deserializing task token."))?;
    api.ports.history.owner(&chain)
}

/// The token of an activity that a caller names by ids.
pub(super) fn token_by_id(call: &Call, workflow_id: &str, run_id: &str, activity_id: &str) -> Result<Bytes, Error> {
    execution::by_ids(call.reference().id, workflow_id, run_id, &call.limits)?;
    text::required("ActivityId", activity_id, &call.limits)?;
    Ok(token::activity_by_id(call.reference().id, workflow_id, run_id, activity_id))
}
