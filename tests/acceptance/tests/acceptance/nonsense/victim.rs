//! An open workflow with an open activity in the namespace that nonsense is aimed at, and tokens that are real.

use std::time::Duration;

use acceptance::client::{Client, normal_queue, within};
use acceptance::commands;
use acceptance::worker::{self, Script};
use anyhow::ensure;
use bytes::Bytes;
use proto::temporal::api::command::v1::Command;
use proto::temporal::api::common::v1::Payloads;
use proto::temporal::api::workflowservice::v1::{
    ListWorkflowExecutionsRequest, PollActivityTaskQueueRequest, PollActivityTaskQueueResponse, PollWorkflowTaskQueueRequest,
    PollWorkflowTaskQueueResponse,
};

/// Ids that nonsense may name.
pub(super) const WORKFLOW: &str = "victim";
pub(super) const ACTIVITY: &str = "victim-activity";
pub(super) const QUEUE: &str = "victims";
const WAIT: Duration = Duration::from_secs(20);

struct Schedule;

impl Script for Schedule {
    fn decide(&self, _task: &PollWorkflowTaskQueueResponse) -> Vec<Command> {
        vec![commands::activity(ACTIVITY, "Wait", QUEUE, 3), commands::timer("timer", 3600.0)]
    }

    fn act(&self, _task: &PollActivityTaskQueueResponse) -> Result<Payloads, String> {
        Err("nobody acts here".to_owned())
    }
}

/// Starts the victims; returns a workflow task's token, an activity's token and a page token.
pub(super) async fn tokens(address: &str, namespace: &str) -> anyhow::Result<Vec<Bytes>> {
    let client = Client::new(address)?.of(namespace);
    let poll = || PollWorkflowTaskQueueRequest {
        namespace: namespace.to_owned(),
        task_queue: Some(normal_queue(QUEUE)),
        ..Default::default()
    };
    for id in [WORKFLOW, "victim-2"] {
        client.start(client.start_request(id, "Victim", QUEUE, None)).await?;
    }
    let mut tokens = Vec::new();
    for answers in [true, false] {
        let task = client.service().poll_workflow_task_queue(within(WAIT, poll())).await?.into_inner();
        tokens.push(task.task_token.clone());
        if answers {
            worker::decide(&client, &task, &Schedule).await;
        }
    }
    let request = PollActivityTaskQueueRequest {
        namespace: namespace.to_owned(),
        task_queue: Some(normal_queue(QUEUE)),
        ..Default::default()
    };
    tokens.push(client.service().poll_activity_task_queue(within(WAIT, request)).await?.into_inner().task_token);
    ensure!(tokens.iter().all(|token| !token.is_empty()), "a poll came back without a task");
    let deadline = tokio::time::Instant::now() + WAIT;
    loop {
        // Two rows and a page of one: there is a next page as soon as both are listed.
        let request = ListWorkflowExecutionsRequest { namespace: namespace.to_owned(), page_size: 1, ..Default::default() };
        let page = client.service().list_workflow_executions(request).await?.into_inner();
        if !page.next_page_token.is_empty() {
            tokens.push(page.next_page_token);
            return Ok(tokens);
        }
        ensure!(tokio::time::Instant::now() < deadline, "the victims are not listed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
