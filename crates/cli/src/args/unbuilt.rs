//! Flags and variables of the official command line that change where a command acts, or how payloads are read, and are not
//! built: refused, for acting elsewhere or in the clear would be worse. Those that change nothing are taken and ignored.

use clap::Args;

/// Known, hidden, and not built.
#[derive(Debug, Clone, Default, Args)]
pub struct UnbuiltArgs {
    #[arg(long, global = true, hide = true)]
    tls_cert_path: Option<String>,
    #[arg(long, global = true, hide = true)]
    tls_cert_data: Option<String>,
    #[arg(long, global = true, hide = true)]
    tls_key_path: Option<String>,
    #[arg(long, global = true, hide = true)]
    tls_key_data: Option<String>,
    #[arg(long, global = true, hide = true)]
    tls_ca_path: Option<String>,
    #[arg(long, global = true, hide = true)]
    tls_ca_data: Option<String>,
    #[arg(long, global = true, hide = true)]
    tls_server_name: Option<String>,
    #[arg(long, global = true, hide = true)]
    tls_disable_host_verification: bool,
    #[arg(long, global = true, hide = true)]
    codec_endpoint: Option<String>,
    #[arg(long, global = true, hide = true)]
    codec_auth: Option<String>,
    #[arg(long, global = true, hide = true)]
    codec_header: Vec<String>,
    #[arg(long, global = true, hide = true)]
    profile: Option<String>,
    #[arg(long, global = true, hide = true)]
    config_file: Option<String>,
    #[arg(long, global = true, hide = true)]
    env: Option<String>,
    #[arg(long, global = true, hide = true)]
    env_file: Option<String>,
    /// There is no configuration file to leave out.
    #[arg(long, global = true, hide = true)]
    disable_config_file: bool,
    /// Leaves the variables below out of account.
    #[arg(long, global = true, hide = true)]
    disable_config_env: bool,
    /// This command line does not log.
    #[arg(id = "cli-log-level", long = "log-level", global = true, hide = true)]
    log_level: Option<String>,
    /// Nor in any format.
    #[arg(id = "cli-log-format", long = "log-format", global = true, hide = true)]
    log_format: Option<String>,
}

/// What variables begin with, or are, and what they ask for.
const VARIABLES: [(&str, &str); 5] = [
    ("TEMPORAL_TLS_", TLS),
    ("TEMPORAL_CODEC_", CODEC),
    ("TEMPORAL_PROFILE", PROFILE),
    ("TEMPORAL_CONFIG_FILE", PROFILE),
    ("TEMPORAL_ENV", PROFILE),
];

const TLS: &str = "TLS is not built yet, and the command would go in the clear";
const CODEC: &str = "remote codecs are not built yet, and payloads would stay encoded";
const PROFILE: &str = "configuration files are not built yet, and the command might act elsewhere; use --address and --namespace";

impl UnbuiltArgs {
    /// A sentence about the first flag or variable that cannot be followed.
    pub(crate) fn refusal(&self, variables: impl IntoIterator<Item = (String, String)>) -> Option<String> {
        let flags = [
            ("--tls-cert-path", self.tls_cert_path.is_some(), TLS),
            ("--tls-cert-data", self.tls_cert_data.is_some(), TLS),
            ("--tls-key-path", self.tls_key_path.is_some(), TLS),
            ("--tls-key-data", self.tls_key_data.is_some(), TLS),
            ("--tls-ca-path", self.tls_ca_path.is_some(), TLS),
            ("--tls-ca-data", self.tls_ca_data.is_some(), TLS),
            ("--tls-server-name", self.tls_server_name.is_some(), TLS),
            ("--tls-disable-host-verification", self.tls_disable_host_verification, TLS),
            ("--codec-endpoint", self.codec_endpoint.is_some(), CODEC),
            ("--codec-auth", self.codec_auth.is_some(), CODEC),
            ("--codec-header", !self.codec_header.is_empty(), CODEC),
            ("--profile", self.profile.is_some(), PROFILE),
            ("--config-file", self.config_file.is_some(), PROFILE),
            ("--env", self.env.is_some(), PROFILE),
            ("--env-file", self.env_file.is_some(), PROFILE),
        ];
        if let Some((flag, _, why)) = flags.into_iter().find(|(_, given, _)| *given) {
            return Some(format!("{flag}: {why}"));
        }
        if self.disable_config_env {
            return None;
        }
        variables.into_iter().filter(|(_, value)| !value.is_empty()).find_map(|(name, _)| {
            let (_, why) =
                VARIABLES.iter().find(|(word, _)| if word.ends_with('_') { name.starts_with(word) } else { name == *word })?;
            Some(format!("{name} is set: {why}; unset it, or say --disable-config-env"))
        })
    }
}

/// Headers that the environment adds to every request: `TEMPORAL_GRPC_META_X_TEAM=a` is `x-team: a`.
pub(crate) fn headers(variables: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    let of = |(name, value): (String, String)| {
        let header = name.strip_prefix("TEMPORAL_GRPC_META_")?.to_ascii_lowercase().replace('_', "-");
        Some((header, value)).filter(|(header, value)| !header.is_empty() && !value.is_empty())
    };
    variables.into_iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_would_act_elsewhere_or_in_the_clear_is_refused_by_name() {
        let nothing = UnbuiltArgs::default();
        for name in ["TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE", "TEMPORAL_TLS_CLIENT_CERT_PATH", "TEMPORAL_CODEC_ENDPOINT"] {
            let refusal = nothing.refusal(variables(&[(name, "x")])).expect(name);
            assert!(refusal.starts_with(name), "{refusal}");
            assert_eq!(nothing.refusal(variables(&[(name, "")])), None);
        }
        assert_eq!(nothing.refusal(variables(&[("TEMPORAL_ADDRESS", "x"), ("TEMPORAL_NAMESPACE", "y")])), None);
        let flag = UnbuiltArgs { tls_cert_path: Some("a.pem".to_owned()), ..UnbuiltArgs::default() };
        assert!(flag.refusal([]).is_some_and(|refusal| refusal.starts_with("--tls-cert-path")));
        let disabled = UnbuiltArgs { disable_config_env: true, ..UnbuiltArgs::default() };
        assert_eq!(disabled.refusal(variables(&[("TEMPORAL_PROFILE", "x")])), None);
    }

    #[test]
    fn headers_come_from_the_environment() {
        let found = headers(variables(&[("TEMPORAL_GRPC_META_X_TEAM", "a"), ("TEMPORAL_GRPC_META_", "b"), ("HOME", "c")]));
        assert_eq!(found, [("x-team".to_owned(), "a".to_owned())]);
    }
}
