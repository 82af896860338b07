//! ListSearchAttributes: a namespace's own, and those that every namespace has.

use proto::temporal::api::operatorservice::v1 as wire;
use rpc::Error;
use visibility::SearchAttributes;

use crate::api::Api;
use crate::gate::Call;

pub(crate) async fn call(
    _api: &Api,
    call: &Call,
    _request: wire::ListSearchAttributesRequest,
) -> Result<wire::ListSearchAttributesResponse, Error> {
    let custom = call.namespace.search_attributes.custom();
    Ok(wire::ListSearchAttributesResponse {
        custom_attributes: custom.iter().map(|(name, ty)| (name.clone(), *ty as i32)).collect(),
        system_attributes: SearchAttributes::system().into_iter().map(|(name, ty)| (name.to_owned(), ty as i32)).collect(),
        storage_schema: std::collections::BTreeMap::new(),
    })
}
