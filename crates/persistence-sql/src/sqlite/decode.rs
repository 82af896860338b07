//! Columns become ids again; what is no id is corruption, not a panic.

use model::{BranchId, ChainKey, ChainKind, NamespaceId, RunId, RunKey, WorkflowId};
use persistence::Error;
use sqlx::Row;
use sqlx::sqlite::{Sqlite, SqliteRow};

use super::error::store_error;

/// Reads a column.
pub(super) fn get<'r, T>(row: &'r SqliteRow, at: usize) -> Result<T, Error>
where
    T: sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite>,
{
    row.try_get(at).map_err(|error| Error::Corrupt(error.to_string()))
}

/// Reads columns namespace, kind, workflow id, run from `at` on.
pub(super) fn run_key(row: &SqliteRow, at: usize) -> Result<RunKey, Error> {
    Ok(RunKey { chain: chain_key(row, at)?, run: run_id(get(row, at + 3)?)? })
}

/// Reads columns namespace, kind, workflow id from `at` on.
pub(super) fn chain_key(row: &SqliteRow, at: usize) -> Result<ChainKey, Error> {
    let namespace = namespace_id(get(row, at)?)?;
    let number: i64 = get(row, at + 1)?;
    let kind = u8::try_from(number).ok().and_then(ChainKind::from_number);
    let kind = kind.ok_or_else(|| Error::Corrupt(format!("chain kind {number}")))?;
    Ok(ChainKey { namespace, kind, id: workflow_id(get(row, at + 2)?)? })
}

pub(super) fn namespace_id(bytes: &[u8]) -> Result<NamespaceId, Error> {
    NamespaceId::from_bytes(bytes).map_err(|error| Error::Corrupt(format!("namespace: {error}")))
}

pub(super) fn run_id(bytes: &[u8]) -> Result<RunId, Error> {
    RunId::from_bytes(bytes).map_err(|error| Error::Corrupt(format!("run: {error}")))
}

pub(super) fn branch_id(bytes: &[u8]) -> Result<BranchId, Error> {
    BranchId::from_bytes(bytes).map_err(|error| Error::Corrupt(format!("branch: {error}")))
}

pub(super) fn workflow_id(text: &str) -> Result<WorkflowId, Error> {
    WorkflowId::parse(text).map_err(|error| Error::Corrupt(format!("workflow id: {error}")))
}

/// A number that is never negative, as a column: beyond its range it is the largest.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A column that is never negative, as a number.
pub(super) fn unsigned(row: &SqliteRow, at: usize) -> Result<u64, Error> {
    let number: i64 = get(row, at)?;
    u64::try_from(number).map_err(|_| Error::Corrupt(format!("negative number {number}")))
}

/// A small number.
pub(super) fn small<T: TryFrom<i64>>(row: &SqliteRow, at: usize) -> Result<T, Error> {
    let number: i64 = get(row, at)?;
    T::try_from(number).map_err(|_| Error::Corrupt(format!("number {number} is out of range")))
}

/// The rows of a query.
pub(super) async fn fetch(
    query: super::multi_row::Query,
    connection: &mut sqlx::SqliteConnection,
) -> Result<Vec<SqliteRow>, Error> {
    query.fetch_all(connection).await.map_err(store_error)
}
