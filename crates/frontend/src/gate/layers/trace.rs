//! Opens a call's span: a child of the caller's, where its headers carry a W3C context.
//!
//! The span serves two readers. Log lines within a call name its execution; and where the process exports traces, the span is
//! the call's. It is outermost so that the answer's code is on it also when a layer refused the call.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{HeaderMap, Request, Response};
use rpc::layers::continue_trace;
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::table;

/// Wraps every call; [`enter`](crate::gate::enter) adds what only the decoded request tells.
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
    S::Future: Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = futures::future::Either<S::Future, Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let span = open(request.uri().path(), request.headers());
        if span.is_disabled() {
            return futures::future::Either::Left(self.inner.call(request));
        }
        let answer = span.in_scope(|| self.inner.call(request));
        let told = span.clone();
        let work = async move {
            let answer = answer.await;
            if let Ok(response) = &answer {
                close(&told, response.extensions().get::<Status>());
            }
            answer
        };
        futures::future::Either::Right(Box::pin(work.instrument(span)))
    }
}

/// The span of a call. The names with dots are OpenTelemetry's conventions for RPCs.
fn open(path: &str, headers: &HeaderMap) -> Span {
    let Some(operation) = table::operation(path) else { return Span::none() };
    let span = tracing::info_span!(
        "call",
        otel.name = operation,
        otel.kind = "server",
        rpc.system = "grpc",
        rpc.grpc.status_code = Empty,
        otel.status_code = Empty,
        operation,
        namespace = Empty,
        workflow = Empty,
        run = Empty,
        identity = Empty,
    );
    continue_trace(&span, headers);
    span
}

/// Says how the call ended.
fn close(span: &Span, status: Option<&Status>) {
    let code = status.map_or(Code::Ok, Status::code);
    span.record("rpc.grpc.status_code", code as i64);
    if matches!(code, Code::Unknown | Code::DeadlineExceeded | Code::Internal | Code::Unavailable | Code::DataLoss) {
        span.record("otel.status_code", "ERROR");
    }
}
