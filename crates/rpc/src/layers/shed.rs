//! Refuses calls where too many are under way already: an answer at once is worth more than one that comes too late.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::{Either, Ready, ready};
use http::{Request, Response};
use proto::temporal::api::enums::v1::{ResourceExhaustedCause, ResourceExhaustedScope};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{Layer, Service};

use super::{named, waits};
use crate::Error;
use crate::error::between;

/// Lets so many calls in at once, of all connections together. Calls that wait for workers are bounded where they wait.
#[derive(Debug, Clone)]
pub(crate) struct ShedLayer {
    places: Arc<Semaphore>,
}

impl ShedLayer {
    pub(crate) fn new(most: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))) }
    }
}

impl<S> Layer<S> for ShedLayer {
    type Service = Shed<S>;

    fn layer(&self, inner: S) -> Shed<S> {
        Shed { inner, places: Arc::clone(&self.places) }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Shed<S> {
    inner: S,
    places: Arc<Semaphore>,
}

type Held<R, E> = Pin<Box<dyn Future<Output = Result<Response<R>, E>> + Send>>;

impl<S, B, R> Service<Request<B>> for Shed<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Either<Held<R, S::Error>, Either<S::Future, Ready<Result<Response<R>, S::Error>>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if named(request.uri().path()).is_none_or(|(_, call)| waits(call)) {
            return Either::Right(Either::Left(self.inner.call(request)));
        }
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => Either::Left(Box::pin(held(self.inner.call(request), place))),
            Err(_) => {
                let full = Error::ResourceExhausted {
                    cause: ResourceExhaustedCause::SystemOverloaded,
                    scope: ResourceExhaustedScope::System,
                    message: "this host has too many calls under way; try again later".to_owned(),
                };
                Either::Right(Either::Right(ready(Ok(between::status(full).into_http()))))
            }
        }
    }
}

async fn held<F: Future>(answer: F, place: OwnedSemaphorePermit) -> F::Output {
    let answer = answer.await;
    drop(place);
    answer
}
