//! A PostgreSQL of a test's own, to be stopped and started as the test likes.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use anyhow::{Context, ensure};

/// A database server; stopped and removed when dropped.
#[derive(Debug)]
pub struct Postgres {
    folder: tempfile::TempDir,
    /// The URL of its database `name`.
    server: String,
}

impl Postgres {
    /// Starts one.
    ///
    /// # Errors
    /// Where the package cannot be had or does not start.
    pub fn start() -> anyhow::Result<Self> {
        // On disk, and where the account that it runs as can reach.
        let folder = tempfile::tempdir_in("/var/tmp")?;
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711))?;
        let mut started = Self { folder, server: String::new() };
        let url = started.run("up")?;
        started.server = url.rsplit_once('/').context("no URL")?.0.to_owned();
        Ok(started)
    }

    /// The URL of a database of this name.
    pub fn url(&self, name: &str) -> String {
        format!("{}/{name}", self.server)
    }

    /// Stops it: every session ends.
    ///
    /// # Errors
    /// Where it does not stop.
    pub fn stop(&self) -> anyhow::Result<()> {
        self.run("down").map(drop)
    }

    /// Ends it at once, as a crash does.
    ///
    /// # Errors
    /// Where it does not end.
    pub fn crash(&self) -> anyhow::Result<()> {
        self.run("crash").map(drop)
    }

    /// Starts it again, on the same port.
    ///
    /// # Errors
    /// Where it does not start.
    pub fn start_again(&self) -> anyhow::Result<()> {
        self.run("up").map(drop)
    }

    fn run(&self, verb: &str) -> anyhow::Result<String> {
        let mut script = Command::new(crate::checkout().join("tests/services/postgres"));
        let output = script.arg(verb).env("AEVUM_SERVICES_DIR", self.folder.path()).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("{error}");
        }
    }
}
