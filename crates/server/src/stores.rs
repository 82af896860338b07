//! Which backend keeps state: memory, one SQLite file, or a PostgreSQL database.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use model::visibility::VisibilityRow;
use model::{Clock, RunKey};
use persistence::Stores;
use persistence::memory::{Memory, VisibilitySink};
use persistence_sql::sqlite::{Options, Synchronous};
use persistence_sql::{Postgres, Sqlite};
use tokio_util::sync::CancellationToken;
use visibility::{Deletion, MemoryVisibility, VisibilityStore};

use crate::args;
use crate::database::{self, DatabaseConfig};

/// The open backend.
pub(crate) struct Backend {
    pub(crate) stores: Stores,
    pub(crate) visibility: Arc<dyn VisibilityStore>,
    kept: Kept,
}

/// Where state is kept.
enum Kept {
    InMemory,
    File(Sqlite),
    Database(Postgres),
}

impl Backend {
    /// State in memory: it ends with the process.
    pub(crate) fn memory(clock: &Arc<dyn Clock>) -> Self {
        let visibility = MemoryVisibility::default();
        let sink = Sink { visibility: visibility.clone(), clock: Arc::clone(clock) };
        Self { stores: Memory::new(Arc::new(sink)).stores(), visibility: Arc::new(visibility), kept: Kept::InMemory }
    }

    /// State in a file.
    ///
    /// # Errors
    /// Where the file is in use, newer than this binary, damaged, or cannot be opened.
    pub(crate) async fn sqlite(path: &Path, synchronous: args::Synchronous, clock: &Arc<dyn Clock>) -> anyhow::Result<Self> {
        let mut options = Options::new(path, Arc::clone(clock));
        options.synchronous = match synchronous {
            args::Synchronous::Full => Synchronous::Full,
            args::Synchronous::Normal => Synchronous::Normal,
            args::Synchronous::Off => Synchronous::Off,
        };
        let file = Sqlite::open(options).await.with_context(|| format!("cannot keep state in {}", path.display()))?;
        Ok(Self { stores: file.stores(), visibility: Arc::new(file.clone()), kept: Kept::File(file) })
    }

    /// State in a database, once it can be used; `None` where the process is told to stop before.
    ///
    /// # Errors
    /// Where it can never be used like this: a wrong URL, tables that need a newer binary.
    pub(crate) async fn database(
        config: &DatabaseConfig,
        clock: &Arc<dyn Clock>,
        stop: &CancellationToken,
    ) -> anyhow::Result<Option<Self>> {
        let opened = database::open(config, clock, stop).await?;
        Ok(opened.map(|database| Self {
            stores: database.stores(),
            visibility: Arc::new(database.clone()),
            kept: Kept::Database(database),
        }))
    }

    /// The kind of database, as GetClusterInfo tells it.
    pub(crate) fn name(&self) -> &'static str {
        match &self.kept {
            Kept::InMemory => "memory",
            Kept::File(_) => "sqlite",
            Kept::Database(_) => "postgres",
        }
    }

    /// How long a commit may be held back for others to share it. Measured on a file alone: memory has nothing to gain.
    pub(crate) fn hold(&self) -> Duration {
        match &self.kept {
            Kept::File(_) => history::Options::DEFAULT.hold,
            Kept::InMemory | Kept::Database(_) => Duration::ZERO,
        }
    }

    /// Ends when nobody knows any more what the disk holds; never for memory, nor for a database, whose word can be had anew.
    pub(crate) async fn broken(&self) -> String {
        match &self.kept {
            Kept::File(file) => file.broken().await,
            Kept::InMemory | Kept::Database(_) => std::future::pending().await,
        }
    }

    /// Closes file or connections.
    pub(crate) async fn close(&self) {
        match &self.kept {
            Kept::InMemory => {}
            Kept::File(file) => file.close().await,
            Kept::Database(database) => database.close().await,
        }
    }
}

/// Lets searchable rows of memory commits reach the memory lists at once.
struct Sink {
    visibility: MemoryVisibility,
    clock: Arc<dyn Clock>,
}

impl VisibilitySink for Sink {
    fn apply(&self, rows: &[VisibilityRow], deletes: &[(RunKey, i64)]) {
        let now = self.clock.now();
        let deletions: Vec<Deletion> =
            deletes.iter().map(|(run, version)| Deletion { run: run.clone(), version: *version, at: now }).collect();
        self.visibility.apply(rows.iter().cloned(), &deletions);
    }
}
