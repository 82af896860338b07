//! Fakes behind real listeners.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use model::{ChainKey, NamespaceId, RunId, RunKey, WorkflowId};
use opentelemetry::metrics::MeterProvider;
use opentelemetry::metrics::noop::NoopMeterProvider;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_stream::wrappers::TcpListenerStream;
use uuid::Uuid;

use super::fakes::Fake;
use crate::Context;
use crate::serve::{Served, server};
use crate::services::NamespaceRef;

/// A fake that listens.
pub(super) struct Host {
    pub(super) fake: Arc<Fake>,
    pub(super) address: SocketAddr,
    /// Its connections live and end with it.
    runtime: Option<Runtime>,
}

impl Host {
    pub(super) async fn serve(fake: Arc<Fake>, most_calls: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.spawn(TcpListener::bind("127.0.0.1:0")).await.unwrap().unwrap();
        let address = listener.local_addr().unwrap();
        let served = Served {
            history: Some(fake.clone()),
            matching: Some(fake.clone()),
            namespaces: fake.clone(),
            meter: NoopMeterProvider::new().meter("test"),
            most_calls,
        };
        runtime.spawn(async move {
            let incoming = TcpListenerStream::new(listener);
            server().add_routes(served.routes()).serve_with_incoming(incoming).await.unwrap();
        });
        Self { fake, address, runtime: Some(runtime) }
    }
}

/// Ends as a killed process does.
impl Drop for Host {
    fn drop(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }
}

pub(super) fn namespace() -> NamespaceRef {
    NamespaceRef { id: NamespaceId::new(Uuid::from_u128(1)), name: "shop".into() }
}

pub(super) fn chain() -> ChainKey {
    ChainKey::workflow(namespace().id, WorkflowId::parse("order-1").unwrap())
}

pub(super) fn run_key() -> RunKey {
    RunKey { chain: chain(), run: RunId::new(Uuid::from_u128(2)) }
}

pub(super) fn context() -> Context {
    let within = Context::within(Duration::from_secs(30));
    Context { client_name: Some("temporal-go".to_owned()), client_version: Some("1.2.3".to_owned()), ..within }
}
