//! Asks the [`Authenticator`] who calls. Health checks pass, since probes carry no credentials.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::{Either, Ready, ready};
use http::{Request, Response};
use tonic::Status;
use tower::{Layer, Service};

use crate::gate::authenticate::{Authenticator, Caller};
use crate::table::HEALTH;

/// Puts a [`crate::Principal`] on every call, or refuses it.
#[derive(Clone)]
pub(crate) struct AuthenticateLayer {
    authenticator: Arc<dyn Authenticator>,
}

impl AuthenticateLayer {
    pub(crate) fn new(authenticator: Arc<dyn Authenticator>) -> Self {
        Self { authenticator }
    }
}

impl<S> Layer<S> for AuthenticateLayer {
    type Service = Authenticate<S>;

    fn layer(&self, inner: S) -> Authenticate<S> {
        Authenticate { inner, authenticator: Arc::clone(&self.authenticator) }
    }
}

#[derive(Clone)]
pub(crate) struct Authenticate<S> {
    inner: S,
    authenticator: Arc<dyn Authenticator>,
}

impl<S, B, R> Service<Request<B>> for Authenticate<S>
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

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let path = request.uri().path();
        if !path.starts_with(HEALTH) {
            match self.authenticator.authenticate(&Caller { path, headers: request.headers() }) {
                Ok(principal) => {
                    request.extensions_mut().insert(principal);
                }
                Err(error) => return Either::Right(ready(Ok(Status::from(error).into_http()))),
            }
        }
        Either::Left(self.inner.call(request))
    }
}
