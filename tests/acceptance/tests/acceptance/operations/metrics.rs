//! The article's four expressions, asked of a real Prometheus after a load whose numbers are known.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use acceptance::client::{Client, json};
use acceptance::commands::{self, Progress};
use acceptance::prometheus::{Prometheus, http_get};
use acceptance::server::{Server, Start, Storage};
use acceptance::worker::{Script, Worker};
use proto::temporal::api::command::v1::Command;
use proto::temporal::api::common::v1::Payloads;
use proto::temporal::api::workflowservice::v1::{PollActivityTaskQueueResponse, PollWorkflowTaskQueueResponse};
use serde_json::json;
use tokio::task::JoinSet;

const SUCCESS_RATE: &str = r#"
sum(rate(temporal_workflow_completed_count{status="completed"}[5m]))
/
sum(rate(temporal_workflow_completed_count[5m]))
"#;
const FAILURES_BY_TYPE: &str = "sum(rate(temporal_activity_execution_failed_count[5m])) by (activity_type)";
const BACKLOG: &str = r#"temporal_task_scheduler_pending_tasks{namespace="default"}"#;
const LATENCY_P99: &str = "histogram_quantile(0.99,\nsum(rate(temporal_workflow_execution_latency_bucket[5m])) by (le)\n)";

const QUEUE: &str = "metrics";
const PATIENCE: Duration = Duration::from_secs(60);
/// Workflows of the load, by how they end.
const COMPLETED: usize = 30;
const FAILED: usize = 10;
/// Failed attempts in each workflow that completes, and in each that fails.
const CHARGE_FAILURES: usize = 2;
const MAIL_FAILURES: usize = 1;
/// Every workflow waits so long, so that its latency is known.
const WAIT_S: f64 = 1.2;
/// Workflows that nobody takes.
const WAITING: usize = 7;

/// A timer, then an activity: "Charge" fails twice and succeeds, "Mail" fails once, and the workflow with it.
struct Shop;

impl Script for Shop {
    fn decide(&self, task: &PollWorkflowTaskQueueResponse) -> Vec<Command> {
        let good = task.workflow_type.as_ref().is_some_and(|kind| kind.name == "Good");
        match Progress::of(task) {
            Progress { timers: 0, .. } => vec![commands::timer("wait", WAIT_S)],
            Progress { fired: 1, scheduled: 0, .. } if good => vec![commands::activity("charge", "Charge", QUEUE, 5)],
            Progress { fired: 1, scheduled: 0, .. } => vec![commands::activity("mail", "Mail", QUEUE, 1)],
            Progress { completed: 1, .. } => vec![commands::complete(json(&json!("paid")))],
            Progress { failed: 1, .. } => vec![commands::fail("no mail")],
            _ => vec![],
        }
    }

    fn act(&self, task: &PollActivityTaskQueueResponse) -> Result<Payloads, String> {
        let charge = task.activity_type.as_ref().is_some_and(|kind| kind.name == "Charge");
        if charge && task.attempt as usize > CHARGE_FAILURES { Ok(json(&json!("charged"))) } else { Err("down".to_owned()) }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_articles_four_expressions_tell_the_truth() {
    let mut server = Server::start(&Start::on(Storage::Memory).with(&["--metrics-port", "0"])).await.unwrap();
    let target = server.metrics.clone().unwrap();
    let prometheus = Prometheus::start(&target).unwrap();
    let client = Client::new(&server.address).unwrap();
    let _worker = Worker::start(&client, QUEUE, Arc::new(Shop), 2);

    let count = "sum(temporal_workflow_completed_count)";
    prometheus.wait_for_sum(count, 0.0).await.unwrap();
    // One of each first: a rate begins with the second sample of a series, and activity types are not known before.
    let began = run(&client, "first", 1, 1).await;
    prometheus.wait_for_sum(count, 2.0).await.unwrap();
    prometheus
        .wait_for_sum("sum(temporal_activity_execution_failed_count)", (CHARGE_FAILURES + MAIL_FAILURES) as f64)
        .await
        .unwrap();
    let longest = began.max(run(&client, "load", COMPLETED, FAILED).await);
    for number in 0..WAITING {
        client.start(client.start_request(&format!("waiting-{number}"), "Waiting", "nobody", None)).await.unwrap();
    }
    prometheus.wait_for_sum(count, (2 + COMPLETED + FAILED) as f64).await.unwrap();
    prometheus.wait_for_sum(BACKLOG, WAITING as f64).await.unwrap();
    let now = Some(prometheus.wait_for_moment().await.unwrap());

    let success = prometheus.query(SUCCESS_RATE, now).await.unwrap();
    // Every status is there from the first scrape, so all rates are extended alike and their quotient is exact.
    let wanted = (COMPLETED + 1) as f64 / (COMPLETED + FAILED + 2) as f64;
    assert_eq!(success.len(), 1);
    assert!((success[0].value - wanted).abs() < 1e-6, "{success:?} and not {wanted}");

    let failures = prometheus.query(FAILURES_BY_TYPE, now).await.unwrap();
    let by_type: BTreeMap<String, f64> =
        failures.into_iter().map(|mut s| (s.labels.remove("activity_type").unwrap(), s.value)).collect();
    let wanted = BTreeMap::from([("Charge", COMPLETED * CHARGE_FAILURES), ("Mail", FAILED * MAIL_FAILURES)]);
    assert_eq!(by_type.keys().map(String::as_str).collect::<Vec<_>>(), wanted.keys().copied().collect::<Vec<_>>());
    for (kind, count) in wanted {
        let selector = format!("temporal_activity_execution_failed_count{{activity_type=\"{kind}\"}}[5m]");
        let expected = rate(&prometheus, &selector, now, count as f64).await;
        assert!((by_type[kind] - expected).abs() < expected * 0.1, "{kind}: {} and not {expected}", by_type[kind]);
    }

    let backlog = prometheus.query(BACKLOG, now).await.unwrap();
    assert_eq!(backlog.iter().map(|series| series.value).collect::<Vec<_>>(), [WAITING as f64]);

    let latency = prometheus.query(LATENCY_P99, now).await.unwrap();
    assert_eq!(latency.len(), 1);
    let ceiling = bucket_above(&http_get(&target, "/metrics").await.unwrap(), longest.as_secs_f64());
    let p99 = latency[0].value;
    assert!(
        p99 >= 1.0 && p99 <= ceiling,
        "p99 is {p99} s; the workflows took {WAIT_S} to {longest:?}, the bucket ends at {ceiling}"
    );

    println!("prometheus success rate {:.3}, failures per second by type {by_type:?}", success[0].value);
    println!("prometheus backlog {}, latency p99 {p99:.3} s", backlog[0].value);
    assert!(server.stop().await.unwrap().success(), "{}", server.log_text());
    assert_eq!(server.complaints(), Vec::<String>::new());
}

/// Runs so many of each kind; returns how long the slowest took, as its client sees it.
async fn run(client: &Client, name: &str, good: usize, bad: usize) -> Duration {
    let mut open = JoinSet::new();
    for number in 0..good + bad {
        let (client, kind) = (client.clone(), if number < good { "Good" } else { "Bad" });
        let id = format!("{name}-{number}");
        open.spawn(async move {
            let began = tokio::time::Instant::now();
            client.start(client.start_request(&id, kind, QUEUE, None)).await.unwrap();
            client.wait_until_closed(&id, PATIENCE).await.unwrap();
            began.elapsed()
        });
    }
    open.join_all().await.into_iter().max().unwrap_or_default()
}

/// What `rate` makes of raw samples that rise by `count`, about: their slope, extended to the window as Prometheus documents.
async fn rate(prometheus: &Prometheus, selector: &str, at: Option<f64>, count: f64) -> f64 {
    let series = prometheus.samples(selector, at).await.unwrap();
    let samples = &series.first().unwrap().value;
    let ((first, low), (last, high)) = (samples[0], samples[samples.len() - 1]);
    assert_eq!(high - low, count, "{selector} rose by {} and not by {count}", high - low);
    let (window, covered) = (300.0, last - first);
    let between = covered / (samples.len() - 1) as f64;
    let edge = |gap: f64| if gap < between * 1.1 { gap } else { between / 2.0 };
    // A counter cannot have been below zero: the extension to the left ends where the slope meets it.
    let to_zero = covered * low / count;
    let (before, after) = (edge((first - (at.unwrap() - window)).min(to_zero)), edge(at.unwrap() - last));
    count * (covered + before + after) / covered / window
}

/// The end of the histogram's bucket that holds this value, from the page that is scraped.
fn bucket_above(page: &str, seconds: f64) -> f64 {
    let ends = page
        .lines()
        .filter(|line| line.starts_with("temporal_workflow_execution_latency_bucket"))
        .filter_map(|line| line.split_once("le=\"")?.1.split_once('"')?.0.parse::<f64>().ok());
    ends.filter(|end| *end >= seconds).fold(f64::INFINITY, f64::min)
}
