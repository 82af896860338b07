//! The words of `aevum server`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use membership::Role;
use serde::Deserialize;

/// `aevum server ...`
#[derive(Debug, Args)]
pub struct ServerArgs {
    /// What to do
    #[command(subcommand)]
    pub command: ServerCommand,
}

/// Verbs of `aevum server`.
#[derive(Debug, Subcommand)]
pub enum ServerCommand {
    /// Run everything in this one process, for development and small installations
    StartDev(Box<StartDevArgs>),
    /// Run roles of a cluster in this process, as a configuration file says
    Start(StartArgs),
}

/// `aevum server start ...`
#[derive(Debug, Clone, Args)]
pub struct StartArgs {
    /// Configuration (YAML); every process of the cluster may read the same one
    #[arg(long, short, value_name = "FILE", env = "AEVUM_CONFIG")]
    pub config: PathBuf,
    /// Roles of this process [default: all of them]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "ROLE")]
    pub role: Vec<RoleName>,
}

/// What a process of a cluster may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleName {
    /// Serves the public API.
    Frontend,
    /// Owns shards: workflows.
    History,
    /// Owns task queues.
    Matching,
    /// Does internal jobs.
    #[value(alias = "internal-worker")]
    Worker,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Frontend => Self::Frontend,
            RoleName::History => Self::History,
            RoleName::Matching => Self::Matching,
            RoleName::Worker => Self::Worker,
        }
    }
}

/// `aevum server start-dev ...`
#[derive(Debug, Clone, Args)]
pub struct StartDevArgs {
    /// Address to bind
    #[arg(long, default_value = "127.0.0.1", value_parser = address)]
    pub ip: IpAddr,
    /// Port for workers and clients (gRPC); 0 takes a free one
    #[arg(long, short, default_value_t = 7233)]
    pub port: u16,
    /// Port of the web interface [default: the gRPC port + 1000]
    #[arg(long)]
    pub ui_port: Option<u16>,
    /// Port that Prometheus scrapes [default: off]
    #[arg(long)]
    pub metrics_port: Option<u16>,
    /// No web interface
    #[arg(long)]
    pub headless: bool,
    /// File to keep state in (SQLite); without one, state lives in memory and ends with the process
    #[arg(long, short = 'f', value_name = "FILE")]
    pub db_filename: Option<PathBuf>,
    /// When a commit counts as durable. full: synced to disk before anything is acknowledged. normal: faster, but a power
    /// cut may lose the last commits that were acknowledged (a crash of the process does not). off: a power cut may
    /// also damage the file
    #[arg(long, value_enum, default_value_t = Synchronous::Full, value_name = "MODE")]
    pub sqlite_synchronous: Synchronous,
    /// A database instead of a file
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Create the database and its tables at start, where they are missing, and bring them up to date
    #[arg(long)]
    pub auto_setup: bool,
    /// Namespace to create at start, besides `default`; may be repeated
    #[arg(long, short, value_name = "NAME")]
    pub namespace: Vec<String>,
    /// Search attribute to register at start, as NAME=TYPE; may be repeated
    #[arg(long, value_name = "NAME=TYPE")]
    pub search_attribute: Vec<String>,
    /// Dynamic configuration, as KEY=VALUE; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub dynamic_config_value: Vec<String>,
    /// Collector that gets traces of calls (OTLP over gRPC) [default: off]
    #[arg(long, value_name = "URL", env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,
    /// Log level: error, warn, info, debug, trace, or a filter such as info,history=debug
    #[arg(long, default_value = "warn", value_name = "LEVEL")]
    pub log_level: String,
    /// Log format
    #[arg(long, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub log_format: LogFormat,
}

/// A database that is no file.
#[derive(Debug, Clone, Default, Args)]
pub struct DatabaseArgs {
    /// Database to keep state in, as postgres://USER@HOST:PORT/NAME; `sslmode`, `sslrootcert`, `sslcert` and `sslkey` may follow
    #[arg(long, value_name = "URL", env = "AEVUM_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// File whose first line is the database's password; read again for new connections, so it may be rotated
    #[arg(long, value_name = "FILE", conflicts_with = "database_password_command")]
    pub database_password_file: Option<PathBuf>,
    /// Command that prints the database's password; run again for new connections
    #[arg(long, value_name = "COMMAND")]
    pub database_password_command: Option<String>,
}

/// `aevum schema ...`
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// What to do
    #[command(subcommand)]
    pub command: SchemaCommand,
}

/// Verbs of `aevum schema`.
#[derive(Debug, Subcommand)]
pub enum SchemaCommand {
    /// Create the database and its tables, where they are missing
    Setup(DatabaseArgs),
    /// Bring the tables up to date, while servers run; broken off, it goes on where it was
    Update(DatabaseArgs),
    /// Say how the tables stand; fails unless this version can use them
    Status(DatabaseArgs),
}

/// An address, or the name that every machine gives itself.
fn address(text: &str) -> Result<IpAddr, String> {
    if text.eq_ignore_ascii_case("localhost") {
        return Ok(IpAddr::from([127, 0, 0, 1]));
    }
    text.parse().map_err(|_| "not an IP address such as 127.0.0.1 or 0.0.0.0".to_owned())
}

/// SQLite's `synchronous`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Synchronous {
    /// Synced before acknowledged.
    Full,
    /// Synced at checkpoints.
    Normal,
    /// Never synced.
    Off,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[value(alias = "pretty")]
    Text,
    /// For machines.
    Json,
}
