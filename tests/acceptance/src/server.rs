//! One running `aevum server start-dev`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use proto::temporal::api::workflowservice::v1::workflow_service_client::WorkflowServiceClient;
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;

/// Where a server keeps its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// In memory.
    Memory,
    /// In this file.
    Sqlite(PathBuf),
    /// In this database, which the server sets up: its URL.
    Postgres(String),
}

impl Storage {
    /// A database that does not exist yet, on the server that `AEVUM_TEST_POSTGRES` names. Whoever runs the suite drops what
    /// begins with `AEVUM_TEST_RUN`.
    ///
    /// # Panics
    /// Where no server is named: nothing is skipped.
    pub fn fresh_postgres() -> Self {
        Self::named_postgres(&Uuid::new_v4().simple().to_string())
    }

    fn named_postgres(name: &str) -> Self {
        let server = std::env::var("AEVUM_TEST_POSTGRES").expect("AEVUM_TEST_POSTGRES is what tests/services/postgres prints");
        let server = server.rsplit_once('/').map_or(server.as_str(), |(server, _)| server);
        let run = std::env::var("AEVUM_TEST_RUN").unwrap_or_else(|_| "aevum_test".to_owned());
        Self::Postgres(format!("{server}/{run}_{name}"))
    }

    /// Where `AEVUM_TEST_STORAGE` is `postgres`, state is kept there by every server of the suite: each one that was in memory
    /// has a database of its own, and each file is one.
    fn of_the_suite(self) -> Self {
        match (std::env::var("AEVUM_TEST_STORAGE").as_deref(), &self) {
            (Ok("postgres"), Self::Memory) => Self::fresh_postgres(),
            (Ok("postgres"), Self::Sqlite(file)) => {
                let mut hasher = DefaultHasher::new();
                file.hash(&mut hasher);
                Self::named_postgres(&format!("{:016x}", hasher.finish()))
            }
            _ => self,
        }
    }
}

/// How a server is started.
#[derive(Debug, Clone)]
pub struct Start {
    /// Where state is kept.
    pub storage: Storage,
    /// The port; 0 for a free one.
    pub port: u16,
    /// More words for `start-dev`.
    pub extra: Vec<String>,
    /// Words before the binary (strace).
    pub wrapper: Vec<String>,
}

impl Start {
    /// On this storage, or the one of the suite, on a free port.
    pub fn on(storage: Storage) -> Self {
        Self { storage: storage.of_the_suite(), port: 0, extra: Vec::new(), wrapper: Vec::new() }
    }

    /// With more words.
    #[must_use]
    pub fn with(mut self, words: &[&str]) -> Self {
        self.extra.extend(words.iter().map(|word| (*word).to_owned()));
        self
    }
}

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// `host:port` for SDKs.
    pub address: String,
    /// `host:port` for scrapes, where a metrics port was asked for.
    pub metrics: Option<String>,
    log: PathBuf,
    _folder: tempfile::TempDir,
}

/// How long a server may take to say that it serves, on a busy machine.
const READY: Duration = Duration::from_secs(30);

/// The binary under test: `AEVUM_BIN`, or what cargo built beside this test.
pub fn binary() -> anyhow::Result<PathBuf> {
    if let Some(path) = std::env::var_os("AEVUM_BIN") {
        return Ok(path.into());
    }
    let test = std::env::current_exe()?;
    let profile = test.parent().and_then(Path::parent).context("the test binary lies nowhere")?;
    let path = profile.join("aevum");
    ensure!(path.exists(), "{} is missing: cargo build --package server --bin aevum", path.display());
    Ok(path)
}

impl Server {
    /// Starts a server and waits until it serves.
    ///
    /// # Errors
    /// Where it ends, or does not say within half a minute that it serves; with its log.
    pub async fn start(start: &Start) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let (out, log) = (folder.path().join("out"), folder.path().join("log"));
        let mut words: Vec<String> = start.wrapper.clone();
        words.push(binary()?.to_string_lossy().into_owned());
        words.extend(["server", "start-dev", "--headless", "--port"].map(str::to_owned));
        words.push(start.port.to_string());
        match &start.storage {
            Storage::Memory => {}
            Storage::Sqlite(file) => words.extend(["--db-filename".to_owned(), file.to_string_lossy().into_owned()]),
            Storage::Postgres(url) => words.extend(["--auto-setup", "--database-url", url].map(str::to_owned)),
        }
        words.extend(start.extra.iter().cloned());
        let (first, rest) = words.split_first().context("no words")?;
        let child = Command::new(first)
            .args(rest)
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(&out)?)
            .stderr(std::fs::File::create(&log)?)
            .spawn()
            .with_context(|| format!("cannot start {first}"))?;
        let mut server = Self { child, address: String::new(), metrics: None, log, _folder: folder };
        let deadline = tokio::time::Instant::now() + READY;
        while server.address.is_empty() {
            if let Some(status) = server.child.try_wait()? {
                bail!("the server ended ({status}): {}", server.log_text());
            }
            ensure!(tokio::time::Instant::now() < deadline, "the server is not ready: {}", server.log_text());
            let said = std::fs::read_to_string(&out)?;
            let told = |what: &str| said.lines().find_map(|line| line.strip_prefix(what)).map(|rest| rest.trim().to_owned());
            if said.ends_with('\n')
                && let Some(address) = told("Server:")
            {
                server.metrics = told("Metrics:").map(|url| url.replace("http://", "").replace("/metrics", ""));
                server.address = address;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(server)
    }

    /// The port it serves on.
    pub fn port(&self) -> u16 {
        self.address.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(0)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A raw client.
    ///
    /// # Errors
    /// Where it cannot connect.
    pub async fn client(&self) -> anyhow::Result<WorkflowServiceClient<Channel>> {
        let channel = self.channel().await?;
        Ok(WorkflowServiceClient::new(channel).max_decoding_message_size(128 << 20))
    }

    /// A raw channel.
    ///
    /// # Errors
    /// Where it cannot connect.
    pub async fn channel(&self) -> anyhow::Result<Channel> {
        Ok(Endpoint::from_shared(format!("http://{}", self.address))?.connect().await?)
    }

    /// Kills it with SIGKILL.
    ///
    /// # Errors
    /// Where it cannot be killed.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to stop (SIGTERM) and waits.
    ///
    /// # Errors
    /// Where it does not stop within half a minute.
    pub async fn stop(&mut self) -> anyhow::Result<ExitStatus> {
        Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status()?;
        let deadline = tokio::time::Instant::now() + READY;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            ensure!(tokio::time::Instant::now() < deadline, "the server does not stop: {}", self.log_text());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What it logged.
    pub fn log_text(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Log lines that nobody expected: warnings and errors.
    pub fn complaints(&self) -> Vec<String> {
        let text = self.log_text();
        text.lines().filter(|line| line.contains("ERROR") || line.contains("panicked")).map(str::to_owned).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
