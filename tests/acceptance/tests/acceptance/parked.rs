//! A hundred thousand workflows that wait for thirty days: a kill does not lose them, and they cost next to nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use acceptance::client::Client;
use acceptance::commands::{self, Progress};
use acceptance::process;
use acceptance::server::{Server, Start, Storage};
use acceptance::worker::{self, Script, Worker};
use anyhow::ensure;
use proto::temporal::api::command::v1::Command;
use proto::temporal::api::common::v1::Payloads;
use proto::temporal::api::workflowservice::v1::{
    ListWorkflowExecutionsRequest, PollActivityTaskQueueResponse, PollWorkflowTaskQueueResponse,
};
use tokio::task::JoinSet;
use tokio::time::Instant;

const WORKFLOWS: usize = 100_000;
const THIRTY_DAYS_S: f64 = 30.0 * 24.0 * 3600.0;
const QUEUE: &str = "parked";
const CLIENTS: usize = 64;
const CONNECTIONS: usize = 4;
/// A slow disk may need minutes to put them all away.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long the server is watched while nothing happens.
const IDLE: Duration = Duration::from_secs(10);
/// Without work for so long, a server has put away what it used last.
const SETTLED: Duration = Duration::from_secs(11);
/// 1% of one processor.
const IDLE_CPU: Duration = Duration::from_millis(100);
const BYTES_EACH: u64 = 1024;
const OPEN: &str = "WorkflowType = 'Park' AND ExecutionStatus = 'Running'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_parked_workflows_survive_a_kill_and_cost_next_to_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut empty = Server::start(&Start::on(Storage::Sqlite(folder.path().join("empty.db")))).await.unwrap();
    let start = Start::on(Storage::Sqlite(folder.path().join("aevum.db")));
    let mut server = Server::start(&start).await.unwrap();
    let began = Instant::now();
    park(&server.address).await.unwrap();
    let cpu = process::cpu_time(server.pid()).unwrap();
    println!("parked {WORKFLOWS} workflows in {:.1} s, {:.1} s of CPU", began.elapsed().as_secs_f64(), cpu.as_secs_f64());
    // What was used just now leaves memory by itself; a kill before that is the kill suite's affair.
    settle_until_idle(server.pid(), SETTLED).await.unwrap();
    println!("parked: the server that took them has {} MiB", process::resident_bytes(server.pid()).unwrap() >> 20);
    server.kill().unwrap();

    let began = Instant::now();
    let mut server = Server::start(&start).await.unwrap();
    println!("parked: ready again after a kill in {} ms", began.elapsed().as_millis());
    settle_until_idle(server.pid(), Duration::from_secs(1)).await.unwrap();
    let cpu = process::cpu_until(server.pid(), IDLE).await.unwrap();
    let (with, without) = (process::resident_bytes(server.pid()).unwrap(), process::resident_bytes(empty.pid()).unwrap());
    let each = with.saturating_sub(without) / WORKFLOWS as u64;
    println!("parked: {} ms of CPU in {} s", cpu.as_millis(), IDLE.as_secs());
    println!("parked: {each} bytes of memory each ({} MiB, empty server {} MiB)", with >> 20, without >> 20);

    let client = Client::new(&server.address).unwrap();
    assert_eq!(client.count(OPEN).await.unwrap(), WORKFLOWS as i64);
    let began = Instant::now();
    assert_eq!(list(&client).await.unwrap(), WORKFLOWS);
    println!("parked: {WORKFLOWS} of {WORKFLOWS} counted and listed after the kill, in {} ms", began.elapsed().as_millis());
    assert!(cpu <= IDLE_CPU, "{cpu:?} of CPU in {IDLE:?}");
    assert!(each <= BYTES_EACH, "{each} bytes each");
    for server in [&mut server, &mut empty] {
        assert!(server.stop().await.unwrap().success(), "{}", server.log_text());
        assert_eq!(server.complaints(), Vec::<String>::new());
    }
}

/// Starts them all; each sets its timer.
async fn park(address: &str) -> anyhow::Result<()> {
    let clients = (0..CONNECTIONS).map(|_| Client::new(address)).collect::<Result<Vec<_>, _>>()?;
    let script = Arc::new(Park { parked: AtomicUsize::new(0) });
    let _workers: Vec<Worker> = clients.iter().map(|client| Worker::start(client, QUEUE, Arc::clone(&script), 4)).collect();
    let next = Arc::new(AtomicUsize::new(0));
    let mut starters: JoinSet<anyhow::Result<()>> = JoinSet::new();
    for number in 0..CLIENTS {
        let (client, script, next) = (clients[number % CONNECTIONS].clone(), Arc::clone(&script), Arc::clone(&next));
        starters.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= WORKFLOWS {
                    return Ok(());
                }
                let mut request = client.start_request(&format!("park-{number}"), "Park", QUEUE, None);
                // The first task comes with the answer, which spares a poll; where it does not, the workers get it.
                request.request_eager_execution = true;
                if let Some(task) = client.start(request).await?.eager_workflow_task {
                    worker::decide(&client, &task, script.as_ref()).await;
                }
            }
        });
    }
    while let Some(starter) = starters.join_next().await {
        starter??;
    }
    let deadline = Instant::now() + PATIENCE;
    while script.parked.load(Ordering::Relaxed) < WORKFLOWS {
        let parked = script.parked.load(Ordering::Relaxed);
        ensure!(Instant::now() < deadline, "only {parked} of {WORKFLOWS} have set their timer");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// One timer of thirty days.
struct Park {
    parked: AtomicUsize,
}

impl Script for Park {
    fn decide(&self, task: &PollWorkflowTaskQueueResponse) -> Vec<Command> {
        if Progress::of(task).timers == 0 { vec![commands::timer("thirty days", THIRTY_DAYS_S)] } else { vec![] }
    }

    fn act(&self, _task: &PollActivityTaskQueueResponse) -> Result<Payloads, String> {
        Err("nobody asked for an activity".to_owned())
    }

    fn decided(&self, _task: &PollWorkflowTaskQueueResponse, commands: &[Command]) {
        self.parked.fetch_add(commands.len(), Ordering::Relaxed);
    }
}

/// Waits until the server has done next to nothing for so long.
async fn settle_until_idle(pid: u32, window: Duration) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while process::cpu_until(pid, window).await? > IDLE_CPU / 2 {
        ensure!(Instant::now() < deadline, "the server never comes to rest");
    }
    Ok(())
}

/// Lists them page by page; returns how many different ones there are.
async fn list(client: &Client) -> anyhow::Result<usize> {
    let mut ids = std::collections::HashSet::new();
    let mut request = ListWorkflowExecutionsRequest {
        namespace: client.namespace.clone(),
        page_size: 1000,
        query: OPEN.to_owned(),
        ..Default::default()
    };
    loop {
        let page = client.service().list_workflow_executions(request.clone()).await?.into_inner();
        ids.extend(page.executions.into_iter().filter_map(|info| info.execution).map(|execution| execution.workflow_id));
        if page.next_page_token.is_empty() {
            return Ok(ids.len());
        }
        request.next_page_token = page.next_page_token;
    }
}
