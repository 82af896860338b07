//! Tables by version. Append only: a released step is never edited.

use persistence::Error;
use sqlx::{Connection, Row, SqliteConnection};

use super::error::store_error;

/// The steps; step n brings the tables to version n + 1.
const STEPS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_rows.sql"),
    include_str!("../../migrations/sqlite/0002_lists.sql"),
    include_str!("../../migrations/sqlite/0003_members.sql"),
];

const CREATE_VERSION: &str =
    "CREATE TABLE IF NOT EXISTS schema_version (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL) STRICT";
const READ_VERSION: &str = "SELECT version FROM schema_version";
const WRITE_VERSION: &str = "INSERT OR REPLACE INTO schema_version (one, version) VALUES (1, ?)";

/// Applies the steps that are missing, each in a transaction of its own.
pub(super) async fn run(connection: &mut SqliteConnection) -> Result<(), Error> {
    sqlx::query(CREATE_VERSION).execute(&mut *connection).await.map_err(store_error)?;
    let row = sqlx::query(READ_VERSION).fetch_optional(&mut *connection).await.map_err(store_error)?;
    let version: i64 = row.map_or(Ok(0), |row| row.try_get(0)).map_err(store_error)?;
    let done = usize::try_from(version).map_err(|_| Error::Corrupt(format!("schema version {version}")))?;
    if done > STEPS.len() {
        return Err(Error::NewerFormat {
            found: u32::try_from(done).unwrap_or(u32::MAX),
            known: u32::try_from(STEPS.len()).unwrap_or(u32::MAX),
        });
    }
    for (step, version) in STEPS.iter().zip(1_i64..).skip(done) {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)?;
        sqlx::raw_sql(*step).execute(&mut *transaction).await.map_err(store_error)?;
        sqlx::query(WRITE_VERSION).bind(version).execute(&mut *transaction).await.map_err(store_error)?;
        transaction.commit().await.map_err(store_error)?;
    }
    Ok(())
}
