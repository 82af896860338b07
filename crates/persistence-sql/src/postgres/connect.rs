//! Opening connections: where to, with which password, and how the database shall treat them.

use std::str::FromStr;

use async_trait::async_trait;
use persistence::Error;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use super::error::{store_error, wrong_password};
use super::open::OpenError;
use super::options::{Options, Password};
use crate::pool::Open;

/// All statements of a connection stay prepared: there are about 40.
const PREPARED_STATEMENTS: usize = 128;

/// Every statement of ours goes by index from a short list of keys: what else a planner might think of while a table is new
/// and its statistics say that it is empty is worse from the first busy minute on. A statement that nobody waits for any more
/// ends by itself.
const SETTINGS: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off; \
     SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '10s'; \
     SET default_transaction_isolation = 'read committed'; SET client_min_messages = 'warning'";
/// Batches are planned once, whatever their sizes.
const PLAN_ONCE: &str = "SET plan_cache_mode = force_generic_plan";

/// What connections are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Writing,
    Reading,
}

/// Opens the connections of a pool.
pub(super) struct Connector {
    options: PgConnectOptions,
    password: Password,
    purpose: Use,
}

impl Connector {
    pub(super) fn new(options: &Options, purpose: Use) -> Result<Self, OpenError> {
        Ok(Self { options: parse(&options.url)?, password: options.password.clone(), purpose })
    }
}

#[async_trait]
impl Open for Connector {
    type Connection = PgConnection;

    async fn open(&self) -> Result<PgConnection, Error> {
        let mut connection = connect(&self.options, &self.password).await?;
        let settings = match self.purpose {
            Use::Writing => format!("{SETTINGS}; {PLAN_ONCE}"),
            Use::Reading => SETTINGS.to_owned(),
        };
        sqlx::raw_sql(sqlx::AssertSqlSafe(settings)).execute(&mut connection).await.map_err(store_error)?;
        Ok(connection)
    }
}

/// Where the URL leads.
pub(super) fn parse(url: &str) -> Result<PgConnectOptions, OpenError> {
    let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://")).ok_or(OpenError::NotPostgres)?;
    if rest.split(['/', '?']).nth(1).is_none_or(str::is_empty) {
        return Err(OpenError::Url("it names no database: add /NAME after the host".into()));
    }
    let options = PgConnectOptions::from_str(url).map_err(|error| OpenError::Url(error.to_string()))?;
    let options = options.application_name("aevum").statement_cache_capacity(PREPARED_STATEMENTS);
    Ok(options.disable_statement_logging())
}

/// Connects with the password of this moment: one from a file or a command is read anew, since it may have been rotated.
pub(super) async fn connect(options: &PgConnectOptions, password: &Password) -> Result<PgConnection, Error> {
    let secret = match password {
        Password::InUrl => None,
        Password::File(path) => {
            let text = tokio::fs::read_to_string(path).await;
            Some(text.map_err(|error| unavailable(format!("cannot read the password file {}: {error}", path.display())))?)
        }
        Password::Command(command) => Some(output_of(command).await?),
    };
    let options = match secret.as_deref().map(|text| text.lines().next().unwrap_or_default()) {
        None => options.clone(),
        Some(secret) => options.clone().password(secret),
    };
    PgConnection::connect_with(&options).await.map_err(|error| match wrong_password(&error) {
        true => Error::Unavailable(format!("the database refuses user and password: {error}").into()),
        false => store_error(error),
    })
}

async fn output_of(command: &str) -> Result<String, Error> {
    let output = tokio::process::Command::new("sh").arg("-c").arg(command).kill_on_drop(true).output().await;
    let output = output.map_err(|error| unavailable(format!("cannot run the password command: {error}")))?;
    if !output.status.success() {
        return Err(unavailable(format!("the password command failed ({})", output.status)));
    }
    String::from_utf8(output.stdout).map_err(|_| unavailable("the password command printed no text".to_owned()))
}

fn unavailable(what: String) -> Error {
    Error::Unavailable(what.into())
}
