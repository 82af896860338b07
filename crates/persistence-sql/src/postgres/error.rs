//! PostgreSQL's errors, by what the caller can do about them.

use persistence::Error;
use sqlx::postgres::{PgDatabaseError, PgSeverity};

/// What `commit_1` raises.
const RUN_MISSING: &str = "ZV001";
const RUN_OF_TURN_MISSING: &str = "ZV002";
const FOREIGN_SHARD: &str = "ZV003";

const UNIQUE_VIOLATION: &str = "23505";
const STATEMENT_COMPLETION_UNKNOWN: &str = "40003";
/// Tables changed under a prepared statement: it has to be prepared anew.
const CACHED_PLAN: &str = "0A000";
const UNDEFINED: [&str; 3] = ["42P01", "42703", "42883"];
const NO_SUCH_DATABASE: &str = "3D000";

/// Translates what the driver says.
pub(super) fn store_error(error: sqlx::Error) -> Error {
    let code = database(&error).map(|database| database.code().to_owned());
    match code.as_deref() {
        Some(UNIQUE_VIOLATION) => Error::Conflict("a row"),
        Some(RUN_MISSING) => Error::Conflict("a run to change"),
        Some(RUN_OF_TURN_MISSING) => Error::Conflict("the run of a turn"),
        Some(FOREIGN_SHARD) => Error::Fenced("a shard"),
        // Data that no statement of ours would have written, and pages that cannot be read.
        Some(code) if code.starts_with("XX") || (code.starts_with("22") && code != "22021" && code != "22P05") => {
            Error::Corrupt(error.to_string())
        }
        Some(code) if UNDEFINED.contains(&code) => {
            Error::Unavailable(format!("the tables are not those of this version, see `aevum schema status`: {error}").into())
        }
        _ => Error::Unavailable(Box::new(error)),
    }
}

/// Whether a uniqueness rule refused the statement.
pub(super) fn is_conflict(error: &sqlx::Error) -> bool {
    database(error).is_some_and(|database| database.code() == UNIQUE_VIOLATION)
}

/// Whether the statement surely changed nothing: the database refused it and says so, or it was never sent. What ends the
/// session may have come after the commit.
pub(super) fn is_definite(error: &sqlx::Error) -> bool {
    match database(error) {
        Some(database) => {
            let code = database.code();
            let lost = code == STATEMENT_COMPLETION_UNKNOWN || code.starts_with("08") || code.starts_with("57P");
            database.severity() == PgSeverity::Error && !lost
        }
        None => matches!(error, sqlx::Error::Encode(_)),
    }
}

/// Whether the connection can be used on.
pub(super) fn spares_connection(error: &sqlx::Error) -> bool {
    is_definite(error) && database(error).is_some_and(|database| database.code() != CACHED_PLAN)
}

/// Whether user or password are refused.
pub(super) fn wrong_password(error: &sqlx::Error) -> bool {
    database(error).is_some_and(|database| database.code().starts_with("28"))
}

/// Whether the database that was asked for does not exist.
pub(super) fn no_such_database(error: &sqlx::Error) -> bool {
    database(error).is_some_and(|database| database.code() == NO_SUCH_DATABASE)
}

/// Whether the error has this code.
pub(super) fn has_code(error: &sqlx::Error, code: &str) -> bool {
    database(error).is_some_and(|database| database.code() == code)
}

fn database(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()
}
