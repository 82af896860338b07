//! What can be chosen about a PostgreSQL database.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use model::Clock;

/// Where the password comes from. A file or a command is asked again when the database refuses what it said before, so a
/// rotated password needs no restart.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Password {
    /// The URL has it, or none is needed.
    #[default]
    InUrl,
    /// The first line of this file.
    File(PathBuf),
    /// The first line that this shell command prints.
    Command(String),
}

/// How to reach a database, and how much of it to use.
#[derive(Clone)]
pub struct Options {
    /// `postgres://user:password@host:port/database`, with `sslmode`, `sslrootcert`, `sslcert` and `sslkey` as parameters.
    pub url: String,
    /// Where the password comes from. Default: the URL.
    pub password: Password,
    /// Connections that write, at most. Default: 4.
    pub writers: u32,
    /// Connections that read, at most. Default: 8.
    pub readers: u32,
    /// Connections for lists and counts alone, which may take long: nothing that a workflow waits for stands behind them.
    /// Default: 4.
    pub list_readers: u32,
    /// How long to wait for a connection before saying that there is none. Default: 10 s.
    pub connection_wait: Duration,
    /// After this long without an answer the outcome of a commit is unknown. Default: 30 s.
    pub commit_timeout: Duration,
    /// Dates tombstones.
    pub clock: Arc<dyn Clock>,
}

impl Options {
    /// The defaults for this database.
    pub fn new(url: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self {
            url: url.into(),
            password: Password::InUrl,
            writers: 4,
            readers: 8,
            list_readers: 4,
            connection_wait: Duration::from_secs(10),
            commit_timeout: Duration::from_secs(30),
            clock,
        }
    }

    /// Where the database is, in words without secrets.
    pub fn place(&self) -> String {
        match super::connect::parse(&self.url) {
            Ok(target) => {
                format!("PostgreSQL {}:{}/{}", target.get_host(), target.get_port(), target.get_database().unwrap_or_default())
            }
            Err(_) => "PostgreSQL".to_owned(),
        }
    }
}

/// A command may have the secret in its words.
impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::InUrl => f.write_str("InUrl"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Command(_) => f.write_str("Command"),
        }
    }
}
