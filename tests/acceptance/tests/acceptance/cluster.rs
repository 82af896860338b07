//! Eight processes on one PostgreSQL, each with a loopback address of its own: restarted one after the other, and killed, under
//! load from a client that repeats only what a server did not answer.

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acceptance::client::{Client, json};
use acceptance::commands::{self, Progress};
use acceptance::postgres::Postgres;
use acceptance::server::binary;
use acceptance::worker::{Script, Worker};
use proto::temporal::api::command::v1::Command as Decision;
use proto::temporal::api::common::v1::Payloads;
use proto::temporal::api::enums::v1::WorkflowExecutionStatus;
use proto::temporal::api::workflowservice::v1::{PollActivityTaskQueueResponse, PollWorkflowTaskQueueResponse};
use serde_json::json;
use tokio::time::Instant;

const QUEUE: &str = "cluster";
const PATIENCE: Duration = Duration::from_secs(90);
const ROLES: [&str; 8] = ["frontend", "frontend", "history", "history", "history", "matching", "matching", "worker"];

/// A process of the cluster.
struct Process {
    role: &'static str,
    number: usize,
    child: Child,
    folder: tempfile::TempDir,
}

impl Process {
    async fn start(role: &'static str, number: usize, config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.yaml");
        std::fs::write(&path, config).unwrap();
        let file = |name: &str| std::fs::File::create(folder.path().join(name)).unwrap();
        let mut command = Command::new(binary().unwrap());
        command.args(["server", "start", "--role", role, "--config"]).arg(&path);
        // The frontends keep their ports, as callers know them.
        let port = if role == "frontend" { 27_233 } else { 0 };
        command.env(format!("AEVUM_{}_BIND", role.to_uppercase()), format!("127.0.1.{}:{port}", number + 1));
        let child = command.stdin(Stdio::null()).stdout(file("out")).stderr(file("log")).spawn().unwrap();
        let mut process = Self { role, number, child, folder };
        let deadline = Instant::now() + PATIENCE;
        while !process.read("out").contains(&format!("{role}: ")) {
            let ended = process.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "{role} does not start ({ended:?}): {}", process.read("log"));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        process
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(file)).unwrap()
    }

    /// Has it drain and end, and starts another in its place.
    async fn restart(mut self, config: &str) -> Self {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        let deadline = Instant::now() + PATIENCE;
        let ended = loop {
            if let Some(ended) = self.child.try_wait().unwrap() {
                break ended;
            }
            assert!(Instant::now() < deadline, "{} does not stop: {}", self.role, self.read("log"));
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert!(ended.success(), "{} ended with {ended}: {}", self.role, self.read("log"));
        Self::start(self.role, self.number, config).await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One activity, and a note of every attempt that a worker saw.
#[derive(Default)]
struct Once {
    seen: Mutex<Vec<(String, i32)>>,
}

impl Script for Once {
    fn decide(&self, task: &PollWorkflowTaskQueueResponse) -> Vec<Decision> {
        match Progress::of(task) {
            Progress { scheduled: 0, .. } => vec![commands::activity("pack", "Pack", QUEUE, 10)],
            Progress { completed: 1, .. } => vec![commands::complete(json(&json!("packed")))],
            _ => vec![],
        }
    }

    fn act(&self, task: &PollActivityTaskQueueResponse) -> Result<Payloads, String> {
        let id = task.workflow_execution.as_ref().map(|of| of.workflow_id.clone()).unwrap_or_default();
        self.seen.lock().unwrap().push((id, task.attempt));
        Ok(json(&json!("done")))
    }
}

/// Starts workflows, one after the other, until told to stop; the ids that were acknowledged.
async fn load(client: Client, name: &'static str, mut stop: tokio::sync::watch::Receiver<bool>) -> Vec<String> {
    let mut started = Vec::new();
    while !*stop.borrow_and_update() {
        let id = format!("{name}-{}", started.len());
        client.start_until_acknowledged(&client.start_request(&id, "Order", QUEUE, None)).await.unwrap();
        started.push(id);
        let _ = tokio::time::timeout(Duration::from_millis(50), stop.changed()).await;
    }
    started
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_workflow_completes_while_each_process_restarts_and_one_is_killed() {
    let database = Postgres::start().unwrap();
    let url = database.url("cluster");
    let config = format!("persistence: {{database_url: '{url}', auto_setup: true}}\nlog: {{level: info}}\n");
    let mut processes = Vec::new();
    for (number, role) in ROLES.into_iter().enumerate() {
        processes.push(Process::start(role, number, &config).await);
    }
    let clients = ["127.0.1.1:27233", "127.0.1.2:27233"].map(|address| Client::new(address).unwrap());
    let script = Arc::new(Once::default());
    let _workers = clients.each_ref().map(|client| Worker::start(client, QUEUE, Arc::clone(&script), 3));
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let [first, second] = clients.clone();
    let loads = [("a", first), ("b", second)].map(|(name, client)| tokio::spawn(load(client, name, stopping.clone())));

    for _ in 0..ROLES.len() {
        let process = processes.remove(0);
        processes.push(process.restart(&config).await);
    }
    let history = processes.iter().position(|process| process.role == "history").unwrap();
    let mut killed = processes.remove(history);
    killed.child.kill().unwrap();
    killed.child.wait().unwrap();
    processes.push(Process::start("history", killed.number, &config).await);
    stop.send_replace(true);

    let mut started = Vec::new();
    for load in loads {
        started.extend(load.await.unwrap());
    }
    for id in &started {
        let status = clients[0].wait_until_closed(id, PATIENCE).await.unwrap();
        assert_eq!(status, WorkflowExecutionStatus::Completed, "{id}");
    }
    let seen = script.seen.lock().unwrap().clone();
    let distinct: BTreeSet<_> = seen.iter().cloned().collect();
    assert_eq!(distinct.len(), seen.len(), "an attempt ran twice");
    println!("cluster: {} workflows completed, {} attempts", started.len(), seen.len());
    assert!(started.len() > 100, "{}", started.len());
}
