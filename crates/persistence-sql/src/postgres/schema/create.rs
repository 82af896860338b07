//! Creating the database itself, from one that every server has.

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection};

use super::refused;
use crate::postgres::connect::connect;
use crate::postgres::error::{has_code, is_conflict, no_such_database};
use crate::postgres::open::OpenError;
use crate::postgres::options::Password;

const DUPLICATE_DATABASE: &str = "42P04";

/// Creates the database that is asked for, unless it exists: with a byte order of texts, and every text fits.
pub(super) async fn database(target: &PgConnectOptions, password: &Password) -> Result<(), OpenError> {
    match connect(target, password).await {
        Ok(connection) => return connection.close().await.map_err(refused),
        Err(persistence::Error::Unavailable(error)) if is_missing(error.as_ref()) => {}
        Err(error) => return Err(error.into()),
    }
    let name = target.get_database().unwrap_or_default().to_owned();
    let mut connection = connect(&target.clone().database("postgres"), password).await?;
    let quoted = name.replace('"', "\"\"");
    let text = format!("CREATE DATABASE \"{quoted}\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
    let created = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await;
    connection.close().await.map_err(refused)?;
    match created {
        Ok(_) => Ok(()),
        // Somebody else was faster.
        Err(error) if has_code(&error, DUPLICATE_DATABASE) || is_conflict(&error) => Ok(()),
        Err(error) => Err(refused(error)),
    }
}

/// Whether a connection failed because there is no such database.
pub(super) fn is_missing(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<sqlx::Error>().is_some_and(no_such_database)
}
