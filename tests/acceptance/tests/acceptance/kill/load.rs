//! The client half of the load, with its ledger, and the worker process.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use acceptance::client::{Client, json};
use anyhow::{Context, ensure};
use parking_lot::Mutex;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

const QUEUE: &str = "kill";
/// A workflow's last note is sent so many kills after its start.
const LIFE: usize = 7;
/// Notes per workflow.
const NOTES: usize = 3;
/// Results acknowledged between two kills: there is work in flight whenever somebody is killed.
const PROGRESS: usize = 40;
const PATIENCE: Duration = Duration::from_secs(60);

/// What a server told the client.
#[derive(Debug, Default, Clone)]
pub(crate) struct Ledger {
    /// Workflow id, first run id, plan number.
    pub(crate) starts: Vec<(String, String, usize)>,
    /// Workflow id, text.
    pub(crate) notes: Vec<(String, String)>,
}

/// Workflows, each driven by a task of its own.
pub(crate) struct Load {
    client: Client,
    kills: watch::Receiver<usize>,
    ledger: Arc<Mutex<Ledger>>,
    drivers: JoinSet<anyhow::Result<()>>,
    launched: usize,
}

impl Load {
    pub(crate) fn new(client: Client, kills: watch::Receiver<usize>) -> Self {
        Self { client, kills, ledger: Arc::default(), drivers: JoinSet::new(), launched: 0 }
    }

    pub(crate) fn launched(&self) -> usize {
        self.launched
    }

    /// Starts so many more workflows.
    pub(crate) fn launch(&mut self, count: usize) {
        for number in self.launched..self.launched + count {
            self.drivers.spawn(drive(self.client.clone(), number, self.kills.clone(), Arc::clone(&self.ledger)));
        }
        self.launched += count;
    }

    /// Ids of workflows whose start was acknowledged.
    pub(crate) fn started(&self) -> Vec<String> {
        self.ledger.lock().starts.iter().map(|(id, ..)| id.clone()).collect()
    }

    /// Waits until every workflow has all its notes.
    pub(crate) async fn finish(mut self) -> anyhow::Result<Ledger> {
        while let Some(driver) = self.drivers.join_next().await {
            driver??;
        }
        Ok(self.ledger.lock().clone())
    }
}

/// Starts one workflow and sends its notes, the last one when it has lived through enough kills.
async fn drive(
    client: Client,
    number: usize,
    mut kills: watch::Receiver<usize>,
    ledger: Arc<Mutex<Ledger>>,
) -> anyhow::Result<()> {
    let id = format!("parcel-{number}");
    let born = *kills.borrow();
    let plan = json!({
        "Number": number, "Signals": NOTES, "Fails": number.is_multiple_of(3), "Child": number.is_multiple_of(4), "Continues": number.is_multiple_of(5),
        "Pause": Duration::from_millis(2500 + 10 * (number as u64 % 100)).as_nanos() as u64,
    });
    let request = client.start_request(&id, "Parcel", QUEUE, Some(json(&plan)));
    let run = client.start_until_acknowledged(&request).await?.run_id;
    ledger.lock().starts.push((id.clone(), run, number));
    for note in 0..NOTES {
        let life = LIFE * (note + 1) / NOTES;
        kills.wait_for(|kills| *kills >= born.saturating_add(life)).await?;
        let text = format!("{id} note {note}");
        let request = client.signal_request(&id, "note", Some(json(&json!(text))));
        client.signal_until_acknowledged(&request).await.with_context(|| id.clone())?;
        ledger.lock().notes.push((id.clone(), text));
    }
    Ok(())
}

/// Builds the worker.
pub(crate) fn build(folder: &Path) -> anyhow::Result<PathBuf> {
    let program = folder.join("load");
    let source = acceptance::checkout().join("tests/acceptance/load");
    let built = Command::new("go").args(["build", "-o"]).arg(&program).arg(".").current_dir(source).output()?;
    ensure!(built.status.success(), "go build: {}", String::from_utf8_lossy(&built.stderr));
    std::fs::create_dir_all(folder.join("bodies"))?;
    Ok(program)
}

/// The worker; killed when dropped.
pub(crate) struct WorkerProcess {
    child: Child,
    acknowledged: PathBuf,
    before: usize,
}

impl WorkerProcess {
    pub(crate) fn start(program: &Path, address: &str, folder: &Path) -> anyhow::Result<Self> {
        let acknowledged = folder.join("acknowledged");
        let child = Command::new(program)
            .args(["-address", address, "-queue", QUEUE, "-bodies"])
            .arg(folder.join("bodies"))
            .arg("-ledger")
            .arg(&acknowledged)
            .stdin(Stdio::null())
            .spawn()?;
        let before = lines(&acknowledged);
        Ok(Self { child, acknowledged, before })
    }

    /// Waits until enough results were acknowledged since this was asked last, or since the worker started.
    pub(crate) async fn wait_for_progress(&mut self, kill: usize) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while lines(&self.acknowledged) < self.before + PROGRESS {
            ensure!(self.child.try_wait()?.is_none(), "the worker ended by itself before kill {kill}");
            ensure!(Instant::now() < deadline, "no progress before kill {kill}: {} results", lines(&self.acknowledged));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.before = lines(&self.acknowledged);
        Ok(())
    }

    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.kill();
    }
}

fn lines(file: &Path) -> usize {
    std::fs::read(file).map(|data| data.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(0)
}
