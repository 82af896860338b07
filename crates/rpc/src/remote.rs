//! A service in another process, behind the same trait as one in this process.

mod history;
mod matching;

use std::time::Duration;

use opentelemetry::propagation::Injector;
use tokio::time::Instant;
use tonic::metadata::{MetadataKey, MetadataMap, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

pub use history::RemoteHistory;
pub use matching::RemoteMatching;

use crate::error::between;
use crate::{Context, Error};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(2);
/// How often a connection is asked whether it lives, also while nothing is called.
const PING: Duration = Duration::from_secs(5);
/// How long the answer to that may take.
const PONG: Duration = Duration::from_secs(5);
/// Bytes of one message between services: a worker's whole history.
pub(crate) const MAX_MESSAGE: usize = 256 << 20;

/// A channel to an address, connected when it is first used and again whenever it broke.
///
/// # Errors
/// [`Error::Internal`] where the address is none.
pub fn channel(address: &str) -> Result<Channel, Error> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))
        .map_err(|error| Error::Internal(format!("{address} is no address of a member: {error}")))?;
    let endpoint = endpoint
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(PING)
        .keep_alive_timeout(PONG)
        .keep_alive_while_idle(true)
        .http2_max_header_list_size(between::MAX_HEADER_LIST)
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(4 << 20);
    Ok(endpoint.connect_lazy())
}

/// A call as it leaves: with what is left of its time, who asked for it, and the span that it belongs to.
///
/// # Errors
/// [`Error::DeadlineExceeded`] where its time is up already.
fn outgoing<T>(context: &Context, message: T) -> Result<Request<T>, Error> {
    let mut request = Request::new(message);
    if let Some(deadline) = context.deadline {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::DeadlineExceeded("the time of this call is up".to_owned()));
        }
        request.set_timeout(left);
    }
    let metadata = request.metadata_mut();
    for (key, value) in [("client-name", &context.client_name), ("client-version", &context.client_version)] {
        if let Some(value) = value.as_ref().and_then(|value| MetadataValue::try_from(value.as_str()).ok()) {
            metadata.insert(key, value);
        }
    }
    let span = Span::current();
    if !span.is_disabled() {
        let here = span.context();
        opentelemetry::global::get_text_map_propagator(|propagator| propagator.inject_context(&here, &mut Headers(metadata)));
    }
    Ok(request)
}

fn failed(status: Status) -> Error {
    between::error(&status)
}

/// The metadata of a call as propagators write it.
struct Headers<'a>(&'a mut MetadataMap);

impl Injector for Headers<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(key), Ok(value)) = (MetadataKey::from_bytes(key.as_bytes()), MetadataValue::try_from(value)) {
            self.0.insert(key, value);
        }
    }
}
