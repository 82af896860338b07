//! A database that is no file: what is configured, and waiting until it can be used.
//!
//! Databases start later than servers, and tables are set up by somebody else: a server that is started first says what is
//! missing and waits, so that no order of start matters and nothing restarts in circles.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use model::Clock;
use persistence_sql::Postgres;
use persistence_sql::postgres::{OpenError, Options, Password, schema};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::args::DatabaseArgs;

/// How often a database that is not ready is asked, and how often the log repeats why it is not.
const ASK_EVERY: Duration = Duration::from_millis(500);
const SAY_EVERY: Duration = Duration::from_secs(30);

/// A database to keep state in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DatabaseConfig {
    /// `postgres://user@host:port/name?parameters`.
    pub(crate) url: String,
    /// Where the password comes from, unless the URL has it.
    pub(crate) password: PasswordSource,
    /// Whether the server creates database and tables, and brings them up to date.
    pub(crate) auto_setup: bool,
}

/// Where a password comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PasswordSource {
    /// The URL has it, or none is needed.
    InUrl,
    /// The first line of a file.
    File(PathBuf),
    /// The first line that a command prints.
    Command(String),
}

impl DatabaseConfig {
    /// What the command line says, where it names a database.
    pub(crate) fn from_args(args: &DatabaseArgs, auto_setup: bool) -> Option<Self> {
        let password = match (&args.database_password_file, &args.database_password_command) {
            (Some(file), _) => PasswordSource::File(file.clone()),
            (None, Some(command)) => PasswordSource::Command(command.clone()),
            (None, None) => PasswordSource::InUrl,
        };
        args.database_url.clone().map(|url| Self { url, password, auto_setup })
    }

    /// As the backend takes it.
    pub(crate) fn options(&self, clock: &Arc<dyn Clock>) -> Options {
        let mut options = Options::new(&self.url, Arc::clone(clock));
        options.password = match &self.password {
            PasswordSource::InUrl => Password::InUrl,
            PasswordSource::File(file) => Password::File(file.clone()),
            PasswordSource::Command(command) => Password::Command(command.clone()),
        };
        options
    }
}

/// Opens the database; as long as it cannot be used but may be later, says why and waits. `None` where the process is told to
/// stop meanwhile.
///
/// # Errors
/// Where waiting would not help.
pub(crate) async fn open(
    config: &DatabaseConfig,
    clock: &Arc<dyn Clock>,
    stop: &CancellationToken,
) -> anyhow::Result<Option<Postgres>> {
    let options = config.options(clock);
    let place = options.place();
    let mut said: Option<(String, Instant)> = None;
    loop {
        let tried = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(None),
            tried = attempt(&options, config.auto_setup) => tried,
        };
        let error = match tried {
            Ok(database) => {
                if said.is_some() {
                    tracing::warn!(database = place, "the database is ready");
                }
                return Ok(Some(database));
            }
            Err(error) if !error.may_pass() => return Err(error).with_context(|| format!("cannot keep state in {place}")),
            Err(error) => error.to_string(),
        };
        if said.as_ref().is_none_or(|(before, at)| *before != error || at.elapsed() >= SAY_EVERY) {
            tracing::warn!(database = place, "waiting for the database: {error}");
            said = Some((error, Instant::now()));
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(None),
            () = tokio::time::sleep(ASK_EVERY) => {}
        }
    }
}

async fn attempt(options: &Options, auto_setup: bool) -> Result<Postgres, OpenError> {
    match Postgres::open(options).await {
        Err(OpenError::NoDatabase(_) | OpenError::Outdated { .. }) if auto_setup => {
            schema::setup(options).await?;
            Postgres::open(options).await
        }
        other => other,
    }
}

/// The database of the command line.
///
/// # Errors
/// Where it names none.
pub(crate) fn named(args: &DatabaseArgs) -> anyhow::Result<DatabaseConfig> {
    match DatabaseConfig::from_args(args, false) {
        Some(config) => Ok(config),
        None => bail!("say which database: --database-url postgres://USER@HOST:PORT/NAME, or AEVUM_DATABASE_URL"),
    }
}
