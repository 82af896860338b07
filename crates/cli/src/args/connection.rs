//! Which cluster, which namespace, and who we say we are.

use std::time::Duration;

use clap::Args;
use clap::builder::FalseyValueParser;

use super::pairs::{Text, text};
use super::unbuilt::UnbuiltArgs;

/// Flags that each verb group takes, before or after its verb.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection options")]
pub struct ConnectionArgs {
    /// Host and port of the cluster's frontend [env: TEMPORAL_ADDRESS] [default: 127.0.0.1:7233]
    #[arg(long, global = true, value_name = "HOST:PORT")]
    pub address: Option<String>,
    /// Namespace to work in [env: TEMPORAL_NAMESPACE] [default: default]
    #[arg(long, short, global = true, value_name = "NAME")]
    pub namespace: Option<String>,
    /// Who asks, as histories will show it [default: aevum-cli:USER@HOST]
    #[arg(long, global = true, value_name = "TEXT")]
    pub identity: Option<String>,
    /// Key sent as a bearer token. It travels in the clear, for connections have no TLS yet
    #[arg(long, global = true, env = "TEMPORAL_API_KEY", hide_env_values = true, value_name = "KEY")]
    pub api_key: Option<String>,
    /// A header to send with every request (repeatable)
    #[arg(long, global = true, value_parser = text, value_name = "KEY=VALUE")]
    pub grpc_meta: Vec<Text>,
    /// The authority to claim in requests instead of the address
    #[arg(long, global = true, value_name = "HOST:PORT")]
    pub client_authority: Option<String>,
    /// Give up on one call after this long (waiting for results is many calls)
    #[arg(long, global = true, hide = true, value_parser = super::duration::parse, default_value = "30s")]
    pub rpc_timeout: Duration,
    /// Not built yet: refused with a sentence rather than connecting in the clear
    #[arg(long, global = true, env = "TEMPORAL_TLS", hide = true, num_args = 0..=1, default_missing_value = "true", value_parser = FalseyValueParser::new(),
          require_equals = true)]
    pub tls: Option<bool>,
    /// Known from the official command line.
    #[command(flatten)]
    pub unbuilt: UnbuiltArgs,
}
