//! Counts calls between services, their errors and their time, under the names that operators know.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use tokio::time::Instant;
use tonic::{Code, Status};
use tower::{Layer, Service};

use super::named;

/// Upper bounds of the latency's buckets, in seconds: as for the public API.
const BOUNDARIES: [f64; 15] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 70.0];

#[derive(Debug)]
struct Metrics {
    requests: Counter<u64>,
    errors: Counter<u64>,
    latency: Histogram<f64>,
}

impl Metrics {
    fn call(&self, service: String, operation: String, code: Option<Code>, seconds: f64) {
        let labels = [KeyValue::new("operation", operation), KeyValue::new("service_name", service)];
        self.requests.add(1, &labels);
        self.latency.record(seconds, &labels);
        if matches!(code, None | Some(Code::Unknown | Code::Internal | Code::Unavailable | Code::DataLoss)) {
            self.errors.add(1, &labels);
        }
    }
}

/// Wraps every call.
#[derive(Debug, Clone)]
pub(crate) struct CountLayer {
    metrics: Arc<Metrics>,
}

impl CountLayer {
    pub(crate) fn new(meter: &Meter) -> Self {
        let metrics = Metrics {
            requests: meter.u64_counter("service_requests").with_description("Calls of a service").build(),
            errors: meter
                .u64_counter("service_errors")
                .with_description("Calls of a service that failed by no fault of the caller")
                .build(),
            latency: meter
                .f64_histogram("service_latency")
                .with_unit("s")
                .with_description("Time from a call's headers to its answer; polls include their wait")
                .with_boundaries(BOUNDARIES.to_vec())
                .build(),
        };
        Self { metrics: Arc::new(metrics) }
    }
}

impl<S> Layer<S> for CountLayer {
    type Service = Count<S>;

    fn layer(&self, inner: S) -> Count<S> {
        Count { inner, metrics: Arc::clone(&self.metrics) }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Count<S> {
    inner: S,
    metrics: Arc<Metrics>,
}

impl<S, B, R> Service<Request<B>> for Count<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let name = named(request.uri().path()).map(|(service, call)| (service.to_owned(), call.to_owned()));
        let metrics = Arc::clone(&self.metrics);
        let begun = Instant::now();
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = answer.await;
            if let Some((service, call)) = name {
                let code = answer
                    .as_ref()
                    .ok()
                    .map(|response| response.extensions().get::<Status>().map_or_else(|| code_of(response), Status::code));
                metrics.call(service, call, code, begun.elapsed().as_secs_f64());
            }
            answer
        })
    }
}

/// The code of an answer that is headers alone, as every error is.
fn code_of<R>(response: &Response<R>) -> Code {
    response.headers().get("grpc-status").map_or(Code::Ok, |code| Code::from_bytes(code.as_bytes()))
}
