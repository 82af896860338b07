//! Links in answers: to what a call brought about, so that whoever called (another workflow, say) can point there.

use model::{ChainKey, RunId};
use proto::temporal::api::common::v1::{Link, link};
use proto::temporal::api::enums::v1::EventType;
use rpc::services::NamespaceRef;

/// To the Started event of a run.
pub(super) fn to_start(namespace: &NamespaceRef, key: &ChainKey, run: RunId) -> Link {
    let event_type = EventType::WorkflowExecutionStarted as i32;
    let reference = link::workflow_event::EventReference { event_id: 1, event_type };
    to_event(namespace, key, run, link::workflow_event::Reference::EventRef(reference))
}

/// To the event that a request brought about, by the request's id: it may have no event id yet.
pub(super) fn to_request(namespace: &NamespaceRef, key: &ChainKey, run: RunId, request_id: String, of: EventType) -> Link {
    let reference = link::workflow_event::RequestIdReference { request_id, event_type: of as i32 };
    to_event(namespace, key, run, link::workflow_event::Reference::RequestIdRef(reference))
}

fn to_event(namespace: &NamespaceRef, key: &ChainKey, run: RunId, reference: link::workflow_event::Reference) -> Link {
    let event = link::WorkflowEvent {
        namespace: namespace.name.to_string(),
        workflow_id: key.id.as_str().to_owned(),
        run_id: run.to_string(),
        reference: Some(reference),
    };
    Link { variant: Some(link::Variant::WorkflowEvent(event)) }
}

/// To a run, where no event tells of the call.
pub(super) fn to_run(namespace: &NamespaceRef, key: &ChainKey, run: RunId, reason: &str) -> Link {
    let workflow = link::Workflow {
        namespace: namespace.name.to_string(),
        workflow_id: key.id.as_str().to_owned(),
        run_id: run.to_string(),
        reason: reason.to_owned(),
    };
    Link { variant: Some(link::Variant::Workflow(workflow)) }
}
