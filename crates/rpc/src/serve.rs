//! What this process serves to the others: its own services behind gRPC, for the members of the cluster alone.

mod history;
mod matching;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use model::NamespaceId;
use opentelemetry::metrics::Meter;
use proto::aevum::history::v1::history_service_server::HistoryServiceServer;
use proto::aevum::matching::v1::matching_service_server::MatchingServiceServer;
use tonic::Request;
use tonic::service::Routes;
use tonic::transport::Server;
use tower::ServiceBuilder;

use crate::error::between;
use crate::layers::{CountLayer, DeadlineLayer, ShedLayer, TraceLayer};
use crate::remote::MAX_MESSAGE;
use crate::services::{History, Matching, NamespaceRef};
use crate::{Context, Error};

/// Sees to it that a namespace is known here before a call about it comes in: the process that sent it may have made it a
/// moment ago.
#[async_trait]
pub trait KnowsNamespaces: Send + Sync {
    /// Looks for it again where it is not known.
    async fn know(&self, namespace: NamespaceId);
}

/// What is served.
#[derive(Clone)]
pub struct Served {
    /// The history service, where this process has one.
    pub history: Option<Arc<dyn History>>,
    /// The matching service, likewise.
    pub matching: Option<Arc<dyn Matching>>,
    /// The namespaces of this process.
    pub namespaces: Arc<dyn KnowsNamespaces>,
    /// Where calls are counted.
    pub meter: Meter,
    /// Calls at once above which new ones are refused; polls, which wait, do not count.
    pub most_calls: usize,
}

impl Served {
    /// The services behind their layers.
    pub fn routes(&self) -> Routes {
        let mut routes = Routes::default();
        if let Some(history) = &self.history {
            let served = Behind { service: Arc::clone(history), namespaces: Arc::clone(&self.namespaces) };
            routes = routes.add_service(
                HistoryServiceServer::new(served).max_decoding_message_size(MAX_MESSAGE).max_encoding_message_size(MAX_MESSAGE),
            );
        }
        if let Some(matching) = &self.matching {
            let served = Behind { service: Arc::clone(matching), namespaces: Arc::clone(&self.namespaces) };
            routes = routes.add_service(
                MatchingServiceServer::new(served).max_decoding_message_size(MAX_MESSAGE).max_encoding_message_size(MAX_MESSAGE),
            );
        }
        let layers = ServiceBuilder::new()
            .layer(TraceLayer)
            .layer(CountLayer::new(&self.meter))
            .layer(ShedLayer::new(self.most_calls))
            .layer(DeadlineLayer);
        Routes::from(routes.into_axum_router().layer(layers)).prepare()
    }
}

impl std::fmt::Debug for Served {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Served").field("most_calls", &self.most_calls).finish_non_exhaustive()
    }
}

/// One service behind its gRPC.
struct Behind<S: ?Sized> {
    service: Arc<S>,
    namespaces: Arc<dyn KnowsNamespaces>,
}

/// A server as members expect it of each other: it finds out when one is gone, and takes long errors.
pub fn server() -> Server {
    Server::builder()
        .http2_keepalive_interval(Some(Duration::from_secs(5)))
        .http2_keepalive_timeout(Some(Duration::from_secs(5)))
        .http2_max_header_list_size(between::MAX_HEADER_LIST)
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(4 << 20)
}

/// Takes a call apart: what travels with it, and its message.
fn incoming<T>(request: Request<T>) -> (Context, T) {
    let (_, mut extensions, message) = request.into_parts();
    (extensions.remove::<Context>().unwrap_or_default(), message)
}

/// Makes a namespace known, and gives it back.
async fn known(namespaces: &dyn KnowsNamespaces, namespace: Result<NamespaceRef, Error>) -> Result<NamespaceRef, Error> {
    let namespace = namespace?;
    namespaces.know(namespace.id).await;
    Ok(namespace)
}
