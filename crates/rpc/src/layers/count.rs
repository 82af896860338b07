//! Counts calls between services, their errors and their time, under the names that operators know.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use tokio::time::Instant;
use tonic::{Code, Status};
use tower::{Layer, Service};

use super::named;

/// Upper bounds of the latency's buckets, in seconds: from a call that touches memory alone to a whole long poll.
const BOUNDARIES: [f64; 15] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 70.0];

/// The instruments that calls of the public API and between services have in common.
#[derive(Debug)]
pub struct Calls {
    requests: Counter<u64>,
    errors: Counter<u64>,
    latency: Histogram<f64>,
}

impl Calls {
    /// Registers them; `what` says in their descriptions which calls they count.
    pub fn new(meter: &Meter, what: &str) -> Self {
        Self {
            requests: meter.u64_counter("service_requests").with_description(what.to_owned()).build(),
            errors: meter
                .u64_counter("service_errors")
                .with_description(format!("{what} that failed by no fault of the caller"))
                .build(),
            latency: meter
                .f64_histogram("service_latency")
                .with_unit("s")
                .with_description("Time from a call's headers to its answer; polls include their wait")
                .with_boundaries(BOUNDARIES.to_vec())
                .build(),
        }
    }

    /// One call has ended, with this code; `None` where its answer was lost.
    pub fn count(&self, labels: &[KeyValue], code: Option<Code>, took: Duration) {
        self.requests.add(1, labels);
        self.latency.record(took.as_secs_f64(), labels);
        if code.is_none_or(is_no_fault_of_the_caller) {
            self.errors.add(1, labels);
        }
    }
}

/// What no caller brings about: a board of this rate is flat while all is well. Source: `api-matrix.md` section 7.
const fn is_no_fault_of_the_caller(code: Code) -> bool {
    matches!(code, Code::Unknown | Code::Internal | Code::Unavailable | Code::DataLoss)
}

/// Wraps every call.
#[derive(Debug, Clone)]
pub(crate) struct CountLayer {
    calls: Arc<Calls>,
}

impl CountLayer {
    pub(crate) fn new(meter: &Meter) -> Self {
        Self { calls: Arc::new(Calls::new(meter, "Calls of a service")) }
    }
}

impl<S> Layer<S> for CountLayer {
    type Service = Count<S>;

    fn layer(&self, inner: S) -> Count<S> {
        Count { inner, calls: Arc::clone(&self.calls) }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Count<S> {
    inner: S,
    calls: Arc<Calls>,
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
        let calls = Arc::clone(&self.calls);
        let begun = Instant::now();
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = answer.await;
            if let Some((service, call)) = name {
                let code = answer
                    .as_ref()
                    .ok()
                    .map(|response| response.extensions().get::<Status>().map_or_else(|| code_of(response), Status::code));
                let labels = [KeyValue::new("operation", call), KeyValue::new("service_name", service)];
                calls.count(&labels, code, begun.elapsed());
            }
            answer
        })
    }
}

/// The code of an answer that is headers alone, as every error is.
fn code_of<R>(response: &Response<R>) -> Code {
    response.headers().get("grpc-status").map_or(Code::Ok, |code| Code::from_bytes(code.as_bytes()))
}
