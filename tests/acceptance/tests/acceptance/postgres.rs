//! A server on PostgreSQL as operators meet it: the database is not there yet, its tables are missing, it restarts.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use acceptance::client::{Client, is_passing, json};
use acceptance::commands::{self, Progress};
use acceptance::histories;
use acceptance::postgres::Postgres;
use acceptance::server::{Server, Start, Storage, binary};
use acceptance::worker::{Script, Worker};
use proto::temporal::api::command::v1::Command as Decision;
use proto::temporal::api::common::v1::Payloads;
use proto::temporal::api::enums::v1::WorkflowExecutionStatus;
use proto::temporal::api::workflowservice::v1::{PollActivityTaskQueueResponse, PollWorkflowTaskQueueResponse};
use serde_json::json;
use tokio::time::Instant;

const PATIENCE: Duration = Duration::from_secs(60);
const QUEUE: &str = "restarts";

fn schema(verb: &str, url: &str) -> (Option<i32>, String) {
    let output: Output = Command::new(binary().unwrap()).args(["schema", verb, "--database-url", url]).output().unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    (output.status.code(), said)
}

/// A server that is started and not yet ready.
struct Waiting {
    child: Child,
    folder: tempfile::TempDir,
}

impl Waiting {
    fn start(words: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| std::fs::File::create(folder.path().join(name)).unwrap();
        let mut command = Command::new(binary().unwrap());
        command.args(["server", "start-dev", "--headless", "--port", "0"]).args(words);
        let child = command.stdin(Stdio::null()).stdout(file("out")).stderr(file("log")).spawn().unwrap();
        Self { child, folder }
    }

    async fn says(&mut self, file: &str, words: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let said = std::fs::read_to_string(self.folder.path().join(file)).unwrap();
            if said.contains(words) {
                return said;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "it does not say {words:?} ({ended:?}): {said}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Tells it to stop; its exit code.
    fn stop(mut self) -> Option<i32> {
        Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn fresh() -> String {
    match Storage::fresh_postgres() {
        Storage::Postgres(url) => url,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schema_says_what_is_missing_and_sets_it_up() {
    let url = fresh();
    let (code, said) = schema("status", &url);
    assert!(code == Some(1) && said.contains("no database") && said.contains("aevum schema setup"), "{said}");
    let (code, said) = schema("update", &url);
    assert!(code == Some(1) && said.contains("aevum schema setup"), "{said}");
    for _ in 0..2 {
        let (code, said) = schema("setup", &url);
        assert!(code == Some(0) && said.contains("the tables have version"), "{said}");
    }
    for verb in ["status", "update"] {
        assert_eq!(schema(verb, &url).0, Some(0));
    }
    let (code, said) = schema("status", "mysql://localhost/aevum");
    assert!(code == Some(1) && said.contains("postgres://"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_waits_for_tables_and_says_how_to_get_them() {
    let url = fresh();
    let mut server = Waiting::start(&["--database-url", &url]);
    let said = server.says("log", "waiting for the database").await;
    assert!(said.contains("aevum schema setup"), "{said}");
    assert_eq!(schema("setup", &url).0, Some(0));
    server.says("out", "Server:").await;
    assert_eq!(server.stop(), Some(0));
    // One that waits in vain ends in order.
    let mut server = Waiting::start(&["--database-url", &fresh()]);
    server.says("log", "waiting for the database").await;
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn password_comes_from_a_file() {
    let url = fresh();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "aevum\n").unwrap();
    let bare = url.replace("aevum:aevum@", "aevum@");
    let words = |file: &Path| {
        ["--auto-setup", "--database-url", &bare, "--database-password-file", &file.to_string_lossy()].map(str::to_owned)
    };
    let words = words(&file);
    let mut server = Waiting::start(&words.each_ref().map(String::as_str));
    server.says("out", "Server:").await;
    assert_eq!(server.stop(), Some(0));
}

struct OneActivity;

impl Script for OneActivity {
    fn decide(&self, task: &PollWorkflowTaskQueueResponse) -> Vec<Decision> {
        match Progress::of(task) {
            Progress { scheduled: 0, .. } => vec![commands::activity("only", "Work", QUEUE, 10)],
            Progress { completed: 1, .. } => vec![commands::complete(json(&json!("done")))],
            _ => vec![],
        }
    }

    fn act(&self, _task: &PollActivityTaskQueueResponse) -> Result<Payloads, String> {
        Ok(json(&json!("worked")))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_outlives_a_database_that_starts_late_restarts_and_crashes() {
    let database = Postgres::start().unwrap();
    let url = database.url("orders");
    database.stop().unwrap();
    let mut waiting = Waiting::start(&["--auto-setup", "--database-url", &url]);
    let said = waiting.says("log", "waiting for the database").await;
    assert!(said.contains("cannot be reached"), "{said}");
    database.start_again().unwrap();
    waiting.says("out", "Server:").await;
    assert_eq!(waiting.stop(), Some(0));

    let mut server = Server::start(&Start::on(Storage::Postgres(url))).await.unwrap();
    let client = Client::new(&server.address).unwrap();
    let _worker = Worker::start(&client, QUEUE, Arc::new(OneActivity), 2);
    let mut ids = Vec::new();
    for round in 0..3 {
        for number in 0..20 {
            let id = format!("order-{round}-{number}");
            let request = client.start_request(&id, "Order", QUEUE, None);
            client.start_until_acknowledged(&request).await.unwrap();
            ids.push(id);
        }
        if round == 0 { database.stop() } else { database.crash() }.unwrap();
        let refused = client.start(client.start_request(&format!("refused-{round}"), "Order", QUEUE, None)).await;
        assert!(refused.as_ref().is_err_and(is_passing), "{refused:?}");
        database.start_again().unwrap();
    }
    for id in &ids {
        let status =
            client.wait_until_closed(id, PATIENCE).await.unwrap_or_else(|error| panic!("{error:#}: {}", server.log_text()));
        assert_eq!(status, WorkflowExecutionStatus::Completed, "{id}");
        histories::check_closed(&client.history(id, "").await.unwrap()).unwrap();
    }
    assert!(server.stop().await.unwrap().success(), "{}", server.log_text());
    assert_eq!(server.complaints(), Vec::<String>::new());
}
