//! Writing the WAL back into the file, beside the commits instead of within them.
//!
//! A passive checkpoint moves the bulk while commits go on. The WAL can only start anew when everything in it was moved, which
//! under steady load is never: a second one, with the write connection held, moves the little that came in meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::sync::Notify;

use super::options::Options;
use super::writer::Writer;

const CHECKPOINT: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// A row dirties a leaf in a table and some in its indexes.
const BYTES_PER_ROW: u64 = 6 * 1024;

/// Counts what was written, and checkpoints when it is enough.
pub(super) struct Checkpointer {
    threshold: u64,
    written: AtomicU64,
    enough: Notify,
}

impl Checkpointer {
    pub(super) fn new(options: &Options) -> Self {
        Self { threshold: options.checkpoint_bytes, written: AtomicU64::new(0), enough: Notify::new() }
    }

    /// Notes a commit of so many rows and bytes.
    pub(super) fn note(&self, rows: u64, bytes: u64) {
        let size = rows * BYTES_PER_ROW + bytes;
        let before = self.written.fetch_add(size, Ordering::Relaxed);
        if before < self.threshold && before + size >= self.threshold {
            self.enough.notify_one();
        }
    }

    /// Checkpoints for ever.
    pub(super) async fn run(self: Arc<Self>, connect: SqliteConnectOptions, writer: Arc<Writer>) {
        let mut connection = None;
        loop {
            self.enough.notified().await;
            if let Err(error) = self.checkpoint(&mut connection, &connect, &writer).await {
                // The WAL grows until one succeeds; nothing is lost.
                tracing::warn!(%error, "a checkpoint failed");
                connection = None;
            }
            self.written.store(0, Ordering::Relaxed);
        }
    }

    async fn checkpoint(
        &self,
        connection: &mut Option<SqliteConnection>,
        connect: &SqliteConnectOptions,
        writer: &Writer,
    ) -> Result<(), sqlx::Error> {
        let mut open = match connection.take() {
            Some(open) => open,
            None => connect.connect().await?,
        };
        sqlx::query(CHECKPOINT).execute(&mut open).await?;
        if let Ok(turn) = writer.turn().await {
            sqlx::query(CHECKPOINT).execute(&mut open).await?;
            drop(turn);
        }
        *connection = Some(open);
        Ok(())
    }
}
