//! SQLite's rows as the columns that every database has.

use persistence::Error;
use sqlx::Row;
use sqlx::sqlite::{Sqlite, SqliteRow};

pub(super) use crate::decode::{Columns, int, run_id, run_key};

use super::error::store_error;

impl Columns for SqliteRow {
    fn maybe_int(&self, at: usize) -> Result<Option<i64>, Error> {
        get(self, at)
    }

    fn maybe_text(&self, at: usize) -> Result<Option<&str>, Error> {
        get(self, at)
    }

    fn maybe_bytes(&self, at: usize) -> Result<Option<&[u8]>, Error> {
        get(self, at)
    }

    fn maybe_id(&self, at: usize) -> Result<Option<[u8; 16]>, Error> {
        let bytes = self.maybe_bytes(at)?;
        bytes.map(|bytes| bytes.try_into().map_err(|_| Error::Corrupt("an id has other than 16 bytes".into()))).transpose()
    }
}

/// Reads a column.
pub(super) fn get<'r, T>(row: &'r SqliteRow, at: usize) -> Result<T, Error>
where
    T: sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite>,
{
    row.try_get(at).map_err(|error| Error::Corrupt(error.to_string()))
}

/// The rows of a query.
pub(super) async fn fetch(
    query: super::multi_row::Query,
    connection: &mut sqlx::SqliteConnection,
) -> Result<Vec<SqliteRow>, Error> {
    query.fetch_all(connection).await.map_err(store_error)
}
