//! The connections to the server, and what every call carries: headers, deadlines, compression, identity.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use proto::temporal::api::common::v1::{Payload, Payloads};
use proto::temporal::api::enums::v1::TaskQueueKind;
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflowservice::v1::workflow_service_client::WorkflowServiceClient;
use tonic::codec::CompressionEncoding;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use crate::Target;

/// What the SDKs allow a plain call.
pub(crate) const UNARY: Duration = Duration::from_secs(10);
/// What the SDKs allow a poll of a task queue.
pub(crate) const POLL: Duration = Duration::from_secs(70);
/// What the SDKs allow a long poll of a history.
pub(crate) const HISTORY: Duration = Duration::from_secs(65);

const LARGEST_ANSWER: usize = 64 << 20;

pub(crate) type Service = WorkflowServiceClient<InterceptedService<Channel, Headers>>;

/// The headers an SDK sets on every call.
#[derive(Clone)]
pub(crate) struct Headers {
    namespace: MetadataValue<Ascii>,
}

impl Interceptor for Headers {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let metadata = request.metadata_mut();
        metadata.insert("client-name", MetadataValue::from_static("bench-raw-load"));
        metadata.insert("client-version", MetadataValue::from_static("0.1.0"));
        metadata.insert("temporal-namespace", self.namespace.clone());
        Ok(request)
    }
}

/// A set of connections, used in turn.
pub(crate) struct Wire {
    services: Vec<Service>,
    next: AtomicUsize,
    /// Namespace of every request.
    pub(crate) namespace: String,
    /// Identity of every request.
    pub(crate) identity: String,
}

impl Wire {
    /// Opens the connections; they dial at the first call and again whenever they break.
    pub(crate) fn open(target: &Target) -> Result<Self> {
        let headers = Headers { namespace: target.namespace.parse().context("the namespace is not a header value")? };
        let endpoint = Endpoint::from_shared(format!("http://{}", target.address))
            .with_context(|| format!("{:?} is not host:port", target.address))?
            .tcp_nodelay(true);
        let services = (0..target.connections.max(1))
            .map(|_| {
                let channel = InterceptedService::new(endpoint.connect_lazy(), headers.clone());
                let service = WorkflowServiceClient::new(channel).max_decoding_message_size(LARGEST_ANSWER);
                if target.gzip {
                    service.send_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Gzip)
                } else {
                    service
                }
            })
            .collect();
        Ok(Self {
            services,
            next: AtomicUsize::new(0),
            namespace: target.namespace.clone(),
            identity: format!("{}@raw-load", std::process::id()),
        })
    }

    /// The next connection's stub.
    pub(crate) fn service(&self) -> Service {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.services.len();
        self.services[turn].clone()
    }
}

/// A request with its deadline.
pub(crate) fn within<T>(deadline: Duration, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(deadline);
    request
}

/// A normal task queue of this name.
pub(crate) fn normal_queue(name: &str) -> TaskQueue {
    TaskQueue { name: name.to_owned(), kind: TaskQueueKind::Normal.into(), ..Default::default() }
}

/// One JSON string, encoded as the SDKs encode their arguments.
pub(crate) fn payloads(text: &str) -> Payloads {
    let payload = Payload {
        metadata: [("encoding".to_owned(), Bytes::from_static(b"json/plain"))].into(),
        data: format!("{text:?}").into(),
        ..Default::default()
    };
    Payloads { payloads: vec![payload] }
}

/// A duration as the wire has it.
pub(crate) fn duration(seconds: i64) -> prost_types::Duration {
    prost_types::Duration { seconds, nanos: 0 }
}
