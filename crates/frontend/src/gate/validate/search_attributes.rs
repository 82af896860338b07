//! Search attributes that a caller sets: known names, right types, limited sizes, storable texts.

use proto::temporal::api::common::v1::SearchAttributes;
use rpc::Error;

use super::wrong;
use crate::gate::Call;

/// Checks them against the call's namespace.
pub(crate) fn check(call: &Call, fields: Option<&SearchAttributes>) -> Result<(), Error> {
    let Some(fields) = fields else { return Ok(()) };
    let attributes = &call.namespace.search_attributes;
    let checked = visibility::write::validate(attributes, call.namespace.name(), fields, &call.limits);
    checked.map(|_| ()).map_err(|error| wrong(error.to_string()))
}
