//! The program called `tctl`, against a server: its words, shapes of output, variables and exit codes.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;

use acceptance::client::{Client, IDENTITY, UNARY, json, normal_queue, within};
use acceptance::commands::{Progress, activity, complete};
use acceptance::worker::{Script, Worker, decide};
use proto::temporal::api::enums::v1::QueryResultType;
use proto::temporal::api::workflowservice::v1::{
    PollActivityTaskQueueRequest, PollActivityTaskQueueResponse, PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse,
    RespondQueryTaskCompletedRequest,
};
use serde_json::Value;

use super::{Shell, text};

/// The link, and the server it is used on.
struct Tctl {
    shell: Shell,
    link: PathBuf,
    folder: tempfile::TempDir,
}

impl Tctl {
    async fn open() -> Self {
        let shell = Shell::open().await;
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("tctl");
        std::os::unix::fs::symlink(acceptance::server::binary().unwrap(), &link).unwrap();
        Self { shell, link, folder }
    }

    /// The words between blanks, then one word that may hold blanks.
    fn command(&self, line: &str, last: &[&str]) -> Command {
        let mut command = Command::new(&self.link);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TEMPORAL_")) {
            command.env_remove(name);
        }
        command.args(line.split_whitespace()).args(last).env("TEMPORAL_CLI_ADDRESS", &self.shell.server.address);
        // Commands on a busy machine may take longer than five seconds.
        command.env("TEMPORAL_CONTEXT_TIMEOUT", "60");
        command
    }

    fn says(&self, line: &str, last: &[&str]) -> String {
        said(&self.command(line, last).output().unwrap(), line)
    }

    fn complains(&self, line: &str) -> String {
        complaint(&self.command(line, &[]).output().unwrap(), line)
    }

    fn json(&self, line: &str) -> Value {
        let said = self.says(line, &[]);
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{line}: {error}: {said}"))
    }

    /// Says it again until the answer has these words: lists follow commits after a moment.
    fn says_in_time(&self, line: &str, words: &str) -> String {
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
        loop {
            let said = self.says(line, &[]);
            if said.contains(words) {
                return said;
            }
            assert!(tokio::time::Instant::now() < deadline, "{line}: {said}");
        }
    }

    fn client(&self) -> Client {
        Client::new(&self.shell.server.address).unwrap()
    }
}

fn said(output: &Output, line: &str) -> String {
    assert!(output.status.success(), "{line}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn complaint(output: &Output, line: &str) -> String {
    assert_eq!(output.status.code(), Some(1), "{line}: {}", text(&output.stdout));
    assert_eq!(text(&output.stdout), "", "{line}");
    text(&output.stderr)
}

#[tokio::test]
async fn namespaces_and_search_attributes_are_looked_after() {
    let tctl = Tctl::open().await;
    let done = tctl.says("--ns shop namespace register --rd 3 --namespace_data team:a --desc", &["the shop"]);
    assert_eq!(done, "Namespace shop successfully registered.\n");
    assert!(tctl.complains("--ns shop n re").contains("ALREADY_EXISTS"));
    let shop = tctl.says("--ns shop n desc", &[]);
    for line in
        ["Name: shop\n", "Description: the shop\n", "NamespaceData: map[string]string{\"team\":\"a\"}\n", "Retention: 72h0m0s\n"]
    {
        assert!(shop.contains(line), "{shop}");
    }
    assert_eq!(tctl.says("--ns shop n update --oe a@b", &[]), "Namespace shop successfully updated.\n");
    let listed = tctl.says("namespace list", &[]);
    assert!(listed.contains("Name: default\n") && listed.contains("OwnerEmail: a@b\n"), "{listed}");
    assert!(tctl.complains("--ns nowhere n desc").contains("nowhere"));
    assert!(tctl.complains("admin cluster add-search-attributes -n Kind").contains("as many"));
    tctl.says("--auto_confirm --ns shop adm cl asa --name Kind --type keyword", &[]);
    assert!(tctl.says("--ns shop cluster get-search-attributes", &[]).contains("| Kind "));
    let known = tctl.json("--ns shop admin cluster get-search-attributes --print_json true");
    assert_eq!(known["customSearchAttributes"]["Kind"], "Keyword", "{known}");
    tctl.says("--auto_confirm --ns shop adm cl rsa -n Kind", &[]);
    assert!(!tctl.says("--ns shop cl gsa", &[]).contains("| Kind "));
    assert_eq!(tctl.says("cluster health", &[]), "temporal.api.workflowservice.v1.WorkflowService: SERVING\n");
    assert_eq!(tctl.json("admin cluster describe")["clusterName"], "active");
}

#[tokio::test]
async fn a_workflow_is_started_looked_at_steered_and_deleted() {
    let tctl = Tctl::open().await;
    let start = "wf start -tq orders --wt Order -w o-1 --et 3600 -i 7 -i null --memo_key note --memo hi --search_attr_key \
                 CustomOrderID --search_attr_value";
    let started = tctl.says(start, &["\"o-7\""]);
    let run = started.trim().strip_prefix("Started Workflow Id: o-1, run Id: ").unwrap_or_else(|| panic!("{started}")).to_owned();
    assert_eq!(
        tctl.says("workflow signal --wid o-1 --name paid --input", &["{\"by\": \"card\"}"]),
        "Signal workflow succeeded.\n"
    );
    let file = tctl.folder.path().join("history.json");
    let shown = tctl.says("workflow show -w o-1 --output_filename", &[&file.to_string_lossy()]);
    let begin = "  1  WorkflowExecutionStarted   {WorkflowType:{Name:Order}, ";
    assert!(shown.starts_with(begin) && shown.contains("Input:[7, nil]"), "{shown}");
    let saved: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(saved["events"][2]["eventType"], "WorkflowExecutionSignaled", "{saved}");
    let event = tctl.says("wf showid o-1 --event_id 3", &[]);
    assert!(event.contains("EventType:WorkflowExecutionSignaled") && event.contains("Input:[{\"by\": \"card\"}]"), "{event}");
    let state = tctl.json("workflow describe --workflow_id o-1");
    let info = &state["workflowExecutionInfo"];
    assert_eq!((&info["status"], &info["execution"]["runId"]), (&Value::from("Running"), &Value::from(run.as_str())), "{state}");
    assert_eq!(info["searchAttributes"]["indexedFields"]["CustomOrderID"], "o-7", "{state}");
    assert_eq!(state["executionConfig"]["workflowExecutionTimeout"], "3600s", "{state}");
    let raw = tctl.json(&format!("wf descid o-1 {run} --print_raw"));
    assert_eq!(raw["workflowExecutionInfo"]["taskQueue"], "orders", "{raw}");
    assert_eq!(tctl.says("wf c -w o-1", &[]), "Cancel workflow succeeded.\n");
    assert_eq!(tctl.says("wf term -w o-1 --reason enough", &[]), "Terminate workflow succeeded.\n");
    assert_eq!(tctl.json("wf desc -w o-1")["workflowExecutionInfo"]["status"], "Terminated");
    let gone = tctl.complains("wf term -w o-1");
    assert!(gone.starts_with("Error: ") && gone.contains("\nError Details: ") && gone.contains("NOT_FOUND"), "{gone}");
    assert_eq!(tctl.says("admin workflow delete -w o-1 --yes", &[]), "Workflow execution deleted.\n");
    assert!(tctl.complains("wf desc -w o-1").contains("NOT_FOUND"));
}

#[tokio::test]
async fn lists_are_tables_or_json_of_what_runs_or_is_closed() {
    let tctl = Tctl::open().await;
    for id in ["a", "b", "c"] {
        tctl.says(&format!("wf start -tq orders -wt Order -w {id}"), &[]);
    }
    tctl.says("wf term -w c", &[]);
    tctl.says_in_time("wf list --query WorkflowType='Order' -pjson", "\"Terminated\"");
    assert_eq!(tctl.says_in_time("workflow count --query ExecutionStatus='Running'", "2"), "2\n");
    let open = tctl.says("workflow list --open", &[]);
    let (head, rows) = open.split_once('\n').unwrap();
    assert!(head.starts_with("  WORKFLOW TYPE | WORKFLOW ID |") && head.ends_with("| START TIME | EXECUTION TIME  "), "{open}");
    assert_eq!(rows.lines().count(), 2, "{open}");
    let closed = tctl.says("wf l -pdt", &[]);
    assert!(closed.contains("END TIME") && closed.contains("| c ") && !closed.contains("| a "), "{closed}");
    assert_eq!(tctl.json("wf l --status terminated --print_json").as_array().map(Vec::len), Some(1));
    assert_eq!(tctl.json("wf l --status completed --print_json").as_array().map(Vec::len), Some(0));
    assert_eq!(tctl.json("wf listall --open --workflow_id a -pjson")[0]["execution"]["workflowId"], "a");
    assert_eq!(tctl.json("wf list --open --pagesize 1 -pjson").as_array().map(Vec::len), Some(1));
    assert_eq!(tctl.says("wf l -op -ps 1 --more", &[]).matches("WORKFLOW TYPE").count(), 2, "no more input is a yes");
    assert_eq!(tctl.json("wf list --open --latest_time 1h --print_json").as_array().map(Vec::len), Some(0));
    assert_eq!(tctl.says("wf scan --print_full", &[]).matches("TaskQueue:orders").count(), 3);
    assert!(tctl.complains("wf list --open --status c").contains("--status"));
    assert!(tctl.complains("wf list --query WorkflowType=").contains("INVALID_ARGUMENT"));
    let batch = tctl.complains("wf term --yes --query WorkflowType='Order'");
    assert!(batch.contains("batch operations are not built"), "{batch}");
}

/// An order of two activities: each ends as people say, not as a worker does.
struct Order;

impl Script for Order {
    fn decide(&self, task: &PollWorkflowTaskQueueResponse) -> Vec<proto::temporal::api::command::v1::Command> {
        match Progress::of(task) {
            Progress { scheduled: 0, .. } => vec![activity("pay", "Pay", "people", 1)],
            Progress { scheduled: 1, completed: 1, .. } => vec![activity("ship", "Ship", "people", 1)],
            Progress { failed: 1, .. } => vec![complete(json(&serde_json::json!({"status": "UNSHIPPED"})))],
            _ => Vec::new(),
        }
    }

    fn act(&self, _: &PollActivityTaskQueueResponse) -> Result<proto::temporal::api::common::v1::Payloads, String> {
        Err("people do this".to_owned())
    }
}

/// Takes an activity of the queue that no worker polls, and leaves it to whom knows its id.
async fn take(client: &Client, id: &str) {
    let request = PollActivityTaskQueueRequest {
        namespace: client.namespace.clone(),
        task_queue: Some(normal_queue("people")),
        identity: IDENTITY.to_owned(),
        ..Default::default()
    };
    let task = client.service().poll_activity_task_queue(within(UNARY, request)).await.unwrap().into_inner();
    assert_eq!(task.activity_id, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_followed_while_people_end_its_activities() {
    let tctl = Arc::new(Tctl::open().await);
    let client = tctl.client();
    let worker = Worker::start(&client, "orders", Arc::new(Order), 1);
    let runner = Arc::clone(&tctl);
    let run = tokio::task::spawn_blocking(move || runner.says("workflow run -tq orders -wt Order -w o-1 -i 7", &[]));
    take(&client, "pay").await;
    let run_id = tctl.json("wf desc -w o-1")["workflowExecutionInfo"]["execution"]["runId"].as_str().unwrap().to_owned();
    assert!(tctl.complains("activity complete -w o-1 --activity_id pay").contains("option run_id is required"));
    let pay = format!("act comp -w o-1 -r {run_id} -aid pay --identity me --result");
    assert_eq!(tctl.says(&pay, &["paid in full"]), "Complete activity successfully.\n");
    take(&client, "ship").await;
    let pending = tctl.json("wf desc -w o-1");
    assert_eq!(pending["pendingActivities"][0]["state"], "Started", "{pending}");
    let queue = tctl.says("taskqueue describe --taskqueue orders", &[]);
    assert!(queue.starts_with("  WORKFLOW POLLER IDENTITY |") && queue.contains("acceptance"), "{queue}");
    assert!(tctl.says("tq desc -tq people -tqt activity", &[]).contains("ACTIVITY POLLER IDENTITY"));
    assert!(tctl.says("admin taskqueue describe -tq orders", &[]).contains("BACKLOG"));
    assert!(tctl.says("tq lp -tq orders", &[]).contains("WORKFLOWTASKQUEUEPARTITION"));
    let ship = format!("act fail -w o-1 -r {run_id} -aid ship --identity me --reason lost --detail");
    assert_eq!(tctl.says(&ship, &["at sea"]), "Fail activity successfully.\n");
    let followed = run.await.unwrap();
    for line in ["Running execution:\n", "  Workflow Id : o-1 ", "Progress:\n", "Result:\n", "  Status: COMPLETED\n"] {
        assert!(followed.contains(line), "{line}: {followed}");
    }
    assert!(followed.contains("  Output: [{\"status\":\"UNSHIPPED\"}]\n"), "{followed}");
    let observed = tctl.says("wf observe -w o-1 --show_detail", &[]);
    assert!(observed.contains("WorkflowExecutionCompleted, {Result:[{\"status\":\"UNSHIPPED\"}]"), "{observed}");
    let full = tctl.says("wf show -w o-1 --print_full", &[]);
    assert!(full.contains("Result:[\"paid in full\"]") && full.contains("Message:lost, Source:CLI"), "{full}");
    drop(worker);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_answers_a_query_and_shows_its_stack() {
    let tctl = Tctl::open().await;
    let client = tctl.client();
    tctl.says("wf start -tq orders -wt Order -w o-1", &[]);
    let poller = client.clone();
    let answering = tokio::spawn(async move {
        loop {
            let request = PollWorkflowTaskQueueRequest {
                namespace: poller.namespace.clone(),
                task_queue: Some(normal_queue("orders")),
                identity: IDENTITY.to_owned(),
                ..Default::default()
            };
            let Ok(task) = poller.service().poll_workflow_task_queue(within(UNARY, request)).await else { continue };
            let task = task.into_inner();
            match &task.query {
                None if task.task_token.is_empty() => {}
                None => decide(&poller, &task, &Order).await,
                Some(query) => {
                    let arguments = query.query_args.iter().flat_map(|args| &args.payloads).count();
                    let answer = serde_json::json!({"asked": query.query_type, "arguments": arguments});
                    let request = RespondQueryTaskCompletedRequest {
                        namespace: poller.namespace.clone(),
                        task_token: task.task_token.clone(),
                        completed_type: QueryResultType::Answered.into(),
                        query_result: Some(json(&answer)),
                        ..Default::default()
                    };
                    poller.service().respond_query_task_completed(within(UNARY, request)).await.unwrap();
                }
            }
        }
    });
    let answer = tctl.says("workflow query -w o-1 --query_type state --input", &["1 \"two\""]);
    assert_eq!(answer, "Query result:\n[{\"arguments\":2,\"asked\":\"state\"}]\n");
    assert_eq!(tctl.says("wf stack -w o-1", &[]), "Query result:\n[{\"arguments\":0,\"asked\":\"__stack_trace\"}]\n");
    tctl.says("wf term -w o-1", &[]);
    let rejected = tctl.says("wf query -w o-1 -qt state -qrc not_open", &[]);
    assert_eq!(rejected, "Query was rejected, workflow has status: Terminated\n");
    answering.abort();
}

#[tokio::test]
async fn what_cannot_be_done_is_said_with_the_exit_code_one() {
    let tctl = Tctl::open().await;
    for (line, words) in [
        ("wf reset -w o --event_id 4 --reason r", "reset is not built yet"),
        ("schedule list", "--cron"),
        ("batch-v2 list", "call for each"),
        ("admin shard describe --shard_id 1", "cluster health"),
        ("admin cluster list", "stands alone"),
        ("wf list --no_such_flag", "--no_such_flag"),
        ("wf dance", "dance"),
        ("wf show", "option workflow_id is required"),
        ("wf list --ns shop", "global flag"),
        ("--tls_ca_path ca.pem wf list", "TLS is not built"),
        ("--codec_endpoint http://x wf list", "codecs are not built"),
        ("--address 127.0.0.1:1 wf list", "127.0.0.1:1"),
    ] {
        let said = tctl.complains(line);
        assert!(said.contains(words), "{line}: {said}");
    }
    let clear = tctl.command("wf list", &[]).env("TEMPORAL_CLI_TLS_CERT", "a.pem").output().unwrap();
    assert!(complaint(&clear, "a certificate").contains("TEMPORAL_CLI_TLS_CERT"));
    let shop = tctl.command("wf count", &[]).env("TEMPORAL_CLI_NAMESPACE", "nowhere").output().unwrap();
    assert!(complaint(&shop, "another namespace").contains("nowhere"));
    let authorized = tctl.command("wf count", &[]).env("TEMPORAL_CLI_AUTH", "Bearer x").output().unwrap();
    assert_eq!(said(&authorized, "a header"), "0\n");
    let mut elsewhere = tctl.command("wf count", &[]);
    assert!(elsewhere.env("TEMPORAL_TLS", "true").output().unwrap().status.success(), "not a variable of tctl's");
    assert!(tctl.says("", &[]).contains("namespace") && tctl.says("admin wf", &[]).contains("refresh_tasks"));
    assert!(tctl.says("--version", &[]).starts_with("tctl ") && tctl.says("completion bash", &[]).contains("taskqueue"));
}
