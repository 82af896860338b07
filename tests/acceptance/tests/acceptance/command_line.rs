//! The command line against a server: its verbs, forms of output, exit codes, variables, and its other names.

mod tctl;

use std::path::Path;
use std::process::{Command, Output};

use acceptance::server::{Server, Start, Storage, binary};
use serde_json::Value;

/// One server and the words to reach it.
struct Shell {
    server: Server,
}

impl Shell {
    async fn open() -> Self {
        let start = Start::on(Storage::Memory).with(&["--search-attribute", "CustomOrderID=Keyword"]);
        Self { server: Server::start(&start).await.unwrap() }
    }

    fn run_as(&self, program: &Path, words: &[&str]) -> Output {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TEMPORAL_")) {
            command.env_remove(name);
        }
        command.args(words).env("TEMPORAL_ADDRESS", &self.server.address).output().unwrap()
    }

    fn run(&self, words: &[&str]) -> Output {
        self.run_as(&binary().unwrap(), words)
    }

    /// What a command that succeeds prints.
    fn says(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{words:?}: {err}");
        out
    }

    /// What a command that fails complains of, on stderr alone.
    fn complains(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {}", text(&output.stdout));
        assert_eq!(text(&output.stdout), "", "{words:?}");
        text(&output.stderr)
    }

    fn json(&self, words: &[&str]) -> Value {
        let said = self.says(words);
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{words:?}: {error}: {said}"))
    }

    fn start(&self, id: &str) {
        let words = ["workflow", "start", "--type", "Order", "--task-queue", "orders", "--workflow-id", id];
        self.says(&[&words[..], &["--input", "{\"OrderID\":7}", "--search-attribute", "CustomOrderID=\"o-7\""]].concat());
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn an_execution_is_started_looked_at_steered_and_deleted() {
    let shell = Shell::open().await;
    shell.start("order-1");
    let described = shell.json(&["workflow", "describe", "--workflow-id", "order-1", "-o", "json"]);
    assert_eq!(described["workflowExecutionInfo"]["status"], "WORKFLOW_EXECUTION_STATUS_RUNNING", "{described}");
    assert_eq!(described["workflowExecutionInfo"]["searchAttributes"]["indexedFields"]["CustomOrderID"], "o-7", "{described}");
    shell.says(&["workflow", "signal", "--workflow-id", "order-1", "--name", "paid", "--input", "true"]);
    let shown = shell.says(&["workflow", "show", "--workflow-id", "order-1"]);
    assert!(shown.contains("WorkflowExecutionStarted") && shown.contains("WorkflowExecutionSignaled"), "{shown}");
    shell.says(&["workflow", "cancel", "--workflow-id", "order-1"]);
    shell.says(&["workflow", "terminate", "--workflow-id", "order-1", "--reason", "enough"]);
    let closed = shell.json(&["workflow", "describe", "--workflow-id", "order-1", "-o", "json"]);
    assert_eq!(closed["workflowExecutionInfo"]["status"], "WORKFLOW_EXECUTION_STATUS_TERMINATED", "{closed}");
    let gone = shell.complains(&["workflow", "signal", "--workflow-id", "order-1", "--name", "late"]);
    assert!(gone.contains("NOT_FOUND"), "{gone}");
    let failed = shell.run(&["workflow", "result", "--workflow-id", "order-1"]);
    assert_eq!(failed.status.code(), Some(1), "{}", text(&failed.stdout));
    // One that is named is deleted without a question: scripts have no terminal to answer at.
    shell.says(&["workflow", "delete", "--workflow-id", "order-1"]);
}

#[tokio::test]
async fn lists_and_counts_find_what_was_started() {
    let shell = Shell::open().await;
    for number in 0..3 {
        shell.start(&format!("order-{number}"));
    }
    let query = ["--query", "CustomOrderID = 'o-7'"];
    let count = || shell.says(&[&["workflow", "count"], &query[..]].concat());
    // Lists follow commits after a moment.
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    while !count().contains('3') {
        assert!(tokio::time::Instant::now() < deadline, "{}", count());
        tokio::task::yield_now().await;
    }
    let listed = shell.json(&[&["workflow", "list", "-o", "json"], &query[..]].concat());
    assert_eq!(listed.as_array().map(Vec::len), Some(3), "{listed}");
    let lines = shell.says(&[&["workflow", "list", "-o", "jsonl", "--limit", "2"], &query[..]].concat());
    assert_eq!(lines.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count(), 2, "{lines}");
    let wrong = shell.complains(&["workflow", "list", "--query", "CustomOrderID ="]);
    assert!(wrong.contains("INVALID_ARGUMENT"), "{wrong}");
}

#[tokio::test]
async fn operators_look_after_namespaces_and_search_attributes() {
    let shell = Shell::open().await;
    shell.says(&["operator", "namespace", "create", "--namespace", "shop", "--retention", "3d"]);
    let again = shell.complains(&["operator", "namespace", "create", "--namespace", "shop", "--retention", "3d"]);
    assert!(again.contains("ALREADY_EXISTS"), "{again}");
    let shop = shell.json(&["operator", "namespace", "describe", "--namespace", "shop", "-o", "json"]);
    assert!(shop.to_string().contains("259200s"), "{shop}");
    shell.says(&["operator", "search-attribute", "create", "--namespace", "shop", "--name", "Kind", "--type", "keyword"]);
    let listed = shell.says(&["operator", "search-attribute", "list", "--namespace", "shop"]);
    assert!(listed.contains("Kind"), "{listed}");
    assert!(shell.says(&["operator", "cluster", "health"]).contains("SERVING"));
    assert!(shell.says(&["operator", "cluster", "system"]).contains("1."));
}

#[tokio::test]
async fn what_is_wrong_is_said_on_stderr_and_by_the_exit_code() {
    let shell = Shell::open().await;
    let missing = shell.complains(&["workflow", "describe", "--workflow-id", "nobody"]);
    assert!(missing.contains("NOT_FOUND"), "{missing}");
    let unknown = shell.complains(&["workflow", "describe", "--no-such-flag"]);
    assert!(unknown.contains("--no-such-flag"), "{unknown}");
    let nowhere = shell.complains(&["workflow", "list", "--address", "127.0.0.1:1"]);
    assert!(nowhere.contains("127.0.0.1:1"), "{nowhere}");
    let clear = shell.complains(&["workflow", "list", "--tls-cert-path", "a.pem"]);
    assert!(clear.contains("TLS is not built"), "{clear}");
}

#[tokio::test]
async fn a_link_named_temporal_takes_the_same_words_and_shells_get_completions() {
    let shell = Shell::open().await;
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("temporal");
    std::os::unix::fs::symlink(binary().unwrap(), &link).unwrap();
    let help = text(&shell.run_as(&link, &["workflow", "--help"]).stdout);
    assert!(help.contains("temporal workflow"), "{help}");
    assert!(shell.run_as(&link, &["workflow", "list"]).status.success());
    for kind in ["bash", "zsh", "fish"] {
        assert!(shell.says(&["completion", kind]).contains("workflow"), "{kind}");
    }
    let version = shell.says(&["--version"]);
    assert!(version.contains("aevum") && version.contains("1."), "{version}");
}
