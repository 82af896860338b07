//! Running one statement: every read and every write is one.

use persistence::Error;
use sqlx::postgres::{PgArguments, PgRow, Postgres as Database};

use super::Postgres;
use super::connect::Connector;
use super::error::{spares_connection, store_error};
use crate::pool::Pool;

/// A statement with its parameters.
pub(super) type Query = sqlx::query::Query<'static, Database, PgArguments>;

/// Why there is no answer.
pub(super) enum Failure {
    /// The statement was not sent: there is no connection.
    NotSent(Error),
    /// The database refused it, or the connection broke.
    Sent(sqlx::Error),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotSent(error) => error,
            Failure::Sent(error) => store_error(error),
        }
    }
}

/// Runs a statement on a connection of the pool.
pub(super) async fn run(pool: &Pool<Connector>, query: Query) -> Result<Vec<PgRow>, Failure> {
    let mut lease = pool.lease().await.map_err(Failure::NotSent)?;
    match query.fetch_all(&mut lease.connection).await {
        Ok(rows) => {
            lease.keep();
            Ok(rows)
        }
        Err(error) => {
            if spares_connection(&error) {
                lease.keep()
            } else {
                lease.broken()
            }
            Err(Failure::Sent(error))
        }
    }
}

impl Postgres {
    /// Reads.
    pub(super) async fn read(&self, query: impl Fn() -> Query) -> Result<Vec<PgRow>, Error> {
        read_from(&self.inner.readers, query).await
    }

    /// Writes. After an error that is not the database's own nobody knows whether it did.
    pub(super) async fn write(&self, query: Query) -> Result<Vec<PgRow>, Error> {
        Ok(run(&self.inner.writers, query).await?)
    }
}

/// Reads. Where the connection broke, once more on a fresh one: it may have been idle while the database restarted, and a read
/// changes nothing.
pub(super) async fn read_from(pool: &Pool<Connector>, query: impl Fn() -> Query) -> Result<Vec<PgRow>, Error> {
    match run(pool, query()).await {
        Err(Failure::Sent(error)) if !spares_connection(&error) => Ok(run(pool, query()).await?),
        answer => Ok(answer?),
    }
}
