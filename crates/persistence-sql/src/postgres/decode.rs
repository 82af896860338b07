//! PostgreSQL's rows as the columns that every database has.

use persistence::Error;
use sqlx::postgres::{PgRow, Postgres};
use sqlx::{Row, TypeInfo, ValueRef};
use uuid::Uuid;

pub(super) use crate::decode::{Columns, int};

impl Columns for PgRow {
    fn maybe_int(&self, at: usize) -> Result<Option<i64>, Error> {
        let value = self.try_get_raw(at).map_err(corrupt)?;
        let width = value.type_info();
        match width.name() {
            "INT2" => Ok(get::<Option<i16>>(self, at)?.map(i64::from)),
            "INT4" => Ok(get::<Option<i32>>(self, at)?.map(i64::from)),
            _ => get(self, at),
        }
    }

    fn maybe_text(&self, at: usize) -> Result<Option<&str>, Error> {
        get(self, at)
    }

    fn maybe_bytes(&self, at: usize) -> Result<Option<&[u8]>, Error> {
        get(self, at)
    }

    fn maybe_id(&self, at: usize) -> Result<Option<[u8; 16]>, Error> {
        Ok(get::<Option<Uuid>>(self, at)?.map(Uuid::into_bytes))
    }
}

/// Reads a column.
pub(super) fn get<'r, T>(row: &'r PgRow, at: usize) -> Result<T, Error>
where
    T: sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres>,
{
    row.try_get(at).map_err(corrupt)
}

fn corrupt(error: sqlx::Error) -> Error {
    Error::Corrupt(error.to_string())
}
