//! The searchable row of a run, from its state.

use history_engine::Run;
use model::visibility::{ExecutionStatus, VisibilityRow};
use model::{ChainKind, NamespaceId, RunId, Timestamp, WorkflowId};
use prost::Message;
use proto::temporal::api::common::v1::{Memo, WorkflowExecution};
use proto::temporal::api::history::v1::{WorkflowExecutionStartedEventAttributes, history_event::Attributes};

use crate::shell::Shell;
use crate::wire::timestamp;

/// What the run's Started event says.
pub(crate) fn started(run: &Run) -> Option<&WorkflowExecutionStartedEventAttributes> {
    match run.state().started_event.as_ref()?.attributes.as_ref()? {
        Attributes::WorkflowExecutionStartedEventAttributes(of) => Some(of),
        _ => None,
    }
}

/// The row; `None` where the run has no Started event yet.
pub(crate) fn row(shell: &Shell, run: &Run) -> Option<VisibilityRow> {
    let state = run.state();
    let attributes = started(run)?;
    let namespace = NamespaceId::parse(&state.namespace_id).ok()?;
    let workflow_id = WorkflowId::parse(&state.workflow_id).ok()?;
    let start_time = state.started_event.as_ref().and_then(|event| event.event_time.as_ref()).map_or(Timestamp::EPOCH, timestamp);
    let closed = !run.is_open();
    let memo = if state.memo.is_empty() { Vec::new() } else { Memo { fields: state.memo.clone() }.encode_to_vec() };
    let search_attributes = if state.search_attributes.is_empty() {
        Default::default()
    } else {
        visibility::payload::decode_all(&shell.ports.namespaces.search_attributes(namespace), &state.search_attributes)
    };
    Some(VisibilityRow {
        namespace,
        kind: ChainKind::Workflow,
        run_id: run.id(),
        version: state.visibility_version,
        workflow_type: attributes.workflow_type.as_ref().map(|of| of.name.clone()).unwrap_or_default(),
        task_queue: attributes.task_queue.as_ref().map(|of| of.name.clone()).unwrap_or_default(),
        status: ExecutionStatus::from_number(run.status() as i32)?,
        start_time,
        execution_time: state.execution_time.as_ref().map_or(start_time, timestamp),
        close_time: state.close_time.as_ref().filter(|_| closed).map(timestamp),
        history_length: closed.then(|| run.next_event_id() - 1),
        history_size_bytes: closed.then_some(state.history_size_bytes),
        state_transition_count: closed.then_some(state.state_transition_count),
        parent: attributes.parent_workflow_execution.as_ref().and_then(ids),
        root: attributes.root_workflow_execution.as_ref().and_then(ids).unwrap_or((workflow_id.clone(), run.id())),
        workflow_id,
        memo,
        search_attributes,
    })
}

fn ids(execution: &WorkflowExecution) -> Option<(WorkflowId, RunId)> {
    Some((WorkflowId::parse(&execution.workflow_id).ok()?, RunId::parse(&execution.run_id).ok()?))
}
