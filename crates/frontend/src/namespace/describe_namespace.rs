//! DescribeNamespace: every worker's first call; by name or id.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use super::view;
use crate::api::Api;
use crate::gate::Call;

pub(crate) async fn call(
    _api: &Api,
    call: &Call,
    _request: wire::DescribeNamespaceRequest,
) -> Result<wire::DescribeNamespaceResponse, Error> {
    Ok(view::describe(&call.namespace, &call.limits))
}
