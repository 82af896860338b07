//! Search attributes that a caller sets: known names, right types, limited sizes, storable texts.

use proto::temporal::api::common::v1::SearchAttributes;
use rpc::Error;

use super::wrong;
use crate::gate::Call;

/// Checks them against the call's namespace, and writes their types beside them.
pub(crate) fn normalize(call: &Call, fields: Option<&mut SearchAttributes>) -> Result<(), Error> {
    let Some(fields) = fields else { return Ok(()) };
    let attributes = &call.namespace.search_attributes;
    visibility::write::validate(attributes, call.namespace.name(), fields, &call.limits)
        .map_err(|error| wrong(error.to_string()))?;
    visibility::write::tag(attributes, fields);
    Ok(())
}
