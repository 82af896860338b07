//! Counts calls, their errors and their time, by operation and namespace.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use rpc::Error;
use tokio::time::Instant;
use tonic::Status;
use tower::{Layer, Service};

use crate::gate::Note;
use crate::metrics::Metrics;
use crate::table;

/// Wraps every call; the steps behind it tell the namespace through a [`Note`].
#[derive(Debug, Clone)]
pub(crate) struct CountLayer {
    metrics: Arc<Metrics>,
}

impl CountLayer {
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        Self { metrics }
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

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let operation = table::operation(request.uri().path());
        let note = Arc::new(Note::default());
        request.extensions_mut().insert(Arc::clone(&note));
        let metrics = Arc::clone(&self.metrics);
        let begun = Instant::now();
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = answer.await;
            if let Some(operation) = operation {
                let lost;
                let failure = match &answer {
                    Ok(response) => response.extensions().get::<Status>(),
                    Err(_) => {
                        lost = Status::from(Error::Internal("the answer was lost on its way".to_owned()));
                        Some(&lost)
                    }
                };
                metrics.call(operation, note.namespace.get(), failure, begun.elapsed());
            }
            answer
        })
    }
}
