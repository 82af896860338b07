//! tctl's flags: names and aliases as people type them, each written once. A verb reads a flag through its constant, so a
//! name cannot be mistyped; words with underscores are tctl's own.

pub(crate) mod admin;
pub(crate) mod namespace;
pub(crate) mod schedule;
pub(crate) mod workflow;

use clap::{Arg, ArgAction, value_parser};

/// A flag.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flag {
    /// Its name, then its aliases.
    pub(crate) names: &'static [&'static str],
    kind: Kind,
    about: &'static str,
    default: Option<&'static str>,
    variable: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A text; the last one counts.
    Text,
    /// Texts, one for each time.
    Texts,
    /// A whole number.
    Number,
    /// On or off.
    Switch,
}

const fn flag(kind: Kind, names: &'static [&'static str], about: &'static str) -> Flag {
    Flag { names, kind, about, default: None, variable: None }
}

pub(super) const fn text(names: &'static [&'static str], about: &'static str) -> Flag {
    flag(Kind::Text, names, about)
}

pub(super) const fn texts(names: &'static [&'static str], about: &'static str) -> Flag {
    flag(Kind::Texts, names, about)
}

pub(super) const fn number(names: &'static [&'static str], about: &'static str) -> Flag {
    flag(Kind::Number, names, about)
}

pub(super) const fn switch(names: &'static [&'static str], about: &'static str) -> Flag {
    flag(Kind::Switch, names, about)
}

impl Flag {
    /// With a value for when it is left out.
    pub(super) const fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// With a variable of the environment that stands in for it.
    pub(super) const fn or_variable(self, variable: &'static str) -> Self {
        Self { variable: Some(variable), ..self }
    }

    /// The name, without aliases.
    pub(crate) fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }

    /// The variable of the environment, if it has one.
    pub(crate) fn variable(&self) -> Option<&'static str> {
        self.variable
    }

    /// As the parser wants it.
    pub(super) fn arg(&self) -> Arg {
        let arg = Arg::new(self.name())
            .long(self.name())
            .visible_aliases(self.names.iter().skip(1).copied().collect::<Vec<_>>())
            .help(self.about);
        let arg = match self.kind {
            Kind::Text => arg.action(ArgAction::Set).value_name("TEXT"),
            Kind::Texts => arg.action(ArgAction::Append).value_name("TEXT"),
            Kind::Number => arg.action(ArgAction::Set).value_name("NUMBER").value_parser(value_parser!(i64)),
            Kind::Switch => arg.action(ArgAction::SetTrue),
        };
        let arg = if self.kind == Kind::Switch { arg } else { arg.allow_hyphen_values(true) };
        let arg = self.default.iter().fold(arg, |arg, default| arg.default_value(*default));
        match self.variable {
            Some(variable) => arg.env(variable).hide_env_values(true),
            None => arg,
        }
    }
}

/// Flags that stand before the command's name.
pub(crate) mod global {
    use super::{Flag, number, switch, text};

    pub(crate) const ADDRESS: Flag =
        text(&["address", "ad"], "Host and port of the frontend [default: 127.0.0.1:7233]").or_variable("TEMPORAL_CLI_ADDRESS");
    pub(crate) const NAMESPACE: Flag =
        text(&["namespace", "ns"], "Namespace to work in").or("default").or_variable("TEMPORAL_CLI_NAMESPACE");
    pub(crate) const AUTH: Flag = text(&["auth"], "Value of the header `authorization`").or_variable("TEMPORAL_CLI_AUTH");
    pub(crate) const CONTEXT_TIMEOUT: Flag =
        number(&["context_timeout", "ct"], "Seconds that one call may take").or("5").or_variable("TEMPORAL_CONTEXT_TIMEOUT");
    pub(crate) const AUTO_CONFIRM: Flag = switch(&["auto_confirm"], "Answer every question with yes");
    pub(crate) const TLS_CERT_PATH: Flag =
        text(&["tls_cert_path"], "Not built yet: refused").or_variable("TEMPORAL_CLI_TLS_CERT");
    pub(crate) const TLS_KEY_PATH: Flag = text(&["tls_key_path"], "Not built yet: refused").or_variable("TEMPORAL_CLI_TLS_KEY");
    pub(crate) const TLS_CA_PATH: Flag = text(&["tls_ca_path"], "Not built yet: refused").or_variable("TEMPORAL_CLI_TLS_CA");
    pub(crate) const TLS_NO_HOST: Flag = switch(&["tls_disable_host_verification"], "Not built yet: refused")
        .or_variable("TEMPORAL_CLI_TLS_DISABLE_HOST_VERIFICATION");
    pub(crate) const TLS_SERVER_NAME: Flag =
        text(&["tls_server_name"], "Not built yet: refused").or_variable("TEMPORAL_CLI_TLS_SERVER_NAME");
    pub(crate) const HEADERS_PLUGIN: Flag =
        text(&["headers_provider_plugin", "hpp"], "Not built: refused").or_variable("TEMPORAL_CLI_PLUGIN_HEADERS_PROVIDER");
    pub(crate) const CONVERTER_PLUGIN: Flag =
        text(&["data_converter_plugin", "dcp"], "Not built: refused").or_variable("TEMPORAL_CLI_PLUGIN_DATA_CONVERTER");
    pub(crate) const CODEC_ENDPOINT: Flag =
        text(&["codec_endpoint"], "Not built yet: refused").or_variable("TEMPORAL_CLI_CODEC_ENDPOINT");
    pub(crate) const CODEC_AUTH: Flag = text(&["codec_auth"], "Not built yet: refused").or_variable("TEMPORAL_CLI_CODEC_AUTH");

    /// All of them.
    pub(crate) const ALL: &[Flag] = &[
        ADDRESS,
        NAMESPACE,
        AUTH,
        CONTEXT_TIMEOUT,
        AUTO_CONFIRM,
        TLS_CERT_PATH,
        TLS_KEY_PATH,
        TLS_CA_PATH,
        TLS_NO_HOST,
        TLS_SERVER_NAME,
        HEADERS_PLUGIN,
        CONVERTER_PLUGIN,
        CODEC_ENDPOINT,
        CODEC_AUTH,
    ];
}
