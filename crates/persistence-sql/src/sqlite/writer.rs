//! The one connection that writes, and what becomes of it when nobody knows what the disk holds.

use persistence::Error;
use sqlx::sqlite::Sqlite as Database;
use sqlx::{Connection, SqliteConnection, Transaction};
use tokio::sync::{Mutex, MutexGuard, watch};

use super::error::store_error;

/// The write connection behind a queue.
pub(super) struct Writer {
    connection: Mutex<Option<SqliteConnection>>,
    broken: watch::Sender<Option<String>>,
}

/// The write connection, held by one caller.
pub(super) struct Turn<'a> {
    connection: MutexGuard<'a, Option<SqliteConnection>>,
}

/// How a COMMIT failed: nobody knows whether it did.
pub(super) struct UnknownCommit(pub(super) Error);

impl Writer {
    pub(super) fn new(connection: SqliteConnection) -> Self {
        Self { connection: Mutex::new(Some(connection)), broken: watch::Sender::new(None) }
    }

    /// Waits for the connection.
    pub(super) async fn turn(&self) -> Result<Turn<'_>, Error> {
        let connection = self.connection.lock().await;
        self.check()?;
        Ok(Turn { connection })
    }

    /// Refuses everything once a commit's outcome is unknown: after a failed fsync even reads may show what the disk lost.
    pub(super) fn check(&self) -> Result<(), Error> {
        match &*self.broken.borrow() {
            None => Ok(()),
            Some(reason) => Err(Error::Unavailable(format!("restart the server: {reason}").into())),
        }
    }

    /// Waits until the store is broken.
    pub(super) async fn broken(&self) -> String {
        let mut watch = self.broken.subscribe();
        match watch.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or_default(),
            Err(_) => std::future::pending().await,
        }
    }

    pub(super) async fn close(&self) {
        if let Some(connection) = self.connection.lock().await.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "closing the database failed");
        }
    }

    /// Commits. Where that fails, the store is broken from now on.
    pub(super) async fn commit(&self, transaction: Transaction<'_, Database>) -> Result<(), UnknownCommit> {
        match transaction.commit().await {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::error!(%error, "a commit failed half-way; nobody knows whether it is on disk");
                self.broken.send_replace(Some(error.to_string()));
                Err(UnknownCommit(store_error(error)))
            }
        }
    }
}

impl Turn<'_> {
    /// Begins a write transaction. Dropping it rolls back.
    pub(super) async fn begin(&mut self) -> Result<Transaction<'_, Database>, Error> {
        let closed = || Error::Unavailable("the store is closed".into());
        let connection = self.connection.as_mut().ok_or_else(closed)?;
        connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)
    }
}
