//! Answers what is not built, by the [`table`], before anything is decoded.

use std::task::{Context, Poll};

use futures::future::{Either, Ready, ready};
use http::{Request, Response};
use tonic::Status;
use tower::{Layer, Service};

use crate::table;

/// Lets through what the table calls built, and services that are not in it (health, reflection).
#[derive(Debug, Clone, Copy)]
pub(crate) struct BuiltLayer;

impl<S> Layer<S> for BuiltLayer {
    type Service = Built<S>;

    fn layer(&self, inner: S) -> Built<S> {
        Built { inner }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Built<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Built<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Either<S::Future, Ready<Result<Response<R>, S::Error>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match table::refusal(request.uri().path()) {
            Some(error) => Either::Right(ready(Ok(Status::from(error).into_http()))),
            None => Either::Left(self.inner.call(request)),
        }
    }
}
