//! Continues the caller's trace: its W3C context comes with the call, and what happens here belongs to its span.

use std::task::{Context, Poll};

use http::{HeaderMap, Request, Response};
use opentelemetry::propagation::Extractor;
use tower::{Layer, Service};
use tracing::instrument::Instrumented;
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::named;

/// Wraps every call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TraceLayer;

impl<S> Layer<S> for TraceLayer {
    type Service = Trace<S>;

    fn layer(&self, inner: S) -> Trace<S> {
        Trace { inner }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Trace<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Trace<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Instrumented<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let span = open(request.uri().path(), request.headers());
        span.in_scope(|| self.inner.call(request)).instrument(span.clone())
    }
}

/// The span of a call. The names with dots are OpenTelemetry's conventions for RPCs.
fn open(path: &str, headers: &HeaderMap) -> Span {
    let Some((service, call)) = named(path) else { return Span::none() };
    let span = tracing::info_span!(
        "internal call",
        otel.name = call,
        otel.kind = "server",
        rpc.system = "grpc",
        rpc.service = service,
        operation = call,
    );
    continue_trace(&span, headers);
    span
}

/// Makes a span a child of the caller's, where the headers carry a W3C context.
pub fn continue_trace(span: &Span, headers: &HeaderMap) {
    if !span.is_disabled() && headers.contains_key("traceparent") {
        let caller = opentelemetry::global::get_text_map_propagator(|propagator| propagator.extract(&Headers(headers)));
        // Refused only where the process exports no traces: then nobody asks for the parent.
        let _ = span.set_parent(caller);
    }
}

/// The headers as propagators read them.
struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}
