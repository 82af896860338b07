//! DeprecateNamespace: no new executions there; those that run go on.

use proto::temporal::api::enums::v1::NamespaceState;
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use super::update_namespace::move_to;
use crate::api::Api;
use crate::gate::Call;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    _request: wire::DeprecateNamespaceRequest,
) -> Result<wire::DeprecateNamespaceResponse, Error> {
    let change = |record: &mut proto::aevum::persistence::v1::Namespace| move_to(record, NamespaceState::Deprecated);
    api.ports.namespaces.change(call.reference().id, change).await?;
    Ok(wire::DeprecateNamespaceResponse {})
}
