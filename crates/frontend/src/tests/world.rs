//! A frontend on the memory store, behind a port on loopback.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use membership::View;
use model::limits::Limits;
use model::settings::Settings;
use model::{Clock, MemberId, Timestamp};
use parking_lot::Mutex;
use persistence::Memory;
use proto::temporal::api::operatorservice::v1::operator_service_client::OperatorServiceClient;
use proto::temporal::api::workflowservice::v1::workflow_service_client::WorkflowServiceClient;
use rpc::clients::{HistoryClient, MatchingClient};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Channel, Endpoint, Server};
use uuid::Uuid;
use visibility::MemoryVisibility;

use super::fakes::{FakeHistory, FakeMatching, Seen};
use crate::{Cluster, NamespaceRegistry, Options, Ports, Service};

/// A clock that tests move.
#[derive(Default)]
pub(crate) struct TestClock(Mutex<Timestamp>);

impl TestClock {
    pub(crate) fn advance(&self, by: Duration) {
        let mut now = self.0.lock();
        *now = *now + by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}

/// Settings that tests set.
#[derive(Default)]
pub(crate) struct TestSettings(pub(crate) Mutex<HashMap<&'static str, f64>>);

impl Settings for TestSettings {
    fn limits(&self, _namespace: &str) -> Limits {
        Limits::DEFAULT
    }

    fn number(&self, key: &str, _namespace: Option<&str>) -> Option<f64> {
        self.0.lock().get(key).copied()
    }

    fn flag(&self, _key: &str, _namespace: Option<&str>) -> Option<bool> {
        None
    }
}

/// What a test holds.
pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) channel: Channel,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) settings: Arc<TestSettings>,
    pub(crate) namespaces: NamespaceRegistry,
    pub(crate) visibility: MemoryVisibility,
    pub(crate) seen: Arc<Seen>,
    server: JoinHandle<()>,
}

impl Drop for World {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A frontend with the namespace `shop`, whose attribute `Color` is a Keyword and `Count` an Int.
pub(crate) async fn world() -> World {
    with_options(Options::STANDARD).await
}

pub(crate) async fn with_options(options: Options) -> World {
    let (clock, settings) = (Arc::new(TestClock::default()), Arc::new(TestSettings::default()));
    clock.advance(Duration::from_secs(1_700_000_000));
    let seen = Arc::new(Seen::default());
    let view = Arc::new(View::alone(MemberId::new(Uuid::from_u128(1))));
    let (history, matching) = (HistoryClient::new(Arc::clone(&view)), MatchingClient::new(view));
    history.set_local(Arc::new(FakeHistory(Arc::clone(&seen))));
    matching.set_local(Arc::new(FakeMatching(Arc::clone(&seen))));
    let visibility = MemoryVisibility::default();
    let store = Memory::without_visibility().stores().namespaces;
    let namespaces = NamespaceRegistry::open(store, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap();
    let count = std::sync::atomic::AtomicU64::new(1000);
    let ids = move || Uuid::from_u128(u128::from(count.fetch_add(1, std::sync::atomic::Ordering::Relaxed)));
    let ports = Ports {
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        ids: Arc::new(ids),
        settings: Arc::clone(&settings) as Arc<dyn Settings>,
        namespaces: namespaces.clone(),
        history,
        matching,
        visibility: Arc::new(visibility.clone()),
        authenticator: Arc::new(super::routing::NobodyNamedEve),
        cluster: Cluster {
            id: "cluster-id".to_owned(),
            name: "active".to_owned(),
            shards: 256,
            initial_failover_version: 1,
            persistence: "memory",
            visibility: "memory",
            host: "here".to_owned(),
        },
        meter: opentelemetry::global::meter("test"),
    };
    let service = Service::new(options, ports);
    service.ensure_namespace("shop", Duration::from_secs(24 * 3600)).await.unwrap();
    service.ensure_search_attribute("shop", "Color", "Keyword").await.unwrap();
    service.ensure_search_attribute("shop", "Count", "Int").await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = service.routes();
    service.set_serving(true).await;
    let server = tokio::spawn(async move {
        Server::builder().serve_with_incoming(routes, TcpListenerStream::new(listener)).await.unwrap();
    });
    let channel = Endpoint::try_from(format!("http://{address}")).unwrap().connect_lazy();
    World { service, channel, clock, settings, namespaces, visibility, seen, server }
}

impl World {
    pub(crate) fn client(&self) -> WorkflowServiceClient<Channel> {
        WorkflowServiceClient::new(self.channel.clone()).max_decoding_message_size(usize::MAX)
    }

    pub(crate) fn operator(&self) -> OperatorServiceClient<Channel> {
        OperatorServiceClient::new(self.channel.clone())
    }
}

/// A request with the deadline of a poll.
pub(crate) fn poll<T>(message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.set_timeout(Duration::from_secs(70));
    request
}
