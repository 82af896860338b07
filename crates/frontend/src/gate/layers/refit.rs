//! Gives what the transport refuses the words that clients look for: a message that is too large is RESOURCE_EXHAUSTED with
//! the text of grpc-go, by which workers fail a workflow task instead of sending it again for ever; bytes that are no message
//! of the RPC are the caller's mistake, INVALID_ARGUMENT, and not worth another try.

use std::task::{Context, Poll};

use futures::TryFutureExt;
use futures::future::MapOk;
use http::{Request, Response};
use proto::temporal::api::enums::v1::{ResourceExhaustedCause, ResourceExhaustedScope};
use rpc::Error;
use tonic::{Code, Status};
use tower::{Layer, Service};

/// Rewrites the transport's refusals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RefitLayer;

impl<S> Layer<S> for RefitLayer {
    type Service = Refit<S>;

    fn layer(&self, inner: S) -> Refit<S> {
        Refit { inner }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Refit<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Refit<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = MapOk<S::Future, fn(Response<R>) -> Response<R>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.inner.call(request).map_ok(refit)
    }
}

/// How the transport begins when it cannot decode a message.
const UNDECODABLE: &str = "failed to decode Protobuf message";

fn refit<R: Default>(response: Response<R>) -> Response<R> {
    let Some(status) = response.extensions().get::<Status>() else { return response };
    let error = match status.code() {
        // No answer of ours is OUT_OF_RANGE: it is the transport that says so of messages above its limit.
        Code::OutOfRange => Error::ResourceExhausted {
            cause: ResourceExhaustedCause::SystemOverloaded,
            scope: ResourceExhaustedScope::System,
            message: format!("grpc: received message larger than max ({}); send less at once", status.message()),
        },
        Code::Internal if status.message().starts_with(UNDECODABLE) => {
            Error::InvalidArgument(format!("{}; send the request that the public API describes", status.message()))
        }
        _ => return response,
    };
    Status::from(error).into_http()
}
