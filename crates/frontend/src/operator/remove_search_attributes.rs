//! RemoveSearchAttributes: rows keep their values, but no query finds them any more.

use proto::temporal::api::operatorservice::v1 as wire;
use rpc::Error;

use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::wrong;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::RemoveSearchAttributesRequest,
) -> Result<wire::RemoveSearchAttributesResponse, Error> {
    if request.search_attributes.is_empty() {
        return Err(wrong("SearchAttributes are not set on request."));
    }
    let mut attributes = call.namespace.search_attributes.clone();
    for name in &request.search_attributes {
        attributes.remove(name).map_err(|error| wrong(error.to_string()))?;
    }
    let change = |record: &mut proto::aevum::persistence::v1::Namespace| {
        record.search_attributes.retain(|name, _| !request.search_attributes.contains(name));
        Ok(())
    };
    api.ports.namespaces.change(call.reference().id, change).await?;
    Ok(wire::RemoveSearchAttributesResponse {})
}
