//! What the frontend counts, under Temporal's names.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::metrics::{Counter, Meter};
use opentelemetry::{KeyValue, StringValue};
use rpc::layers::Calls;
use tonic::{Code, Status};

/// The label of a call that is about no namespace, or about one that does not exist.
const NO_NAMESPACE: &str = "_unknown_";

/// Calls of the public API.
#[derive(Debug)]
pub(crate) struct Metrics {
    calls: Calls,
    errors_by_type: Counter<u64>,
    exhausted: Counter<u64>,
}

impl Metrics {
    pub(crate) fn new(meter: &Meter) -> Self {
        Self {
            calls: Calls::new(meter, "Calls of the public API"),
            errors_by_type: meter
                .u64_counter("service_error_with_type")
                .with_description("Calls of the public API that failed, by whatever")
                .build(),
            exhausted: meter
                .u64_counter("service_errors_resource_exhausted")
                .with_description("Calls of the public API that a quota or limit refused")
                .build(),
        }
    }

    /// One call has ended; `failure` says how, where it failed.
    pub(crate) fn call(&self, operation: &'static str, namespace: Option<&Arc<str>>, failure: Option<&Status>, took: Duration) {
        let namespace = namespace.map_or_else(|| StringValue::from(NO_NAMESPACE), |name| Arc::clone(name).into());
        let labels = [
            KeyValue::new("operation", operation),
            KeyValue::new("namespace", namespace),
            KeyValue::new("service_name", "frontend"),
        ];
        self.calls.count(&labels, Some(failure.map_or(Code::Ok, Status::code)), took);
        let Some(status) = failure.filter(|status| status.code() != Code::Ok) else { return };
        let [operation, namespace, service] = labels;
        if status.code() == Code::ResourceExhausted {
            let (cause, scope) = rpc::exhausted(status).unwrap_or_default();
            let cause = KeyValue::new("resource_exhausted_cause", cause.as_str_name());
            let scope = KeyValue::new("resource_exhausted_scope", scope.as_str_name());
            self.exhausted.add(1, &[operation.clone(), namespace.clone(), service.clone(), cause, scope]);
        }
        let kind = KeyValue::new("error_type", error_type(status.code()));
        self.errors_by_type.add(1, &[operation, namespace, service, kind]);
    }
}

const fn error_type(code: Code) -> &'static str {
    match code {
        Code::Ok => "",
        Code::Cancelled => "Canceled",
        Code::Unknown => "Unknown",
        Code::InvalidArgument => "InvalidArgument",
        Code::DeadlineExceeded => "DeadlineExceeded",
        Code::NotFound => "NotFound",
        Code::AlreadyExists => "AlreadyExists",
        Code::PermissionDenied => "PermissionDenied",
        Code::ResourceExhausted => "ResourceExhausted",
        Code::FailedPrecondition => "FailedPrecondition",
        Code::Aborted => "Aborted",
        Code::OutOfRange => "OutOfRange",
        Code::Unimplemented => "Unimplemented",
        Code::Internal => "Internal",
        Code::Unavailable => "Unavailable",
        Code::DataLoss => "DataLoss",
        Code::Unauthenticated => "Unauthenticated",
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::metrics::MeterProvider;
    use opentelemetry_sdk::metrics::SdkMeterProvider;
    use prometheus::Registry;
    use proto::temporal::api::enums::v1::{ResourceExhaustedCause, ResourceExhaustedScope};

    use super::*;

    #[test]
    fn calls_are_counted_under_temporals_names_with_operation_and_namespace() {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone()).without_counter_suffixes().build();
        let provider = SdkMeterProvider::builder().with_reader(exporter.unwrap()).build();
        let metrics = Metrics::new(&provider.meter("test"));
        let shop = Arc::from("shop");
        let busy = rpc::Error::ResourceExhausted {
            cause: ResourceExhaustedCause::RpsLimit,
            scope: ResourceExhaustedScope::Namespace,
            message: "namespace rate limit exceeded".to_owned(),
        };
        let failures = [Status::not_found("no"), Status::internal("a bug"), busy.into()];
        for failure in failures.iter().map(Some).chain([None]) {
            metrics.call("SignalWorkflowExecution", Some(&shop), failure, Duration::from_millis(3));
        }
        let families = registry.gather();
        let total = |name: &str| -> f64 {
            let family = families.iter().find(|family| family.name() == name).expect(name);
            let labels: Vec<_> = family.get_metric()[0].get_label().iter().map(|pair| (pair.name(), pair.value())).collect();
            assert!(labels.contains(&("operation", "SignalWorkflowExecution")), "{labels:?}");
            assert!(labels.contains(&("namespace", "shop")), "{labels:?}");
            family.get_metric().iter().map(|metric| metric.get_counter().get_value()).sum()
        };
        assert_eq!((total("service_requests"), total("service_errors"), total("service_error_with_type")), (4.0, 1.0, 3.0));
        assert_eq!(total("service_errors_resource_exhausted"), 1.0);
        let refused = families.iter().find(|family| family.name() == "service_errors_resource_exhausted").unwrap();
        let labels: Vec<_> = refused.get_metric()[0].get_label().iter().map(|pair| pair.value()).collect();
        assert!(labels.contains(&"RESOURCE_EXHAUSTED_CAUSE_RPS_LIMIT"), "{labels:?}");
    }
}
