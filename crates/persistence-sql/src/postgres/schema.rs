//! The tables, by version: embedded steps that are only ever added, each safe to begin again.
//!
//! A step is applied in one transaction, or, where it must not hold up a running cluster, statement by statement outside of
//! one (an index built concurrently); then each statement can run again. Steps expand first and contract later: a step names
//! the oldest binary (by the newest version that it knows) that works on its result, and a binary works on every newer version
//! that says so. So the previous and the next release run on one database, and an upgrade has no order.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Row};

use super::connect::{connect, parse};
use super::error::has_code;
use super::open::OpenError;
use super::options::{Options, Password};

mod create;

/// One step.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The version that the tables have afterwards: 1 more than before.
    pub version: u32,
    /// What it does.
    pub name: &'static str,
    /// How.
    pub work: Work,
    /// Binaries that know only versions below this one cannot use the tables afterwards.
    pub oldest: u32,
}

/// What a step runs.
#[derive(Debug, Clone, Copy)]
pub enum Work {
    /// In one transaction.
    Whole(&'static str),
    /// One statement after the other, each of which can run again.
    Online(&'static [&'static str]),
}

/// The steps of this binary.
pub const STEPS: &[Step] = &[
    Step { version: 1, name: "rows", work: Work::Whole(include_str!("../../migrations/postgres/0001_rows.sql")), oldest: 1 },
    Step { version: 2, name: "commit", work: Work::Whole(include_str!("../../migrations/postgres/0002_commit.sql")), oldest: 1 },
];

const CREATE_VERSIONS: &str = "CREATE TABLE IF NOT EXISTS schema_version (version bigint PRIMARY KEY, name text NOT NULL, \
     oldest bigint NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())";
const READ_VERSION: &str = "SELECT coalesce(max(version), 0), coalesce(max(oldest), 0) FROM schema_version";
const WRITE_VERSION: &str = "INSERT INTO schema_version (version, name, oldest) VALUES ($1, $2, $3)";
/// Two that update at once: the second waits, and finds nothing left to do.
const ALONE: &str = "SELECT pg_advisory_lock(7031958312246117)";
const TOGETHER: &str = "SELECT pg_advisory_unlock(7031958312246117)";
/// A change of a table waits only this long for those who use it; whoever comes meanwhile waits behind it.
const LOCK_TIMEOUT: &str = "SET lock_timeout = '3s'";
const BROKEN_INDEXES: &str = "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND n.nspname = current_schema()";

const LOCK_NOT_AVAILABLE: &str = "55P03";
const UNDEFINED_TABLE: &str = "42P01";
/// How often a step is tried that finds its tables in use, and how long it stands back in between.
const TRIES: u32 = 100;
const STAND_BACK: Duration = Duration::from_secs(1);

/// How the tables stand to this binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Their version; 0 where there are none.
    pub version: u32,
    /// The version that this binary needs, and the newest that it knows.
    pub needed: u32,
    /// Binaries that know only versions below this one cannot use them.
    pub oldest: u32,
    /// The steps to come, by name.
    pub missing: Vec<&'static str>,
}

impl State {
    fn new(version: u32, oldest: u32, steps: &[Step]) -> Self {
        let missing = steps.iter().filter(|step| step.version > version).map(|step| step.name).collect();
        Self { version, needed: steps.last().map_or(0, |step| step.version), oldest, missing }
    }

    /// Whether this binary can use the tables.
    ///
    /// # Errors
    /// What is missing, or that the binary is too old.
    pub const fn usable(&self) -> Result<(), OpenError> {
        if self.version < self.needed {
            return Err(OpenError::Outdated { found: self.version, needed: self.needed });
        }
        if self.oldest > self.needed {
            return Err(OpenError::Newer { found: self.version, known: self.needed });
        }
        Ok(())
    }
}

/// Creates the database where it is missing, then does what [`update`] does. Done already, it changes nothing.
///
/// # Errors
/// Where the database cannot be reached, created or changed.
pub async fn setup(options: &Options) -> Result<State, OpenError> {
    create::database(&parse(&options.url)?, &options.password).await?;
    update(options).await
}

/// Applies the steps that are missing, while servers run. Broken off, it goes on where it was.
///
/// # Errors
/// Where the database cannot be reached or changed, or is newer than this binary.
pub async fn update(options: &Options) -> Result<State, OpenError> {
    apply(options, STEPS).await
}

/// Applies these steps.
///
/// # Errors
/// As [`update`].
pub async fn apply(options: &Options, steps: &[Step]) -> Result<State, OpenError> {
    let mut connection = open(&parse(&options.url)?, &options.password).await?;
    check_encoding(&mut connection).await?;
    run(&mut connection, ALONE).await.map_err(refused)?;
    let applied = apply_alone(&mut connection, steps).await;
    run(&mut connection, TOGETHER).await.map_err(refused)?;
    connection.close().await.map_err(refused)?;
    applied
}

/// How the tables stand to this binary.
///
/// # Errors
/// Where the database cannot be reached or does not exist.
pub async fn status(options: &Options) -> Result<State, OpenError> {
    state(&parse(&options.url)?, &options.password).await
}

pub(super) async fn state(target: &PgConnectOptions, password: &Password) -> Result<State, OpenError> {
    let mut connection = open(target, password).await?;
    check_encoding(&mut connection).await?;
    let (version, oldest) = match read_version(&mut connection).await {
        Err(error) if has_code(&error, UNDEFINED_TABLE) => (0, 0),
        other => other.map_err(refused)?,
    };
    connection.close().await.map_err(refused)?;
    Ok(State::new(version, oldest, STEPS))
}

async fn apply_alone(connection: &mut PgConnection, steps: &[Step]) -> Result<State, OpenError> {
    run(connection, CREATE_VERSIONS).await.map_err(refused)?;
    run(connection, LOCK_TIMEOUT).await.map_err(refused)?;
    let (done, oldest) = read_version(connection).await.map_err(refused)?;
    let known = steps.last().map_or(0, |step| step.version);
    if oldest > known {
        return Err(OpenError::Newer { found: done, known });
    }
    for step in steps.iter().filter(|step| step.version > done) {
        tracing::info!(version = step.version, step = step.name, "changing the tables");
        match step.work {
            Work::Whole(text) => patiently(connection, Piece::Whole(text, step)).await?,
            Work::Online(statements) => {
                drop_broken_indexes(connection).await?;
                for statement in statements {
                    patiently(connection, Piece::Alone(statement)).await?;
                }
                patiently(connection, Piece::Whole("", step)).await?;
            }
        }
    }
    let (version, oldest) = read_version(connection).await.map_err(refused)?;
    Ok(State::new(version, oldest, steps))
}

/// What is run in one go.
enum Piece<'a> {
    /// In a transaction, with the note that the step is done.
    Whole(&'static str, &'a Step),
    /// Outside of a transaction.
    Alone(&'static str),
}

/// Tries again while the tables are in use.
async fn patiently(connection: &mut PgConnection, piece: Piece<'_>) -> Result<(), OpenError> {
    for _ in 0..TRIES {
        let tried = match &piece {
            Piece::Whole(text, step) => whole(connection, text, step).await,
            Piece::Alone(text) => run(connection, text).await,
        };
        match tried {
            Err(error) if has_code(&error, LOCK_NOT_AVAILABLE) => tokio::time::sleep(STAND_BACK).await,
            other => return other.map_err(refused),
        }
    }
    Err(OpenError::Refused(format!("a table was in use at each of {TRIES} tries; try again when there is less to do")))
}

async fn whole(connection: &mut PgConnection, text: &'static str, step: &Step) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    if !text.is_empty() {
        run(&mut transaction, text).await?;
    }
    let query = sqlx::query(WRITE_VERSION).bind(i64::from(step.version)).bind(step.name).bind(i64::from(step.oldest));
    query.execute(&mut *transaction).await?;
    transaction.commit().await
}

/// An index whose building was broken off is in the way of its next building.
async fn drop_broken_indexes(connection: &mut PgConnection) -> Result<(), OpenError> {
    for row in sqlx::query(BROKEN_INDEXES).fetch_all(&mut *connection).await.map_err(refused)? {
        let name: String = row.try_get(0).map_err(refused)?;
        let text = AssertSqlSafe(format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"));
        sqlx::raw_sql(text).execute(&mut *connection).await.map_err(refused)?;
    }
    Ok(())
}

async fn read_version(connection: &mut PgConnection) -> Result<(u32, u32), sqlx::Error> {
    let row = sqlx::query(READ_VERSION).fetch_one(connection).await?;
    let number = |at: usize| -> Result<u32, sqlx::Error> {
        let number: i64 = row.try_get(at)?;
        u32::try_from(number).map_err(|error| sqlx::Error::Decode(error.into()))
    };
    Ok((number(0)?, number(1)?))
}

async fn run(connection: &mut PgConnection, text: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(text).execute(connection).await.map(drop)
}

async fn open(target: &PgConnectOptions, password: &Password) -> Result<PgConnection, OpenError> {
    match connect(target, password).await {
        Err(persistence::Error::Unavailable(error)) if create::is_missing(error.as_ref()) => {
            Err(OpenError::NoDatabase(target.get_database().unwrap_or_default().to_owned()))
        }
        other => Ok(other?),
    }
}

async fn check_encoding(connection: &mut PgConnection) -> Result<(), OpenError> {
    let row = sqlx::query("SELECT current_setting('server_encoding')").fetch_one(connection).await.map_err(refused)?;
    let encoding: String = row.try_get(0).map_err(refused)?;
    if encoding == "UTF8" { Ok(()) } else { Err(OpenError::Encoding(encoding)) }
}

pub(super) fn refused(error: sqlx::Error) -> OpenError {
    match error.as_database_error() {
        Some(_) => OpenError::Refused(error.to_string()),
        None => OpenError::Unreachable(error.to_string()),
    }
}
