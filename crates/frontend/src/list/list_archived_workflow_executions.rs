//! ListArchivedWorkflowExecutions: there is no archive, which is what the real server says where none is configured.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::wrong;

pub(crate) async fn call(
    _api: &Api,
    _call: &Call,
    _request: wire::ListArchivedWorkflowExecutionsRequest,
) -> Result<wire::ListArchivedWorkflowExecutionsResponse, Error> {
    Err(wrong("Cluster is not configured for reading archived visibility records."))
}
