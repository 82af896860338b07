//! Drives a load: a fixed number of workflows in flight, each by a client of its own, all served by one worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

use crate::client::{self, Sample};
use crate::report::{Parked, Report, cpu_seconds, own_cpu_seconds, percentile};
use crate::wire::Wire;
use crate::worker::{Script, Worker};
use crate::{ParkOptions, RunOptions};

/// A park without progress for so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);
const SEQUENCE: &str = "Sequence";
const PARK: &str = "Park";

/// Runs the workflows and measures.
pub(crate) async fn run(options: &RunOptions) -> Result<Report> {
    let wire = Arc::new(Wire::open(&options.target)?);
    let queue = format!("raw-load-{}", Uuid::new_v4());
    let worker = Worker::start(Arc::clone(&wire), &queue, Script::Activities(options.activities), options.pollers);
    let drive = |name, workflows, seconds| {
        let plan = Plan { queue: queue.clone(), name, workflows, in_flight: options.in_flight, seconds };
        drive(Arc::clone(&wire), plan)
    };

    let warm = drive("warm", options.warmup, 0.0).await;
    if let Some(error) = warm.first_error {
        bail!("warm-up: {error:#}{}", worker.errors().1.map(|e| format!(" (worker: {e})")).unwrap_or_default());
    }
    let server = cpu_seconds(options.server_pid)?;
    let own = own_cpu_seconds()?;
    let mut run = drive("run", options.workflows, options.seconds).await;
    let own = own_cpu_seconds()? - own;
    tokio::time::sleep(Duration::from_secs_f64(options.settle)).await;
    let server = cpu_seconds(options.server_pid)? - server;

    let (worker_errors, first_worker_error) = worker.errors();
    worker.stop().await;
    for error in run.first_error.map(|e| format!("{e:#}")).into_iter().chain(first_worker_error) {
        eprintln!("raw-load: first error: {error}");
    }
    let completed = run.whole.len();
    let per_1000 = |total: f64| total * 1000.0 / completed.max(1) as f64;
    Ok(Report {
        client: "raw",
        activities: options.activities,
        concurrency: options.in_flight,
        workflows: completed as u64,
        errors: run.failed,
        worker_errors,
        elapsed_s: run.elapsed.as_secs_f64(),
        workflows_per_s: completed as f64 / run.elapsed.as_secs_f64(),
        start_p50_ms: percentile(&mut run.starts, 50),
        start_p99_ms: percentile(&mut run.starts, 99),
        e2e_p50_ms: percentile(&mut run.whole, 50),
        e2e_p99_ms: percentile(&mut run.whole, 99),
        server_cpu_s_per_1000: per_1000(server),
        client_cpu_s_per_1000: per_1000(own),
    })
}

/// Starts workflows that wait 30 days, and leaves them.
pub(crate) async fn park(options: &ParkOptions) -> Result<Parked> {
    let wire = Arc::new(Wire::open(&options.target)?);
    let queue = format!("raw-park-{}", Uuid::new_v4());
    let worker = Worker::start(Arc::clone(&wire), &queue, Script::Park, options.pollers);
    let began = Instant::now();
    let next = Arc::new(AtomicU64::new(0));
    let mut starters: JoinSet<Result<()>> = JoinSet::new();
    for _ in 0..options.in_flight.min(options.workflows) {
        let (wire, queue, next, wanted) = (Arc::clone(&wire), queue.clone(), Arc::clone(&next), options.workflows);
        starters.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= wanted {
                    return Ok(());
                }
                client::start(&wire, &queue, PARK, &format!("{queue}-{number}")).await?;
            }
        });
    }
    while let Some(starter) = starters.join_next().await {
        starter.context("a starter was cancelled")??;
    }
    // Parked is what has set its timer: the worker's answers say how many have.
    let (mut seen, mut since) = (0, Instant::now());
    while seen < options.workflows {
        if worker.answered() > seen {
            (seen, since) = (worker.answered(), Instant::now());
        } else if since.elapsed() > PATIENCE {
            let cause = worker.errors().1.unwrap_or_else(|| "no error was seen".to_owned());
            return Err(anyhow!("only {seen} of {} workflows set their timer: {cause}", options.workflows));
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let elapsed_s = began.elapsed().as_secs_f64();
    worker.stop().await;
    Ok(Parked { parked: options.workflows, elapsed_s, parked_per_s: options.workflows as f64 / elapsed_s })
}

struct Plan {
    queue: String,
    name: &'static str,
    workflows: u64,
    in_flight: u64,
    seconds: f64,
}

#[derive(Default)]
struct Outcome {
    elapsed: Duration,
    starts: Vec<Duration>,
    whole: Vec<Duration>,
    failed: u64,
    first_error: Option<anyhow::Error>,
}

impl Outcome {
    fn add(&mut self, result: Result<Sample>) {
        match result {
            Ok(sample) => {
                self.starts.push(sample.start);
                self.whole.push(sample.whole);
            }
            Err(error) => {
                self.failed += 1;
                self.first_error.get_or_insert(error);
            }
        }
    }

    fn merge(&mut self, mut other: Self) {
        self.starts.append(&mut other.starts);
        self.whole.append(&mut other.whole);
        self.failed += other.failed;
        if let Some(error) = other.first_error {
            self.first_error.get_or_insert(error);
        }
    }
}

async fn drive(wire: Arc<Wire>, plan: Plan) -> Outcome {
    let began = Instant::now();
    let plan = Arc::new(plan);
    let next = Arc::new(AtomicU64::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..plan.in_flight.min(plan.workflows) {
        let (wire, plan, next) = (Arc::clone(&wire), Arc::clone(&plan), Arc::clone(&next));
        clients.spawn(async move {
            let mut outcome = Outcome::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let late = plan.seconds > 0.0 && began.elapsed().as_secs_f64() >= plan.seconds;
                if number >= plan.workflows || late {
                    return outcome;
                }
                let id = format!("{}-{}-{number}", plan.queue, plan.name);
                outcome.add(client::execute(&wire, &plan.queue, SEQUENCE, &id).await);
            }
        });
    }
    let mut total = Outcome::default();
    while let Some(outcome) = clients.join_next().await {
        match outcome {
            Ok(outcome) => total.merge(outcome),
            Err(error) => total.add(Err(error.into())),
        }
    }
    total.elapsed = began.elapsed();
    total
}
