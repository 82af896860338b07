//! Where a command acts, from the global flags and tctl's variables; those of the other face do not count here. What would
//! have to act elsewhere, or in the clear, is refused by name.

use std::time::Duration;

use anyhow::{bail, ensure};

use super::flag::{Flag, global};
use super::words::Words;
use crate::connection::{DEFAULT_ADDRESS, Destination, Headers, host};

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Of one call, unless told otherwise.
const RPC_TIMEOUT: Duration = Duration::from_secs(5);

const TLS: &str = "TLS is not built yet, and the command would go in the clear";
const PLUGINS: &str = "plugins are not built; --auth sets the header `authorization`";
const CODEC: &str = "remote codecs are not built yet, and payloads would stay encoded";

/// What would change where a command acts or how payloads are read, and why it is refused.
const UNBUILT: [(Flag, &str); 9] = [
    (global::TLS_CERT_PATH, TLS),
    (global::TLS_KEY_PATH, TLS),
    (global::TLS_CA_PATH, TLS),
    (global::TLS_NO_HOST, TLS),
    (global::TLS_SERVER_NAME, TLS),
    (global::HEADERS_PLUGIN, PLUGINS),
    (global::CONVERTER_PLUGIN, PLUGINS),
    (global::CODEC_ENDPOINT, CODEC),
    (global::CODEC_AUTH, CODEC),
];

/// Where, as whom, and how long.
#[derive(Debug)]
pub(super) struct Place {
    address: String,
    namespace: String,
    /// Whether a namespace was named, and not only assumed.
    pub(super) names_namespace: bool,
    auth: Option<String>,
    /// The limit of each call, if one was named.
    pub(super) limit: Option<Duration>,
    /// Whether questions are answered with yes.
    pub(super) auto_confirm: bool,
}

impl Place {
    /// From the global flags.
    pub(super) fn of(words: &Words) -> anyhow::Result<Self> {
        for (flag, why) in UNBUILT {
            let asked = words.text(&flag).is_some() || words.on(&flag);
            if words.given(&flag) && asked {
                let variable = flag.variable().map(|name| format!(" (variable {name})")).unwrap_or_default();
                bail!("--{}{variable}: {why}", flag.name());
            }
        }
        let limit = words.number(&global::CONTEXT_TIMEOUT).filter(|_| words.given(&global::CONTEXT_TIMEOUT));
        ensure!(limit.is_none_or(|seconds| seconds > 0), "--context_timeout is a number of seconds, at least 1");
        Ok(Self {
            address: words.text(&global::ADDRESS).unwrap_or_else(|| DEFAULT_ADDRESS.to_owned()),
            namespace: words.required(&global::NAMESPACE)?,
            names_namespace: words.given(&global::NAMESPACE),
            auth: words.text(&global::AUTH),
            limit: limit.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs),
            auto_confirm: words.on(&global::AUTO_CONFIRM),
        })
    }

    /// As a connection needs it.
    pub(super) fn destination(&self) -> anyhow::Result<Destination> {
        Ok(Destination {
            address: self.address.clone(),
            variable: "TEMPORAL_CLI_ADDRESS",
            authority: None,
            namespace: self.namespace.clone(),
            identity: format!("tctl@{}", host()),
            headers: Headers::authorized(self.auth.as_deref())?,
            connect_timeout: CONNECT_TIMEOUT,
            rpc_timeout: self.limit.unwrap_or(RPC_TIMEOUT),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tctl::words::{command, plainly};

    fn place(line: &[&str]) -> anyhow::Result<Place> {
        let root = command("1".to_owned());
        let words = plainly(line.iter().map(|word| (*word).to_owned()).collect(), &root)?;
        Place::of(&Words::of(&root.try_get_matches_from(std::iter::once("tctl".to_owned()).chain(words))?))
    }

    #[test]
    fn global_flags_say_where_and_how_long() {
        let place = place(&["--ad", "h:1", "--ns", "shop", "-ct", "9", "--auto_confirm", "n", "l"]).unwrap();
        assert_eq!((place.address.as_str(), place.namespace.as_str(), place.names_namespace), ("h:1", "shop", true));
        assert_eq!((place.limit, place.auto_confirm), (Some(Duration::from_secs(9)), true));
    }

    #[test]
    fn what_would_go_in_the_clear_or_stay_encoded_is_refused_by_name() {
        for flag in
            ["tls_cert_path", "tls_key_path", "tls_ca_path", "tls_server_name", "hpp", "dcp", "codec_endpoint", "codec_auth"]
        {
            let error = place(&[&format!("--{flag}=x"), "n", "l"]).unwrap_err().to_string();
            assert!(error.contains("not built"), "{flag}: {error}");
        }
        assert!(place(&["--tls_disable_host_verification", "n", "l"]).is_err());
        assert!(place(&["--tls_disable_host_verification=false", "n", "l"]).is_ok());
        assert!(place(&["-ct", "0", "n", "l"]).is_err());
    }
}
