//! What the frontend counts, under Temporal's names.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::metrics::{Counter, Histogram, Meter};
use opentelemetry::{KeyValue, StringValue};
use tonic::Code;

/// The label of a call that is about no namespace, or about one that does not exist.
const NO_NAMESPACE: &str = "_unknown_";

/// Upper bounds of the latency's buckets, in seconds: from a call that touches memory alone to a whole long poll.
const BOUNDARIES: [f64; 15] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 70.0];

/// Calls of the public API.
#[derive(Debug)]
pub(crate) struct Metrics {
    requests: Counter<u64>,
    errors: Counter<u64>,
    latency: Histogram<f64>,
}

impl Metrics {
    pub(crate) fn new(meter: &Meter) -> Self {
        Self {
            requests: meter.u64_counter("service_requests").with_description("Calls of the public API").build(),
            errors: meter.u64_counter("service_errors").with_description("Calls of the public API that failed").build(),
            latency: meter
                .f64_histogram("service_latency")
                .with_unit("s")
                .with_description("Time from a call's headers to its answer; polls include their wait")
                .with_boundaries(BOUNDARIES.to_vec())
                .build(),
        }
    }

    /// One call has ended.
    pub(crate) fn call(&self, operation: &'static str, namespace: Option<&Arc<str>>, code: Code, took: Duration) {
        let namespace = namespace.map_or_else(|| StringValue::from(NO_NAMESPACE), |name| Arc::clone(name).into());
        let labels = [
            KeyValue::new("operation", operation),
            KeyValue::new("namespace", namespace),
            KeyValue::new("service_name", "frontend"),
        ];
        self.requests.add(1, &labels);
        self.latency.record(took.as_secs_f64(), &labels);
        if code != Code::Ok {
            let [operation, namespace, service] = labels;
            let kind = KeyValue::new("error_type", error_type(code));
            self.errors.add(1, &[operation, namespace, service, kind]);
        }
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

    use super::*;

    #[test]
    fn calls_are_counted_under_temporals_names_with_operation_and_namespace() {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone()).without_counter_suffixes().build();
        let provider = SdkMeterProvider::builder().with_reader(exporter.unwrap()).build();
        let metrics = Metrics::new(&provider.meter("test"));
        let shop = Arc::from("shop");
        metrics.call("SignalWorkflowExecution", Some(&shop), Code::Ok, Duration::from_millis(3));
        metrics.call("SignalWorkflowExecution", Some(&shop), Code::NotFound, Duration::from_millis(3));
        let families = registry.gather();
        let total = |name: &str| -> f64 {
            let family = families.iter().find(|family| family.name() == name).expect(name);
            let labels: Vec<_> = family.get_metric()[0].get_label().iter().map(|pair| (pair.name(), pair.value())).collect();
            assert!(labels.contains(&("operation", "SignalWorkflowExecution")), "{labels:?}");
            assert!(labels.contains(&("namespace", "shop")), "{labels:?}");
            family.get_metric().iter().map(|metric| metric.get_counter().get_value()).sum()
        };
        assert_eq!((total("service_requests"), total("service_errors")), (2.0, 1.0));
    }
}
