//! Connections and their pragmas.

use std::time::Duration;

use persistence::Error;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection, SqlitePool};

use super::error::store_error;
use super::options::{Options, Synchronous};

/// All statements of a connection stay prepared: some 20 kinds in up to 9 sizes.
const PREPARED_STATEMENTS: usize = 256;

/// After a checkpoint the WAL file is cut back to this size.
const WAL_KEPT_BYTES: u64 = 64 * 1024 * 1024;

pub(super) async fn writer(options: &Options) -> Result<SqliteConnection, Error> {
    // The checkpointer writes the WAL back, so that no commit has to.
    let connect = base(options, options.cache_kib)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .pragma("wal_autocheckpoint", "0")
        .pragma("journal_size_limit", WAL_KEPT_BYTES.to_string());
    connect.connect().await.map_err(store_error)
}

pub(super) fn readers(options: &Options, connections: u32) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(connections.max(1))
        .min_connections(0)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(base(options, options.cache_kib / 4).pragma("query_only", "1"))
}

/// What the checkpointer connects with.
pub(super) fn checkpointer(options: &Options) -> SqliteConnectOptions {
    base(options, 256).pragma("wal_autocheckpoint", "0")
}

fn base(options: &Options, cache_kib: u32) -> SqliteConnectOptions {
    let synchronous = match options.synchronous {
        Synchronous::Full => SqliteSynchronous::Full,
        Synchronous::Normal => SqliteSynchronous::Normal,
        Synchronous::Off => SqliteSynchronous::Off,
    };
    SqliteConnectOptions::new()
        .filename(&options.path)
        .synchronous(synchronous)
        .foreign_keys(false)
        .busy_timeout(Duration::from_secs(30))
        .statement_cache_capacity(PREPARED_STATEMENTS)
        .pragma("cache_size", format!("-{}", cache_kib.max(64)))
        .pragma("temp_store", "MEMORY")
        .pragma("mmap_size", options.mmap_bytes.to_string())
        .disable_statement_logging()
}
