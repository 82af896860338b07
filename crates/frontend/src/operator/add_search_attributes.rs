//! AddSearchAttributes: those that are there already, of the same type, are no error.

use std::collections::BTreeMap;

use model::visibility::SearchAttributeType;
use proto::temporal::api::operatorservice::v1 as wire;
use rpc::Error;
use visibility::{RegistryError, SearchAttributes};

use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::wrong;
use crate::registry::Namespace;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::AddSearchAttributesRequest,
) -> Result<wire::AddSearchAttributesResponse, Error> {
    add(api, &call.namespace, &request.search_attributes).await?;
    Ok(wire::AddSearchAttributesResponse {})
}

/// Registers all of them, or none.
pub(crate) async fn add(api: &Api, namespace: &Namespace, wanted: &BTreeMap<String, i32>) -> Result<(), Error> {
    if wanted.is_empty() {
        return Err(wrong("SearchAttributes are not set on request."));
    }
    let refused = |error: RegistryError| wrong(error.to_string());
    let change = |record: &mut proto::aevum::persistence::v1::Namespace| {
        let stored = record.search_attributes.iter();
        let stored = stored.filter_map(|(name, ty)| SearchAttributeType::from_number(*ty).map(|ty| (name.clone(), ty)));
        let mut attributes = SearchAttributes::from_custom(stored);
        for (name, number) in wanted {
            let ty = SearchAttributeType::from_number(*number).ok_or(RegistryError::UnknownType(*number)).map_err(refused)?;
            attributes.add(name, ty).map_err(refused)?;
        }
        record.search_attributes = attributes.custom().iter().map(|(name, ty)| (name.clone(), *ty as i32)).collect();
        Ok(())
    };
    api.ports.namespaces.change(namespace.reference.id, change).await.map(|_| ())
}
