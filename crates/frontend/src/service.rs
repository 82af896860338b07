//! The service: options and ports in, gRPC routes out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::visibility::SearchAttributeType;
use proto::temporal::api::operatorservice::v1::operator_service_server::OperatorServiceServer;
use proto::temporal::api::workflowservice::v1::RegisterNamespaceRequest;
use proto::temporal::api::workflowservice::v1::workflow_service_server::WorkflowServiceServer;
use rpc::Error;
use tonic::codec::CompressionEncoding;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tower::ServiceBuilder;

use crate::api::Api;
use crate::gate::layers::{AuthenticateLayer, BuiltLayer, CountLayer, DeadlineLayer, RefitLayer, TraceLayer, UnpackLayer};
use crate::metrics::Metrics;
use crate::options::Options;
use crate::ports::Ports;
use crate::routes::Routes;
use crate::table::{OPERATOR_SERVICE, WORKFLOW_SERVICE};
use crate::{namespace, operator};

/// The frontend. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    api: Arc<Api>,
    health: HealthReporter,
    metrics: Arc<Metrics>,
}

impl Service {
    /// A service that is not serving yet, as its health says; see [`Service::set_serving`].
    pub fn new(options: Options, ports: Ports) -> Self {
        let metrics = Arc::new(Metrics::new(&ports.meter));
        Self { api: Arc::new(Api::new(options, ports)), health: HealthReporter::new(), metrics }
    }

    /// The public services, health and reflection, behind the layers of the gate.
    pub fn routes(&self) -> Routes {
        let limit = self.api.options.request_bytes;
        let workflow = WorkflowServiceServer::from_arc(Arc::clone(&self.api))
            .accept_compressed(CompressionEncoding::Gzip)
            .send_compressed(CompressionEncoding::Gzip)
            .max_decoding_message_size(limit)
            .max_encoding_message_size(usize::MAX);
        let operator = OperatorServiceServer::from_arc(Arc::clone(&self.api))
            .accept_compressed(CompressionEncoding::Gzip)
            .send_compressed(CompressionEncoding::Gzip)
            .max_decoding_message_size(limit);
        let health = tonic_health::pb::health_server::HealthServer::new(
            tonic_health::server::HealthService::from_health_reporter(self.health.clone()),
        )
        .accept_compressed(CompressionEncoding::Gzip);
        let reflection = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        };
        let mut others = tonic::service::Routes::new(operator).add_service(health);
        // The API works without it: tools that ask for descriptors do not.
        match (reflection().build_v1(), reflection().build_v1alpha()) {
            (Ok(v1), Ok(v1alpha)) => others = others.add_service(v1).add_service(v1alpha),
            (Err(error), _) | (_, Err(error)) => tracing::error!(%error, "the server cannot describe its API"),
        }
        let layers = ServiceBuilder::new()
            .layer(TraceLayer)
            .layer(CountLayer::new(Arc::clone(&self.metrics)))
            .layer(RefitLayer)
            .layer(AuthenticateLayer::new(Arc::clone(&self.api.ports.authenticator)))
            .layer(BuiltLayer)
            .layer(DeadlineLayer)
            .layer(UnpackLayer::new(limit));
        let others = others.into_axum_router().layer(layers.clone());
        Routes::new(layers.service(workflow), tonic::service::Routes::from(others).prepare())
    }

    /// Tells health checks whether to send calls here.
    pub async fn set_serving(&self, serving: bool) {
        let status = if serving { ServingStatus::Serving } else { ServingStatus::NotServing };
        for service in ["", WORKFLOW_SERVICE, OPERATOR_SERVICE] {
            self.health.set_service_status(service, status).await;
        }
    }

    /// Registers a namespace as RegisterNamespace does; `false` where it is there already.
    ///
    /// # Errors
    /// Those of RegisterNamespace.
    pub async fn ensure_namespace(&self, name: &str, retention: Duration) -> Result<bool, Error> {
        let request = RegisterNamespaceRequest {
            namespace: name.to_owned(),
            workflow_execution_retention_period: prost_types::Duration::try_from(retention).ok(),
            ..RegisterNamespaceRequest::default()
        };
        match namespace::register_namespace::register(&self.api, request).await {
            Ok(()) => Ok(true),
            Err(Error::NamespaceAlreadyExists(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Registers a search attribute as AddSearchAttributes does, its type by name (`Keyword`); one that is there already, of
    /// that type, is no error.
    ///
    /// # Errors
    /// Those of AddSearchAttributes.
    pub async fn ensure_search_attribute(&self, namespace: &str, attribute: &str, ty: &str) -> Result<(), Error> {
        let namespace = self.api.ports.namespaces.find(namespace).await?;
        let known = SearchAttributeType::from_name(ty).ok_or_else(|| {
            let names = SearchAttributeType::ALL.map(SearchAttributeType::name).join(", ");
            Error::InvalidArgument(format!("Unknown search attribute type: {ty}. Use one of {names}"))
        })?;
        let wanted = BTreeMap::from([(attribute.to_owned(), known as i32)]);
        operator::add_search_attributes::add(&self.api, &namespace, &wanted).await
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").field("options", &self.api.options).finish_non_exhaustive()
    }
}
