//! What lists show of a run: search attributes and memo.

use std::collections::BTreeMap;

use proto::temporal::api::common::v1::Payload;
use proto::temporal::api::history::v1::{
    UpsertWorkflowSearchAttributesEventAttributes, WorkflowPropertiesModifiedEventAttributes,
};

use super::Run;
use crate::task::Task;

impl Run {
    pub(super) fn search_attributes_upserted(&mut self, of: &UpsertWorkflowSearchAttributesEventAttributes) -> Vec<Task> {
        if let Some(upserted) = &of.search_attributes {
            merge(&mut self.state.search_attributes, &upserted.indexed_fields);
            self.state.visibility_version += 1;
        }
        Vec::new()
    }

    pub(super) fn properties_modified(&mut self, of: &WorkflowPropertiesModifiedEventAttributes) -> Vec<Task> {
        if let Some(upserted) = &of.upserted_memo {
            merge(&mut self.state.memo, &upserted.fields);
            self.state.visibility_version += 1;
        }
        Vec::new()
    }
}

/// Sets what is given; a payload that says nothing removes its key.
pub(crate) fn merge(into: &mut BTreeMap<String, Payload>, from: &BTreeMap<String, Payload>) {
    for (key, payload) in from {
        if is_nothing(payload) {
            into.remove(key);
        } else {
            into.insert(key.clone(), payload.clone());
        }
    }
}

/// Whether a payload is nil or an empty list, as SDKs encode "remove this".
pub(crate) fn is_nothing(payload: &Payload) -> bool {
    let encoding = payload.metadata.get("encoding").map(|value| value.as_ref()).unwrap_or_default();
    match encoding {
        b"binary/null" => true,
        b"json/plain" => matches!(payload.data.as_ref(), b"null" | b"[]"),
        _ => payload.metadata.is_empty() && payload.data.is_empty(),
    }
}
