//! Opening a database: what may be missing, said in words that tell what to do.

use persistence::Error;

use super::connect;
use super::options::Options;
use super::schema;

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is one of another database.
    #[error("the database URL does not begin with postgres://")]
    NotPostgres,
    /// The URL cannot be read.
    #[error("the database URL cannot be used: {0}")]
    Url(String),
    /// The database does not answer, or refuses user and password.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// There is no database of this name.
    #[error("there is no database {0:?}; create it with `aevum schema setup`")]
    NoDatabase(String),
    /// Tables are missing.
    #[error("the tables have version {found}, this version needs {needed}; run `aevum schema {}`", if *found == 0 { "setup" } else { "update" })]
    Outdated {
        /// Their version; 0 where there are none.
        found: u32,
        /// The version that this binary needs.
        needed: u32,
    },
    /// The tables need a newer binary.
    #[error("the tables have version {found}, which versions that know only {known} cannot use; upgrade this binary")]
    Newer {
        /// Their version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// The database was created with an encoding that cannot hold every text.
    #[error("the database has the encoding {0}; create one with UTF8, or let `aevum schema setup` do it")]
    Encoding(String),
    /// The database refuses what has to be done.
    #[error("the tables cannot be read or changed: {0}")]
    Refused(String),
}

impl OpenError {
    /// Whether waiting may help: the database may still start, or somebody may set it up.
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::NoDatabase(_) | Self::Outdated { .. })
    }
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable(source) => Self::Unreachable(source.to_string()),
            other => Self::Refused(other.to_string()),
        }
    }
}

/// Checks that the tables are as this binary needs them.
pub(super) async fn check(options: &Options) -> Result<(), OpenError> {
    let target = connect::parse(&options.url)?;
    let wait = options.connection_wait;
    let state = tokio::time::timeout(wait, schema::state(&target, &options.password)).await;
    state.map_err(|_| OpenError::Unreachable(format!("no answer within {wait:?}")))??.usable()
}
