//! The connection to a cluster: address, headers, deadlines. Knows no verb.

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use proto::temporal::api::operatorservice::v1::operator_service_client::OperatorServiceClient;
use proto::temporal::api::workflowservice::v1::workflow_service_client::WorkflowServiceClient;
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue, MetadataMap};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic_health::pb::health_client::HealthClient;

use crate::args::GlobalArgs;
use crate::args::connection::ConnectionArgs;
use crate::args::unbuilt;
use crate::failure::deepest_cause;

/// The biggest answer we take: a page of history may hold several payloads of megabytes. As the SDKs have it.
const MAX_ANSWER: usize = 128 << 20;
/// The address when nobody names one.
pub(crate) const DEFAULT_ADDRESS: &str = "127.0.0.1:7233";
/// One poll waits at the server for some 20 seconds; this leaves room.
const LONG_POLL: Duration = Duration::from_secs(65);

/// A channel with our headers on every request.
pub(crate) type Line = InterceptedService<Channel, Headers>;

/// An open connection, and what every request says about us.
#[derive(Debug)]
pub(crate) struct Connection {
    line: Line,
    rpc_timeout: Duration,
    /// The namespace to work in.
    pub(crate) namespace: String,
    /// Who asks.
    pub(crate) identity: String,
}

/// Where to go and what to say of ourselves, made from the flags of whichever face was called.
#[derive(Debug)]
pub(crate) struct Destination {
    /// Host and port.
    pub(crate) address: String,
    /// The variable that names the address, for a hint when nobody answers there.
    pub(crate) variable: &'static str,
    /// The authority to claim instead of the address.
    pub(crate) authority: Option<String>,
    /// The namespace to work in.
    pub(crate) namespace: String,
    /// Who asks.
    pub(crate) identity: String,
    /// What every request carries.
    pub(crate) headers: Headers,
    /// How long connecting may take.
    pub(crate) connect_timeout: Duration,
    /// How long one call may take.
    pub(crate) rpc_timeout: Duration,
}

impl Connection {
    /// Connects. A flag after the verb group wins over one before it, that over the environment.
    pub(crate) async fn open(args: &ConnectionArgs, globals: &GlobalArgs) -> anyhow::Result<Self> {
        if args.tls == Some(true) {
            bail!("TLS is not built yet: unset TEMPORAL_TLS and drop --tls to connect in the clear");
        }
        if let Some(refusal) = args.unbuilt.refusal(std::env::vars()) {
            bail!(refusal);
        }
        let pick = |late: &Option<String>, early: &Option<String>, default: &str| {
            late.as_ref().or(early.as_ref()).filter(|text| !text.is_empty()).map_or(default, |text| text).to_owned()
        };
        Self::to(Destination {
            address: pick(&args.address, &globals.early_address, DEFAULT_ADDRESS),
            variable: "TEMPORAL_ADDRESS",
            authority: args.client_authority.clone(),
            namespace: pick(&args.namespace, &globals.early_namespace, "default"),
            identity: args.identity.clone().unwrap_or_else(identity),
            headers: Headers::of(args)?,
            connect_timeout: globals.client_connect_timeout,
            rpc_timeout: args.rpc_timeout,
        })
        .await
    }

    /// Connects to where all is said already.
    pub(crate) async fn to(destination: Destination) -> anyhow::Result<Self> {
        let address = &destination.address;
        let mut endpoint = Endpoint::from_shared(format!("http://{address}"))
            .with_context(|| format!("{address:?} is no address; write HOST:PORT"))?
            .connect_timeout(destination.connect_timeout);
        ensure!(endpoint.uri().port().is_some(), "{address:?} has no port; write HOST:PORT");
        if let Some(authority) = &destination.authority {
            let origin = format!("http://{authority}");
            endpoint =
                endpoint.origin(origin.parse::<Uri>().with_context(|| format!("--client-authority {authority:?} is none"))?);
        }
        let channel = endpoint.connect().await.map_err(|error| unreachable(address, destination.variable, &error))?;
        Ok(Self {
            line: InterceptedService::new(channel, destination.headers),
            rpc_timeout: destination.rpc_timeout,
            namespace: destination.namespace,
            identity: destination.identity,
        })
    }

    /// The public API.
    pub(crate) fn workflows(&self) -> WorkflowServiceClient<Line> {
        WorkflowServiceClient::new(self.line.clone()).max_decoding_message_size(MAX_ANSWER)
    }

    /// The operator's API.
    pub(crate) fn operators(&self) -> OperatorServiceClient<Line> {
        OperatorServiceClient::new(self.line.clone()).max_decoding_message_size(MAX_ANSWER)
    }

    /// The standard health service.
    pub(crate) fn health(&self) -> HealthClient<Line> {
        HealthClient::new(self.line.clone())
    }

    /// A request that must be answered soon.
    pub(crate) fn ask<T>(&self, message: T) -> tonic::Request<T> {
        with_deadline(message, self.rpc_timeout)
    }

    /// A request that the server may hold until something happens.
    pub(crate) fn poll<T>(&self, message: T) -> tonic::Request<T> {
        with_deadline(message, LONG_POLL)
    }
}

fn with_deadline<T>(message: T, limit: Duration) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.set_timeout(limit);
    request
}

/// Says what is wrong with the address, and what may help.
fn unreachable(address: &str, variable: &str, error: &tonic::transport::Error) -> anyhow::Error {
    let cause = deepest_cause(error);
    let hint = if address.starts_with("127.0.0.1") || address.starts_with("localhost") {
        "; is a server running? `aevum server start-dev` starts one".to_owned()
    } else {
        format!("; see --address and {variable}")
    };
    anyhow::anyhow!("cannot reach a server at {address}: {cause}{hint}")
}

fn identity() -> String {
    format!("aevum-cli:{}@{}", user(), host())
}

/// Who sits at the terminal.
pub(crate) fn user() -> String {
    std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_else(|_| "unknown".to_owned())
}

/// This machine's name.
pub(crate) fn host() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    if host.trim().is_empty() { "localhost".to_owned() } else { host.trim().to_owned() }
}

/// The headers of every request.
#[derive(Debug, Clone)]
pub(crate) struct Headers(MetadataMap);

impl Headers {
    /// Who we are, and the value of `authorization` if there is one.
    pub(crate) fn authorized(authorization: Option<&str>) -> anyhow::Result<Self> {
        let mut map = MetadataMap::new();
        map.insert("client-name", AsciiMetadataValue::from_static("aevum-cli"));
        map.insert("client-version", AsciiMetadataValue::from_static(env!("CARGO_PKG_VERSION")));
        // Quotas keep a share for people at a terminal.
        map.insert("caller-type", AsciiMetadataValue::from_static("operator"));
        if let Some(value) = authorization {
            let mut value: AsciiMetadataValue = value.parse().context("the API key has characters that no header can carry")?;
            value.set_sensitive(true);
            map.insert("authorization", value);
        }
        Ok(Self(map))
    }

    fn of(args: &ConnectionArgs) -> anyhow::Result<Self> {
        let bearer = args.api_key.as_deref().filter(|key| !key.is_empty()).map(|key| format!("Bearer {key}"));
        let Self(mut map) = Self::authorized(bearer.as_deref())?;
        let given = args.grpc_meta.iter().map(|pair| (pair.key.to_ascii_lowercase(), pair.value.clone()));
        // A flag wins over the environment.
        for (name, value) in unbuilt::headers(std::env::vars()).into_iter().chain(given) {
            let key: AsciiMetadataKey = name.parse().with_context(|| format!("{name:?} is no header name"))?;
            let value = value.parse().with_context(|| format!("the value of header {name:?} is no header"))?;
            map.insert::<AsciiMetadataKey>(key, value);
        }
        Ok(Self(map))
    }
}

impl Interceptor for Headers {
    fn call(&mut self, mut request: tonic::Request<()>) -> Result<tonic::Request<()>, tonic::Status> {
        for entry in self.0.iter() {
            if let tonic::metadata::KeyAndValueRef::Ascii(key, value) = entry {
                request.metadata_mut().insert(key.clone(), value.clone());
            }
        }
        Ok(request)
    }
}
