//! A raw worker: polls, lets a script decide, answers; no SDK between the server and the test.

use std::sync::Arc;
use std::time::Duration;

use proto::temporal::api::command::v1::Command;
use proto::temporal::api::common::v1::Payloads;
use proto::temporal::api::failure::v1::failure::FailureInfo;
use proto::temporal::api::failure::v1::{ApplicationFailureInfo, Failure};
use proto::temporal::api::workflowservice::v1::{
    PollActivityTaskQueueRequest, PollActivityTaskQueueResponse, PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse,
    RespondActivityTaskCompletedRequest, RespondActivityTaskFailedRequest, RespondWorkflowTaskCompletedRequest,
};
use tokio::task::JoinSet;

use crate::client::{Client, IDENTITY, UNARY, normal_queue, within};

/// How long a poll stays open.
const POLL: Duration = Duration::from_secs(30);
/// After a poll that failed.
const PAUSE: Duration = Duration::from_millis(20);

/// What the workflows and activities of a test do.
pub trait Script: Send + Sync + 'static {
    /// Commands for a workflow task, by its whole history.
    fn decide(&self, task: &PollWorkflowTaskQueueResponse) -> Vec<Command>;

    /// An activity's result, or why it failed.
    ///
    /// # Errors
    /// The message of the failure.
    fn act(&self, task: &PollActivityTaskQueueResponse) -> Result<Payloads, String>;

    /// A workflow task's commands were acknowledged.
    fn decided(&self, _task: &PollWorkflowTaskQueueResponse, _commands: &[Command]) {}

    /// An activity's result was acknowledged.
    fn acted(&self, _task: &PollActivityTaskQueueResponse, _result: &Payloads) {}
}

/// A worker at work; it ends with this value.
#[derive(Debug)]
pub struct Worker {
    _pollers: JoinSet<()>,
}

impl Worker {
    /// Opens so many polls of each kind.
    pub fn start(client: &Client, queue: &str, script: Arc<impl Script>, pollers: usize) -> Self {
        let mut set = JoinSet::new();
        for _ in 0..pollers {
            set.spawn(poll_workflow_tasks(client.clone(), queue.to_owned(), Arc::clone(&script)));
            set.spawn(poll_activity_tasks(client.clone(), queue.to_owned(), Arc::clone(&script)));
        }
        Self { _pollers: set }
    }
}

async fn poll_workflow_tasks(client: Client, queue: String, script: Arc<impl Script>) {
    loop {
        let request = PollWorkflowTaskQueueRequest {
            namespace: client.namespace.clone(),
            task_queue: Some(normal_queue(&queue)),
            identity: IDENTITY.to_owned(),
            ..Default::default()
        };
        match client.service().poll_workflow_task_queue(within(POLL, request)).await {
            Ok(answer) if answer.get_ref().task_token.is_empty() => {}
            Ok(answer) => decide(&client, answer.get_ref(), script.as_ref()).await,
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Answers one workflow task. An answer that gets lost is the server's to repeat: the task times out.
pub async fn decide(client: &Client, task: &PollWorkflowTaskQueueResponse, script: &impl Script) {
    let commands = script.decide(task);
    let request = RespondWorkflowTaskCompletedRequest {
        namespace: client.namespace.clone(),
        task_token: task.task_token.clone(),
        commands: commands.clone(),
        identity: IDENTITY.to_owned(),
        ..Default::default()
    };
    if client.service().respond_workflow_task_completed(within(UNARY, request)).await.is_ok() {
        script.decided(task, &commands);
    }
}

async fn poll_activity_tasks(client: Client, queue: String, script: Arc<impl Script>) {
    loop {
        let request = PollActivityTaskQueueRequest {
            namespace: client.namespace.clone(),
            task_queue: Some(normal_queue(&queue)),
            identity: IDENTITY.to_owned(),
            ..Default::default()
        };
        match client.service().poll_activity_task_queue(within(POLL, request)).await {
            Ok(answer) if answer.get_ref().task_token.is_empty() => {}
            Ok(answer) => act(&client, answer.get_ref(), script.as_ref()).await,
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn act(client: &Client, task: &PollActivityTaskQueueResponse, script: &impl Script) {
    let (namespace, task_token, identity) = (client.namespace.clone(), task.task_token.clone(), IDENTITY.to_owned());
    match script.act(task) {
        Ok(result) => {
            let request = RespondActivityTaskCompletedRequest {
                namespace,
                task_token,
                identity,
                result: Some(result.clone()),
                ..Default::default()
            };
            if client.service().respond_activity_task_completed(within(UNARY, request)).await.is_ok() {
                script.acted(task, &result);
            }
        }
        Err(message) => {
            let info = ApplicationFailureInfo { r#type: "Scripted".to_owned(), ..Default::default() };
            let failure =
                Failure { message, failure_info: Some(FailureInfo::ApplicationFailureInfo(info)), ..Default::default() };
            let request = RespondActivityTaskFailedRequest {
                namespace,
                task_token,
                identity,
                failure: Some(failure),
                ..Default::default()
            };
            // Where the answer is lost, the attempt times out.
            let _ = client.service().respond_activity_task_failed(within(UNARY, request)).await;
        }
    }
}
