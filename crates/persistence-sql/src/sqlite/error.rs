//! SQLite's errors, by what the caller can do about them.

use persistence::Error;

const SQLITE_CORRUPT: i32 = 11;
const SQLITE_CONSTRAINT: i32 = 19;
const SQLITE_NOTADB: i32 = 26;

/// Translates what the driver says.
pub(super) fn store_error(error: sqlx::Error) -> Error {
    match primary_code(&error) {
        Some(SQLITE_CORRUPT | SQLITE_NOTADB) => Error::Corrupt(error.to_string()),
        Some(SQLITE_CONSTRAINT) => Error::Conflict("a row"),
        _ => Error::Unavailable(Box::new(error)),
    }
}

/// Whether a uniqueness rule refused the statement.
pub(super) fn is_conflict(error: &sqlx::Error) -> bool {
    primary_code(error) == Some(SQLITE_CONSTRAINT)
}

/// The error's code without its extension.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}
