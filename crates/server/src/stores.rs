//! Which backend keeps state: memory, or one SQLite file.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use model::visibility::VisibilityRow;
use model::{Clock, RunKey};
use persistence::Stores;
use persistence::memory::{Memory, VisibilitySink};
use persistence_sql::Sqlite;
use persistence_sql::sqlite::{Options, Synchronous};
use visibility::{Deletion, MemoryVisibility, VisibilityStore};

use crate::args;

/// The open backend.
pub(crate) struct Backend {
    pub(crate) stores: Stores,
    pub(crate) visibility: Arc<dyn VisibilityStore>,
    file: Option<Sqlite>,
}

impl Backend {
    /// State in memory: it ends with the process.
    pub(crate) fn memory(clock: &Arc<dyn Clock>) -> Self {
        let visibility = MemoryVisibility::default();
        let sink = Sink { visibility: visibility.clone(), clock: Arc::clone(clock) };
        Self { stores: Memory::new(Arc::new(sink)).stores(), visibility: Arc::new(visibility), file: None }
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
        Ok(Self { stores: file.stores(), visibility: Arc::new(file.clone()), file: Some(file) })
    }

    /// The kind of database, as GetClusterInfo tells it.
    pub(crate) fn name(&self) -> &'static str {
        if self.file.is_some() { "sqlite" } else { "memory" }
    }

    /// Ends when nobody knows any more what the disk holds; never for memory.
    pub(crate) async fn broken(&self) -> String {
        match &self.file {
            Some(file) => file.broken().await,
            None => std::future::pending().await,
        }
    }

    /// Closes the file.
    pub(crate) async fn close(&self) {
        if let Some(file) = &self.file {
            file.close().await;
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
