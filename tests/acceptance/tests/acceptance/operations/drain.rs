//! SIGTERM in the middle of work: the server ends in order, and nothing that it acknowledged is lost.

use std::sync::Arc;
use std::time::Duration;

use acceptance::client::{Client, is_passing, json};
use acceptance::commands::{self, Progress};
use acceptance::histories;
use acceptance::server::{Server, Start, Storage};
use acceptance::worker::{Script, Worker};
use parking_lot::Mutex;
use proto::temporal::api::command::v1::Command;
use proto::temporal::api::common::v1::Payloads;
use proto::temporal::api::enums::v1::WorkflowExecutionStatus;
use proto::temporal::api::workflowservice::v1::{PollActivityTaskQueueResponse, PollWorkflowTaskQueueResponse};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::Instant;

const QUEUE: &str = "drain";
const CLIENTS: usize = 16;
/// Replies to have before the signal.
const REPLIES: usize = 200;
const PATIENCE: Duration = Duration::from_secs(60);

struct OneActivity;

impl Script for OneActivity {
    fn decide(&self, task: &PollWorkflowTaskQueueResponse) -> Vec<Command> {
        match Progress::of(task) {
            Progress { scheduled: 0, .. } => vec![commands::activity("only", "Work", QUEUE, 10)],
            Progress { completed: 1, signals: 1, .. } => vec![commands::complete(json(&json!("done")))],
            _ => vec![],
        }
    }

    fn act(&self, _task: &PollActivityTaskQueueResponse) -> Result<Payloads, String> {
        Ok(json(&json!("worked")))
    }
}

/// Workflow and run id, and whether its signal was acknowledged too.
type Ledger = Arc<Mutex<Vec<(String, String, bool)>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_told_to_end_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut start = Start::on(Storage::Sqlite(folder.path().join("aevum.db")));
    let mut server = Server::start(&start).await.unwrap();
    start.port = server.port();
    let client = Client::new(&server.address).unwrap();
    let _worker = Worker::start(&client, QUEUE, Arc::new(OneActivity), 2);
    let ledger = Ledger::default();
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        clients.spawn(drive(client.clone(), number, Arc::clone(&ledger)));
    }
    wait_until_acknowledged(&ledger).await;
    // Clients and worker go on: calls are open when the signal comes, long polls among them.
    let began = Instant::now();
    let status = server.stop().await.unwrap();
    let took = began.elapsed();
    assert!(status.success(), "{status}: {}", server.log_text());
    assert_eq!(server.complaints(), Vec::<String>::new());
    while let Some(ended) = clients.join_next().await {
        // What a client is told of a server that goes away is to try again.
        let ended = ended.unwrap();
        assert!(is_passing(&ended), "a client was told something else: {ended:?}");
    }

    let mut server = Server::start(&start).await.unwrap();
    let told = ledger.lock().clone();
    for (id, run, signaled) in &told {
        if !signaled {
            client.signal_until_acknowledged(&client.signal_request(id, "go", None)).await.unwrap();
        }
        let status = client.wait_until_closed(id, PATIENCE).await.unwrap();
        assert_eq!(status, WorkflowExecutionStatus::Completed, "{id}");
        let events = client.history(id, run).await.unwrap();
        histories::check_closed(&events).unwrap();
    }
    println!("operations SIGTERM drained in {} ms, {} acknowledged workflows completed after it", took.as_millis(), told.len());
    assert!(server.stop().await.unwrap().success(), "{}", server.log_text());
    assert_eq!(server.complaints(), Vec::<String>::new());
}

/// Starts and signals workflows until the server refuses; returns what it said.
async fn drive(client: Client, number: usize, ledger: Ledger) -> tonic::Status {
    for count in 0.. {
        let id = format!("drain-{number}-{count}");
        match client.start(client.start_request(&id, "Drain", QUEUE, None)).await {
            Ok(started) => ledger.lock().push((id.clone(), started.run_id, false)),
            Err(status) => return status,
        }
        match client.signal(client.signal_request(&id, "go", None)).await {
            Ok(()) => ledger.lock().iter_mut().filter(|(known, ..)| *known == id).for_each(|(.., signaled)| *signaled = true),
            Err(status) => return status,
        }
    }
    tonic::Status::ok("never")
}

async fn wait_until_acknowledged(ledger: &Ledger) {
    let deadline = Instant::now() + PATIENCE;
    while ledger.lock().len() < REPLIES {
        assert!(Instant::now() < deadline, "only {} replies", ledger.lock().len());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
