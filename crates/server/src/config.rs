//! The configuration of a member of a cluster: one YAML file, the same for every role, and the environment.
//!
//! `${NAME}` and `${NAME:-otherwise}` in the file are replaced from the environment; some keys may be set by a variable of their
//! own as well, which wins ([`OVERRIDES`]). A key that nothing reads is an error with its line and the name that was meant.

mod text;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::{Args, FromArgMatches};
use membership::Role;
use serde::Deserialize;

use crate::args::{LogFormat, StartDevArgs};
use crate::database::{DatabaseConfig, PasswordSource};

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Where state is kept.
    pub(crate) persistence: Persistence,
    /// Where each role listens.
    #[serde(default)]
    pub(crate) services: Services,
    /// Log lines.
    #[serde(default)]
    pub(crate) log: Log,
    /// The page that Prometheus scrapes; off unless it has an address.
    #[serde(default)]
    pub(crate) metrics: Metrics,
    /// Where traces of calls go; off unless it has an endpoint.
    #[serde(default)]
    pub(crate) traces: Traces,
    /// Namespaces to create at start, besides `default`.
    #[serde(default)]
    pub(crate) namespaces: Vec<String>,
    /// Dynamic configuration, by the names that operators know.
    #[serde(default)]
    pub(crate) dynamic_config: BTreeMap<String, yaml_serde::Value>,
}

/// Where state is kept: in a database, or for one process with every role in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Persistence {
    /// `postgres://USER@HOST:PORT/NAME`.
    pub(crate) database_url: Option<String>,
    /// File whose first line is the password.
    pub(crate) database_password_file: Option<PathBuf>,
    /// Command that prints the password.
    pub(crate) database_password_command: Option<String>,
    /// Create database and tables at start, where they are missing, and bring them up to date.
    pub(crate) auto_setup: bool,
    /// A SQLite file.
    pub(crate) db_filename: Option<PathBuf>,
}

/// Where the roles listen. All processes may read the same file: each listens for its own roles only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Services {
    /// The public API.
    pub(crate) frontend: Listener,
    /// Shards, for the other members.
    pub(crate) history: Listener,
    /// Task queues, likewise.
    pub(crate) matching: Listener,
    /// Internal jobs; nobody calls them.
    pub(crate) worker: Unbound,
}

/// An address to listen on, and the one that others use.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listener {
    /// IP address and port; port 0 takes a free one.
    pub(crate) bind: SocketAddr,
    /// `HOST:PORT` by which others reach it, where that is not `bind`.
    #[serde(default)]
    pub(crate) advertise: Option<String>,
}

/// A role without an address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unbound {}

impl Default for Services {
    fn default() -> Self {
        let listener = |port| Listener { bind: SocketAddr::from(([127, 0, 0, 1], port)), advertise: None };
        Self { frontend: listener(7233), history: listener(7234), matching: listener(7235), worker: Unbound {} }
    }
}

/// Log lines.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// A level, or a filter.
    pub(crate) level: String,
    /// For people or for machines.
    pub(crate) format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Text }
    }
}

/// The page that Prometheus scrapes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Metrics {
    /// IP address and port.
    pub(crate) bind: Option<SocketAddr>,
}

/// Traces of calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Traces {
    /// A collector that takes OTLP over gRPC.
    pub(crate) endpoint: Option<String>,
}

type Override = (&'static str, fn(&mut Config, &str) -> Result<(), String>);

/// Variables that set a key, whatever the file says.
const OVERRIDES: [Override; 11] = [
    ("AEVUM_DATABASE_URL", |config, text| set(&mut config.persistence.database_url, text)),
    ("AEVUM_DATABASE_PASSWORD_FILE", |config, text| set(&mut config.persistence.database_password_file, text)),
    ("AEVUM_FRONTEND_BIND", |config, text| bind(&mut config.services.frontend, text)),
    ("AEVUM_FRONTEND_ADVERTISE", |config, text| set(&mut config.services.frontend.advertise, text)),
    ("AEVUM_HISTORY_BIND", |config, text| bind(&mut config.services.history, text)),
    ("AEVUM_HISTORY_ADVERTISE", |config, text| set(&mut config.services.history.advertise, text)),
    ("AEVUM_MATCHING_BIND", |config, text| bind(&mut config.services.matching, text)),
    ("AEVUM_MATCHING_ADVERTISE", |config, text| set(&mut config.services.matching.advertise, text)),
    ("AEVUM_METRICS_BIND", |config, text| {
        config.metrics.bind = Some(address(text)?);
        Ok(())
    }),
    ("AEVUM_LOG_LEVEL", |config, text| {
        text.clone_into(&mut config.log.level);
        Ok(())
    }),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", |config, text| set(&mut config.traces.endpoint, text)),
];

fn set<T: for<'a> From<&'a str>>(key: &mut Option<T>, text: &str) -> Result<(), String> {
    *key = Some(T::from(text));
    Ok(())
}

fn bind(listener: &mut Listener, text: &str) -> Result<(), String> {
    listener.bind = address(text)?;
    Ok(())
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("'{text}' is not an IP address and port such as 127.0.0.1:7234"))
}

impl Config {
    /// Reads a file, with the environment of this process.
    ///
    /// # Errors
    /// A sentence with the file, and the line where there is one.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("the configuration {} cannot be read", path.display()))?;
        let environment = |name: &str| std::env::var(name).ok();
        Self::parse(&text, environment).with_context(|| format!("the configuration {} is wrong", path.display()))
    }

    fn parse(text: &str, environment: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let filled = text::fill(text, &environment)?;
        let mut config: Self = yaml_serde::from_str(&filled).map_err(|error| text::explained(&error))?;
        for (name, apply) in OVERRIDES {
            if let Some(value) = environment(name).filter(|value| !value.is_empty()) {
                apply(&mut config, &value).map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
            }
        }
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        let kept = &self.persistence;
        match (&kept.database_url, &kept.db_filename) {
            (Some(_), Some(_)) => bail!("state is kept in one place: choose persistence.database_url or persistence.db_filename"),
            (None, None) => {
                bail!("say where state is kept: persistence.database_url, or persistence.db_filename for one process")
            }
            _ => {}
        }
        ensure!(
            kept.database_password_file.is_none() || kept.database_password_command.is_none(),
            "choose persistence.database_password_file or persistence.database_password_command"
        );
        for role in [Role::Frontend, Role::History, Role::Matching] {
            let Some(listener) = self.listener(role) else { continue };
            ensure!(
                listener.advertise.is_some() || !listener.bind.ip().is_unspecified(),
                "services.{role}.bind is every address of this host: say by services.{role}.advertise how others reach it"
            );
            let spaces = listener.advertise.as_ref().is_some_and(|address| address.contains(char::is_whitespace));
            ensure!(!spaces, "services.{role}.advertise is no HOST:PORT");
        }
        Ok(())
    }

    /// The database, where state is kept in one.
    pub(crate) fn database(&self) -> Option<DatabaseConfig> {
        let kept = &self.persistence;
        let password = match (&kept.database_password_file, &kept.database_password_command) {
            (Some(file), _) => PasswordSource::File(file.clone()),
            (None, Some(command)) => PasswordSource::Command(command.clone()),
            (None, None) => PasswordSource::InUrl,
        };
        Some(DatabaseConfig { url: kept.database_url.clone()?, password, auto_setup: kept.auto_setup })
    }

    /// Where a role listens.
    pub(crate) fn listener(&self, role: Role) -> Option<&Listener> {
        match role {
            Role::Frontend => Some(&self.services.frontend),
            Role::History => Some(&self.services.history),
            Role::Matching => Some(&self.services.matching),
            Role::Worker => None,
        }
    }

    /// The words of a development server that keeps state in the file of this configuration.
    ///
    /// # Errors
    /// Where the file's name is not text.
    pub(crate) fn alone(&self) -> anyhow::Result<StartDevArgs> {
        let file = self.persistence.db_filename.as_deref().unwrap_or(Path::new("")).to_str();
        let file = file.context("persistence.db_filename is not text")?;
        let bind = self.services.frontend.bind;
        let mut words = vec!["start-dev".to_owned(), "--headless".to_owned()];
        let format = if self.log.format == LogFormat::Json { "json" } else { "text" };
        let pairs = [("--db-filename", file), ("--log-level", self.log.level.as_str()), ("--log-format", format)];
        words.extend(pairs.into_iter().flat_map(|(name, value)| [name.to_owned(), value.to_owned()]));
        words.extend([format!("--ip={}", bind.ip()), format!("--port={}", bind.port())]);
        words.extend(self.metrics.bind.map(|address| format!("--metrics-port={}", address.port())));
        words.extend(self.traces.endpoint.as_ref().map(|endpoint| format!("--otlp-endpoint={endpoint}")));
        words.extend(self.namespaces.iter().map(|name| format!("--namespace={name}")));
        words.extend(self.dynamic_pairs()?.iter().map(|pair| format!("--dynamic-config-value={pair}")));
        let matches = StartDevArgs::augment_args(clap::Command::new("start-dev")).try_get_matches_from(words)?;
        Ok(StartDevArgs::from_arg_matches(&matches)?)
    }

    /// The dynamic configuration as the command line writes it.
    ///
    /// # Errors
    /// Where a value is a list or a map.
    pub(crate) fn dynamic_pairs(&self) -> anyhow::Result<Vec<String>> {
        let pair = |(key, value): (&String, &yaml_serde::Value)| match value {
            yaml_serde::Value::Number(number) => Ok(format!("{key}={number}")),
            yaml_serde::Value::Bool(flag) => Ok(format!("{key}={flag}")),
            yaml_serde::Value::String(text) => Ok(format!("{key}={text}")),
            _ => bail!("dynamic_config.{key} is neither a number nor a text nor true or false"),
        };
        self.dynamic_config.iter().map(pair).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> anyhow::Result<Config> {
        Config::parse(text, |name| match name {
            "PASSWORD" => Some("secret".to_owned()),
            "AEVUM_HISTORY_BIND" => Some("127.0.0.5:9999".to_owned()),
            _ => None,
        })
    }

    fn refused(text: &str) -> String {
        format!("{:#}", parse(text).unwrap_err())
    }

    const URL: &str = "persistence: {database_url: 'postgres://aevum:${PASSWORD}@db/aevum'}\n";

    #[test]
    fn a_file_is_read_with_its_variables_and_those_of_the_environment_win() {
        let config = parse(&format!(
            "{URL}services:\n  history: {{bind: '127.0.0.1:1', advertise: 'history-1:7234'}}\nlog: {{level: warn, format: json}}\n\
             metrics: {{bind: '${{METRICS:-127.0.0.1:9090}}'}}\nnamespaces: [orders]\ndynamic_config: {{frontend.rps: 12}}\n"
        ))
        .unwrap();
        assert_eq!(config.database().unwrap().url, "postgres://aevum:secret@db/aevum");
        assert_eq!(config.services.history.bind, "127.0.0.5:9999".parse().unwrap());
        assert_eq!(config.services.history.advertise.as_deref(), Some("history-1:7234"));
        assert_eq!(config.services.matching, Services::default().matching);
        assert_eq!(config.metrics.bind, Some("127.0.0.1:9090".parse().unwrap()));
        assert_eq!((config.log.level.as_str(), config.log.format), ("warn", LogFormat::Json));
        assert_eq!(config.dynamic_pairs().unwrap(), ["frontend.rps=12"]);
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_the_name_that_was_meant() {
        let wrong = refused(&format!("{URL}services:\n  histroy: {{bind: '127.0.0.1:1'}}\n"));
        assert!(wrong.contains("line 3") && wrong.contains("did you mean `history`?"), "{wrong}");
        let wrong = refused(&format!("{URL}services:\n  history:\n    bind: nowhere\n"));
        assert!(wrong.contains("line 4"), "{wrong}");
        let wrong = refused(&format!("{URL}log:\n  level: ${{LEVEL}}\n"));
        assert!(wrong.contains("line 3") && wrong.contains("LEVEL is not set"), "{wrong}");
    }

    #[test]
    fn what_cannot_work_is_refused_with_what_to_do() {
        for (text, told) in [
            ("persistence: {}\n".to_owned(), "say where state is kept"),
            ("persistence: {database_url: 'postgres://x', db_filename: y}\n".to_owned(), "one place"),
            (format!("{URL}services: {{frontend: {{bind: '0.0.0.0:7233'}}}}\n"), "services.frontend.advertise"),
            (format!("{URL}services: {{frontend: {{bind: '127.0.0.1:1', advertise: 'a b'}}}}\n"), "no HOST:PORT"),
        ] {
            let wrong = refused(&text);
            assert!(wrong.contains(told), "{wrong}");
        }
    }
}
