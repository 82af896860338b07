//! Worker and server are killed with SIGKILL again and again; nothing that anybody was told may be missing, and no attempt
//! of an activity may run twice.

mod load;
mod verify;

use acceptance::client::Client;
use acceptance::server::{Server, Start, Storage};
use proto::temporal::api::enums::v1::WorkflowExecutionStatus;
use tokio::sync::watch;

use load::{Load, WorkerProcess};

/// How often each of worker and server is killed.
const KILLS_EACH: usize = 10;
/// Workflows in all, those started at once, and those started after each kill.
const WORKFLOWS: usize = 300;
const AT_ONCE: usize = 91;
const PER_KILL: usize = 11;
/// At every kill at least so many are open.
const OPEN: usize = WORKFLOWS / 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_workflows_survive_ten_kills_of_worker_and_of_server() {
    let folder = tempfile::tempdir().unwrap();
    let program = load::build(folder.path()).unwrap();
    let mut start = Start::on(Storage::Sqlite(folder.path().join("aevum.db")));
    let mut server = Server::start(&start).await.unwrap();
    start.port = server.port();
    let mut worker = WorkerProcess::start(&program, &server.address, folder.path()).unwrap();
    let client = Client::new(&server.address).unwrap();
    let (kills, kills_seen) = watch::channel(0);
    let mut load = Load::new(client.clone(), kills_seen);
    load.launch(AT_ONCE);

    let mut least_open = WORKFLOWS;
    for kill in 0..2 * KILLS_EACH {
        worker.wait_for_progress(kill).await.unwrap();
        let open = open_of(&client, &load.started()).await.unwrap();
        least_open = least_open.min(open);
        assert!(open >= OPEN, "only {open} workflows are open at kill {kill}");
        if kill % 2 == 0 {
            worker.kill().unwrap();
            worker = WorkerProcess::start(&program, &server.address, folder.path()).unwrap();
        } else {
            server.kill().unwrap();
            assert!(!server.log_text().contains("panicked"), "{}", server.log_text());
            server = Server::start(&start).await.unwrap();
        }
        kills.send_replace(kill + 1);
        load.launch(PER_KILL.min(WORKFLOWS - load.launched()));
    }
    kills.send_replace(usize::MAX);

    let ledger = load.finish().await.unwrap();
    assert_eq!(ledger.starts.len(), WORKFLOWS);
    let facts = verify::everything(&client, &ledger, folder.path())
        .await
        .unwrap_or_else(|error| panic!("{error:#}\n--- server log:\n{}", server.log_text()));
    assert!(server.stop().await.unwrap().success(), "{}", server.log_text());
    assert_eq!(server.complaints(), Vec::<String>::new());
    println!("\nkill worker {KILLS_EACH} times, server {KILLS_EACH} times, at least {least_open} of {WORKFLOWS} open at each");
    println!("kill {facts}");
}

/// How many of these are open, each asked for by itself: lists may lag behind.
async fn open_of(client: &Client, ids: &[String]) -> anyhow::Result<usize> {
    let mut asked = tokio::task::JoinSet::new();
    for id in ids {
        let (client, id) = (client.clone(), id.clone());
        asked.spawn(async move { client.status(&id).await });
    }
    let mut open = 0;
    while let Some(status) = asked.join_next().await {
        open += usize::from(status?? == WorkflowExecutionStatus::Running);
    }
    Ok(open)
}
