//! What lists show of a run: search attributes and memo.

use std::collections::BTreeMap;

use bytes::Bytes;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::common::v1::Payload;
use proto::temporal::api::history::v1::{
    UpsertWorkflowSearchAttributesEventAttributes, WorkflowPropertiesModifiedEventAttributes,
};

use super::Run;
use crate::commands::pascal_case;
use crate::task::Task;

/// Lists find runs whose worker cannot get on by this attribute.
const REPORTED_PROBLEMS: &str = "TemporalReportedProblems";
/// Failing attempts in a row that are a problem. Source: Temporal's `NumConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute`.
const PROBLEM_FROM_ATTEMPT: i32 = 5;

impl Run {
    /// Attempts of the workflow task that fail again and again are shown in lists.
    pub(super) fn problem_reported(&mut self, of: &stored::WorkflowTaskAttemptFailed) {
        if of.attempt < PROBLEM_FROM_ATTEMPT {
            return;
        }
        let text = if of.timed_out {
            r#"["category=WorkflowTaskTimedOut","cause=WorkflowTaskTimedOutCauseStartToClose"]"#.to_owned()
        } else {
            let cause = pascal_case(of.cause().as_str_name(), "WORKFLOW_TASK_FAILED_CAUSE_");
            format!(r#"["category=WorkflowTaskFailed","cause=WorkflowTaskFailedCause{cause}"]"#)
        };
        let metadata = [("encoding", "json/plain"), ("type", "KeywordList")];
        let metadata = metadata.map(|(key, value)| (key.to_owned(), Bytes::from_static(value.as_bytes())));
        let payload = Payload { metadata: metadata.into_iter().collect(), data: Bytes::from(text), ..Payload::default() };
        if self.state.search_attributes.get(REPORTED_PROBLEMS) != Some(&payload) {
            self.state.search_attributes.insert(REPORTED_PROBLEMS.to_owned(), payload);
            self.state.visibility_version += 1;
        }
    }

    /// The worker got on.
    pub(super) fn problems_solved(&mut self) {
        if self.state.search_attributes.remove(REPORTED_PROBLEMS).is_some() {
            self.state.visibility_version += 1;
        }
    }

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
