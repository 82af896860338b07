//! What the frontend counts, under Temporal's names.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use tonic::Code;

/// The label of a call that is about no namespace, or about one that does not exist.
const NO_NAMESPACE: &str = "_unknown_";

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
                .build(),
        }
    }

    /// One call has ended.
    pub(crate) fn call(&self, operation: &'static str, namespace: Option<&Arc<str>>, code: Code, took: Duration) {
        let namespace = namespace.map_or_else(|| NO_NAMESPACE.into(), |name| opentelemetry::Value::from(name.to_string()));
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
