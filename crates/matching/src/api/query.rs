//! Queries: never stored; they wait for a poller, then for its answer, as long as the caller does.

use std::sync::Arc;
use std::time::Duration;

use model::{TaskQueueKind, TaskQueueName};
use prost::Message;
use proto::aevum::token::v1::QueryTaskToken;
use proto::temporal::api::enums::v1::{QueryResultType, ResourceExhaustedCause, ResourceExhaustedScope};
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;
use rpc::services::matching::QueryOffer;
use rpc::{Context, Error};
use tokio::sync::oneshot;

use crate::queue::{PendingQuery, Queue, QueueKey};
use crate::service::{Inner, Service};

/// The longest that a query waits where the caller names no deadline.
const LONGEST: Duration = Duration::from_secs(60);

impl Service {
    pub(super) async fn ask(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        offer: QueryOffer,
    ) -> Result<api::QueryWorkflowResponse, Error> {
        let inner = &self.inner;
        let now = inner.now();
        let key = QueueKey { namespace: namespace.id, kind: TaskQueueKind::Workflow, name: offer.queue.clone() };
        inner.owned(&key)?;
        let queue = if offer.sticky {
            let queue = inner.existing(&key).ok_or(Error::StickyWorkerUnavailable)?;
            let state = queue.state.lock();
            let alive = state.queue.pollers_waiting() > 0 || state.notes.seen_within(inner.options.sticky_idle, now);
            if state.dropped || !alive {
                return Err(Error::StickyWorkerUnavailable);
            }
            drop(state);
            queue
        } else {
            inner.queue(key, false)
        };
        let id = (inner.ports.ids)().to_string();
        let (sender, receiver) = oneshot::channel();
        let _waiting = Waiting::begin(inner, &queue, id, offer, sender)?;
        queue.pump(now);
        tokio::select! {
            biased;
            answer = receiver => answer.unwrap_or_else(|_| Err(stopping())),
            () = inner.shutdown.cancelled() => Err(stopping()),
            moved = inner.moves(&queue.key) => Err(moved),
            () = tokio::time::sleep(context.left(LONGEST)) => {
                let seen = queue.state.lock().notes.seen_within(inner.options.query_idle, inner.now());
                Err(if seen {
                    Error::DeadlineExceeded("query timed out before a worker could process it".to_owned())
                } else {
                    Error::FailedPrecondition("no poller seen for task queue recently, worker may be down".to_owned())
                })
            }
        }
    }

    pub(super) fn answer(&self, namespace: &NamespaceRef, request: api::RespondQueryTaskCompletedRequest) -> Result<(), Error> {
        let token = QueryTaskToken::decode(request.task_token.clone())
            .ok()
            .filter(|token| token.format == 1 && !token.query_id.is_empty())
            .ok_or_else(|| Error::InvalidArgument("Invalid TaskToken.".to_owned()))?;
        if token.namespace_id != namespace.id.to_string() {
            return Err(Error::InvalidArgument("Operation requested with a token from a different namespace.".to_owned()));
        }
        let answer = match request.completed_type() {
            QueryResultType::Answered => {
                Ok(api::QueryWorkflowResponse { query_result: request.query_result, ..Default::default() })
            }
            QueryResultType::Failed => {
                Err(Error::QueryFailed { message: request.error_message, failure: request.failure.map(Box::new) })
            }
            QueryResultType::Unspecified => {
                return Err(Error::InvalidArgument("CompletedType is not set on request.".to_owned()));
            }
        };
        let waiting = self.inner.queries.lock().remove(&token.query_id);
        let Some(waiting) = waiting else {
            if let Ok(name) = TaskQueueName::parse(&token.task_queue) {
                self.inner.owned(&QueueKey { namespace: namespace.id, kind: TaskQueueKind::Workflow, name })?;
            }
            return Err(Error::NotFound("query task not found, or already expired".to_owned()));
        };
        // The caller may have given up meanwhile.
        let _ = waiting.send(answer);
        Ok(())
    }
}

/// The poll answer that carries a query.
pub(super) fn task(namespace: &NamespaceRef, queue: &str, pending: PendingQuery) -> api::PollWorkflowTaskQueueResponse {
    let token =
        QueryTaskToken { format: 1, namespace_id: namespace.id.to_string(), task_queue: queue.to_owned(), query_id: pending.id };
    let QueryOffer { task, query, .. } = *pending.offer;
    api::PollWorkflowTaskQueueResponse { task_token: token.encode_to_vec().into(), query: Some(query), ..task }
}

/// A query that waits: in the queue until a poller takes it, in the table until it is answered.
struct Waiting<'a> {
    service: &'a Arc<Inner>,
    queue: &'a Arc<Queue>,
    number: u64,
    id: String,
}

impl<'a> Waiting<'a> {
    fn begin(
        service: &'a Arc<Inner>,
        queue: &'a Arc<Queue>,
        id: String,
        offer: QueryOffer,
        sender: oneshot::Sender<crate::service::QueryAnswer>,
    ) -> Result<Self, Error> {
        let mut state = queue.state.lock();
        if state.queue.queries_waiting() >= service.options.queries_per_queue {
            return Err(Error::ResourceExhausted {
                cause: ResourceExhaustedCause::ConcurrentLimit,
                scope: ResourceExhaustedScope::Namespace,
                message: "too many queries wait on this task queue; try again later".to_owned(),
            });
        }
        service.queries.lock().insert(id.clone(), sender);
        state.numbers += 1;
        let number = state.numbers;
        state.queue.add_query(number, PendingQuery { id: id.clone(), offer: Box::new(offer) });
        drop(state);
        Ok(Self { service, queue, number, id })
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.queue.state.lock().queue.remove_query(self.number);
        self.service.queries.lock().remove(&self.id);
    }
}

fn stopping() -> Error {
    Error::Unavailable("the server is stopping; ask again".to_owned())
}
