//! Workflows with an activity, signals and ends of two kinds; every acknowledged reply is noted with its moment and with a
//! mark that must be found in the stored run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use acceptance::client::{Client, UNARY, json, within};
use acceptance::commands::{self, Progress};
use acceptance::worker::{Script, Worker};
use anyhow::ensure;
use parking_lot::Mutex;
use proto::temporal::api::command::v1::Command;
use proto::temporal::api::common::v1::{Payloads, WorkflowExecution};
use proto::temporal::api::workflowservice::v1::{
    PollActivityTaskQueueResponse, PollWorkflowTaskQueueResponse, TerminateWorkflowExecutionRequest,
};
use serde_json::json;
use tokio::task::JoinSet;

const QUEUE: &str = "power";
const CLIENTS: usize = 6;
const PATIENCE: Duration = Duration::from_secs(90);

/// One reply that a client has.
#[derive(Debug, Clone)]
pub(super) struct Acknowledged {
    /// When it was there, in microseconds since 1970.
    pub(super) at: i64,
    pub(super) workflow: String,
    /// What the stored run must contain.
    pub(super) mark: String,
}

/// All replies so far; clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger {
    replies: Arc<Mutex<Vec<Acknowledged>>>,
    numbers: Arc<AtomicUsize>,
}

impl Ledger {
    fn note(&self, workflow: &str, mark: String) {
        let reply = Acknowledged { at: now_us(), workflow: workflow.to_owned(), mark };
        self.replies.lock().push(reply);
    }

    pub(super) fn sorted(&self) -> Vec<Acknowledged> {
        let mut replies = self.replies.lock().clone();
        replies.sort_by_key(|reply| reply.at);
        replies
    }
}

/// The clock that strace stamps with.
#[expect(clippy::disallowed_methods, reason = "compared with the stamps of strace")]
pub(super) fn now_us() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    since.as_micros() as i64
}

/// A mark: found again by its brackets.
fn mark(what: &str, workflow: &str) -> String {
    format!("<<{what} {workflow}>>")
}

/// Clients and worker at work; they end with this value.
pub(super) struct Load {
    ledger: Ledger,
    _worker: Worker,
    _clients: JoinSet<()>,
}

impl Load {
    pub(super) fn start(address: &str, ledger: &Ledger) -> anyhow::Result<Self> {
        let client = Client::new(address)?;
        let script = Arc::new(Marks { ledger: ledger.clone() });
        let worker = Worker::start(&client, QUEUE, script, 3);
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            clients.spawn(drive(client.clone(), ledger.clone()));
        }
        Ok(Self { ledger: ledger.clone(), _worker: worker, _clients: clients })
    }

    /// Waits until so many replies are there.
    pub(super) async fn wait_until(&self, replies: usize) -> anyhow::Result<()> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while self.ledger.replies.lock().len() < replies {
            let have = self.ledger.replies.lock().len();
            ensure!(tokio::time::Instant::now() < deadline, "only {have} of {replies} replies");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

/// Starts workflow after workflow; signals each twice; terminates every eighth.
async fn drive(client: Client, ledger: Ledger) {
    loop {
        let number = ledger.numbers.fetch_add(1, Ordering::Relaxed);
        let id = format!("cut-{number}");
        let input = Some(json(&json!(mark("input", &id))));
        if client.start(client.start_request(&id, "Cut", QUEUE, input)).await.is_err() {
            return;
        }
        ledger.note(&id, mark("input", &id));
        for name in ["first", "second"] {
            let text = mark(name, &id);
            if client.signal(client.signal_request(&id, name, Some(json(&json!(text))))).await.is_err() {
                return;
            }
            ledger.note(&id, text);
        }
        if number.is_multiple_of(8) {
            let request = TerminateWorkflowExecutionRequest {
                namespace: client.namespace.clone(),
                workflow_execution: Some(WorkflowExecution { workflow_id: id.clone(), run_id: String::new() }),
                reason: mark("end", &id),
                ..Default::default()
            };
            if client.service().terminate_workflow_execution(within(UNARY, request)).await.is_ok() {
                ledger.note(&id, mark("end", &id));
            }
        } else if client.wait_until_closed(&id, PATIENCE).await.is_err() {
            return;
        }
    }
}

/// Two activities, one after the other, then completion once both signals are there.
struct Marks {
    ledger: Ledger,
}

fn id_of(execution: Option<&WorkflowExecution>) -> &str {
    execution.map(|execution| execution.workflow_id.as_str()).unwrap_or_default()
}

impl Script for Marks {
    fn decide(&self, task: &PollWorkflowTaskQueueResponse) -> Vec<Command> {
        let (done, id) = (Progress::of(task), id_of(task.workflow_execution.as_ref()));
        match done.completed {
            2 if done.signals == 2 => vec![commands::complete(json(&json!(mark("output", id))))],
            n if n < 2 && done.scheduled == n => {
                vec![commands::activity(&mark(&format!("activity {n}"), id), "Echo", QUEUE, 5)]
            }
            _ => vec![],
        }
    }

    fn act(&self, task: &PollActivityTaskQueueResponse) -> Result<Payloads, String> {
        let id = id_of(task.workflow_execution.as_ref());
        let number = task.activity_id.chars().find(char::is_ascii_digit).unwrap_or('x');
        Ok(json(&json!(mark(&format!("result {number}"), id))))
    }

    fn decided(&self, task: &PollWorkflowTaskQueueResponse, commands: &[Command]) {
        let id = id_of(task.workflow_execution.as_ref());
        let done = Progress::of(task);
        if let Some(command) = commands.first() {
            let what = match command.command_type() {
                proto::temporal::api::enums::v1::CommandType::CompleteWorkflowExecution => "output".to_owned(),
                _ => format!("activity {}", done.completed),
            };
            self.ledger.note(id, mark(&what, id));
        }
    }

    fn acted(&self, task: &PollActivityTaskQueueResponse, result: &Payloads) {
        let id = id_of(task.workflow_execution.as_ref());
        let text = result.payloads.first().and_then(|payload| serde_json::from_slice::<String>(&payload.data).ok());
        self.ledger.note(id, text.unwrap_or_default());
    }
}
