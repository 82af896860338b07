//! The client half: start a workflow, then long-poll its history for the close event, as every SDK awaits a result.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use proto::temporal::api::common::v1::{Header, WorkflowExecution, WorkflowType};
use proto::temporal::api::enums::v1::{EventType, HistoryEventFilterType};
use proto::temporal::api::workflowservice::v1::{GetWorkflowExecutionHistoryRequest, StartWorkflowExecutionRequest};
use tokio::time::Instant;
use uuid::Uuid;

use crate::wire::{HISTORY, UNARY, Wire, duration, normal_queue, payloads, within};

/// What one workflow took.
pub(crate) struct Sample {
    /// Until its start was acknowledged.
    pub(crate) start: Duration,
    /// Until its close event was in the client's hands.
    pub(crate) whole: Duration,
}

/// Starts a workflow and returns its run id.
pub(crate) async fn start(wire: &Wire, queue: &str, kind: &str, id: &str) -> Result<String> {
    let request = StartWorkflowExecutionRequest {
        namespace: wire.namespace.clone(),
        workflow_id: id.to_owned(),
        workflow_type: Some(WorkflowType { name: kind.to_owned() }),
        task_queue: Some(normal_queue(queue)),
        input: Some(payloads("item-0")),
        workflow_execution_timeout: Some(duration(0)),
        workflow_run_timeout: Some(duration(0)),
        workflow_task_timeout: Some(duration(0)),
        identity: wire.identity.clone(),
        request_id: Uuid::new_v4().to_string(),
        header: Some(Header::default()),
        ..Default::default()
    };
    let answer = wire.service().start_workflow_execution(within(UNARY, request)).await;
    Ok(answer.with_context(|| format!("start {id}"))?.into_inner().run_id)
}

/// Starts a workflow and waits until it has completed; any other end is an error.
pub(crate) async fn execute(wire: &Wire, queue: &str, kind: &str, id: &str) -> Result<Sample> {
    let began = Instant::now();
    let run_id = start(wire, queue, kind, id).await?;
    let started = began.elapsed();
    await_completion(wire, id, run_id).await?;
    Ok(Sample { start: started, whole: began.elapsed() })
}

async fn await_completion(wire: &Wire, id: &str, run_id: String) -> Result<()> {
    let mut request = GetWorkflowExecutionHistoryRequest {
        namespace: wire.namespace.clone(),
        execution: Some(WorkflowExecution { workflow_id: id.to_owned(), run_id }),
        wait_new_event: true,
        history_event_filter_type: HistoryEventFilterType::CloseEvent.into(),
        skip_archival: true,
        ..Default::default()
    };
    loop {
        let answer = wire.service().get_workflow_execution_history(within(HISTORY, request.clone())).await;
        let page = answer.with_context(|| format!("await {id}"))?.into_inner();
        let last = page.history.and_then(|history| history.events.into_iter().next_back());
        match last {
            Some(event) if event.event_type() == EventType::WorkflowExecutionCompleted => return Ok(()),
            Some(event) => bail!("{id} ended with {:?}", event.event_type()),
            // The server's own limit passed without an end: go on from where it stopped.
            None if !page.next_page_token.is_empty() => request.next_page_token = page.next_page_token,
            None => bail!("the history of {id} has no close event and no next page"),
        }
    }
}
