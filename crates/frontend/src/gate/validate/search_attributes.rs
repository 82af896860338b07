//! Search attributes that a caller sets: known names, right types, limited sizes, storable texts.

use model::visibility::SearchAttributeValue as Value;
use proto::temporal::api::common::v1::SearchAttributes;
use rpc::Error;

use super::wrong;
use crate::gate::Call;

/// Checks them against the call's namespace.
pub(crate) fn check(call: &Call, fields: Option<&SearchAttributes>) -> Result<(), Error> {
    let Some(fields) = fields else { return Ok(()) };
    let attributes = &call.namespace.search_attributes;
    let values = visibility::write::validate(attributes, call.namespace.name(), fields, &call.limits)
        .map_err(|error| wrong(error.to_string()))?;
    match values.into_iter().find(|(_, value)| value.as_ref().is_some_and(has_nul)) {
        Some((name, _)) => {
            Err(wrong(format!("search attribute {name} contains a NUL byte, which cannot be stored; leave it out.")))
        }
        None => Ok(()),
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::Text(text) | Value::Keyword(text) => text.contains('\0'),
        Value::KeywordList(texts) => texts.iter().any(|text| text.contains('\0')),
        Value::Int(_) | Value::Double(_) | Value::Bool(_) | Value::Datetime(_) => false,
    }
}
