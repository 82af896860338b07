//! GetSearchAttributes: every search attribute of the cluster, system and custom; the older form of ListSearchAttributes.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::{Context, Error};
use visibility::SearchAttributes;

use crate::api::Api;

pub(crate) async fn call(
    api: &Api,
    _context: &Context,
    _request: wire::GetSearchAttributesRequest,
) -> Result<wire::GetSearchAttributesResponse, Error> {
    let mut keys = std::collections::BTreeMap::new();
    for namespace in api.ports.namespaces.all() {
        keys.extend(namespace.search_attributes.custom().iter().map(|(name, ty)| (name.clone(), *ty as i32)));
    }
    keys.extend(SearchAttributes::system().into_iter().map(|(name, ty)| (name.to_owned(), ty as i32)));
    Ok(wire::GetSearchAttributesResponse { keys })
}
