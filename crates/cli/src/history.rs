//! Reading a history from the cluster, page by page; waiting for more where asked to.

use std::time::Duration;

use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::enums::v1::HistoryEventFilterType;
use proto::temporal::api::history::v1::HistoryEvent;
use proto::temporal::api::workflowservice::v1::{GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryReverseRequest};

use crate::connection::Connection;
use crate::failure::{Answer as _, CallFailed};
use crate::render::outcome::Outcome;

/// How often a poll is tried again while the server is away, before we give up: about half a minute in all.
const PATIENCE: u32 = 20;
/// The longest pause between such tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Which events, and whether to wait for those to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// What is there now.
    Recorded,
    /// Also what comes, until the execution ends.
    Follow,
    /// Only the last event, once the execution has ended.
    Close,
    /// Only the last event of an execution known to have ended.
    Ended,
    /// What is there now, newest first.
    Reverse,
}

/// A history being read.
#[derive(Debug)]
pub(crate) struct Pages {
    execution: WorkflowExecution,
    reading: Reading,
    token: Option<bytes::Bytes>,
}

impl Pages {
    /// Starts at the first page.
    pub(crate) fn new(execution: WorkflowExecution, reading: Reading) -> Self {
        Self { execution, reading, token: Some(bytes::Bytes::new()) }
    }

    /// The next events (perhaps none yet), or `None` after the last page.
    pub(crate) async fn next(&mut self, connection: &Connection) -> Result<Option<Vec<HistoryEvent>>, CallFailed> {
        let Some(token) = self.token.take() else { return Ok(None) };
        let mut tries = 0;
        let (events, next) = loop {
            match self.fetch(connection, token.clone()).await {
                Ok(page) => break page,
                Err(failed) if self.waits() && tries < PATIENCE && failed.may_pass() => {
                    tokio::time::sleep(LONGEST_PAUSE.min(Duration::from_millis(100 << tries.min(5)))).await;
                    tries += 1;
                }
                Err(failed) => return Err(failed),
            }
        };
        self.token = (!next.is_empty()).then_some(next);
        Ok(Some(events))
    }

    fn waits(&self) -> bool {
        matches!(self.reading, Reading::Follow | Reading::Close)
    }

    async fn fetch(
        &self,
        connection: &Connection,
        next_page_token: bytes::Bytes,
    ) -> Result<(Vec<HistoryEvent>, bytes::Bytes), CallFailed> {
        let namespace = connection.namespace.clone();
        let execution = Some(self.execution.clone());
        let doing = format_args!("read the history of workflow {:?}", self.execution.workflow_id);
        if self.reading == Reading::Reverse {
            let request =
                GetWorkflowExecutionHistoryReverseRequest { namespace, execution, maximum_page_size: 0, next_page_token };
            let answer = connection.workflows().get_workflow_execution_history_reverse(connection.ask(request)).await;
            let answer = answer.or_cannot(doing)?;
            return Ok((answer.history.unwrap_or_default().events, answer.next_page_token));
        }
        let filter = match self.reading {
            Reading::Close | Reading::Ended => HistoryEventFilterType::CloseEvent,
            _ => HistoryEventFilterType::AllEvent,
        };
        let request = GetWorkflowExecutionHistoryRequest {
            namespace,
            execution,
            next_page_token,
            wait_new_event: self.waits(),
            history_event_filter_type: filter.into(),
            ..GetWorkflowExecutionHistoryRequest::default()
        };
        let request = if self.waits() { connection.poll(request) } else { connection.ask(request) };
        let answer = connection.workflows().get_workflow_execution_history(request).await.or_cannot(doing)?;
        Ok((answer.history.unwrap_or_default().events, answer.next_page_token))
    }
}

/// Waits for the event that closes the execution, and for that of the run it continued as, and so on.
pub(crate) async fn wait_for_close(
    connection: &Connection,
    execution: WorkflowExecution,
) -> anyhow::Result<(WorkflowExecution, HistoryEvent)> {
    let mut execution = execution;
    loop {
        let close = close_event(connection, execution.clone()).await?;
        match Outcome::of(&close).and_then(|outcome| outcome.continued_as) {
            Some(run_id) if !run_id.is_empty() => execution.run_id = run_id,
            _ => return Ok((execution, close)),
        }
    }
}

async fn close_event(connection: &Connection, execution: WorkflowExecution) -> anyhow::Result<HistoryEvent> {
    let workflow_id = execution.workflow_id.clone();
    let mut pages = Pages::new(execution, Reading::Close);
    while let Some(mut events) = pages.next(connection).await? {
        if let Some(last) = events.pop() {
            return Ok(last);
        }
    }
    anyhow::bail!("the server ended the history of workflow {workflow_id:?} without saying how it closed")
}
