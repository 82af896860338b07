//! Waiting for work: what both kinds of poll share.

use std::sync::Arc;
use std::time::Duration;

use model::{TaskQueueKind, TaskQueueName};
use proto::temporal::api::deployment::v1::WorkerDeploymentOptions;
use proto::temporal::api::enums::v1::{ResourceExhaustedCause, ResourceExhaustedScope, TaskQueueKind as Kind};
use proto::temporal::api::taskqueue::v1::TaskQueue as TaskQueueMessage;
use rpc::services::NamespaceRef;
use rpc::{Context, Error};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::engine::PollerNote;
use crate::queue::{Delivery, Queue, QueueKey};
use crate::service::Service;

/// Kept from the caller's deadline, so that an empty answer still arrives. Source: Temporal keeps 1 s.
const RETURN_EMPTY: Duration = Duration::from_secs(1);

/// Who polls what.
pub(super) struct Poll {
    pub(super) queue: Arc<Queue>,
    pub(super) until: Instant,
}

/// What a poll says about its worker.
pub(super) struct Poller<'a> {
    pub(super) identity: &'a str,
    pub(super) rate: Option<f64>,
    pub(super) deployment: Option<WorkerDeploymentOptions>,
}

impl Service {
    /// Notes the poller and finds its queue; `None` where the queue's worker has said goodbye.
    pub(super) fn begin_poll(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        kind: TaskQueueKind,
        queue: Option<&TaskQueueMessage>,
        poller: Poller<'_>,
    ) -> Result<Option<Poll>, Error> {
        let inner = &self.inner;
        let sticky = queue.is_some_and(|queue| queue.kind() == Kind::Sticky);
        let name = queue.map(|queue| queue.name.as_str()).unwrap_or_default();
        let name = TaskQueueName::parse(name).map_err(|error| Error::InvalidArgument(format!("task queue: {error}")))?;
        let key = QueueKey { namespace: namespace.id, kind, name };
        inner.owned(&key)?;
        if (sticky && inner.is_retired(&key)) || inner.shutdown.is_cancelled() {
            return Ok(None);
        }
        let now = inner.now();
        let queue = inner.queue(key, sticky);
        {
            let mut state = queue.state.lock();
            if state.queue.pollers_waiting() >= inner.options.pollers_per_queue {
                return Err(Error::ResourceExhausted {
                    cause: ResourceExhaustedCause::ConcurrentLimit,
                    scope: ResourceExhaustedScope::Namespace,
                    message: "too many polls wait on this task queue; run fewer pollers".to_owned(),
                });
            }
            // A worker may say anything.
            let limit = poller.rate.filter(|rate| rate.is_finite() && *rate >= 0.0);
            let note = PollerNote { last: now, rate: limit.unwrap_or(f64::from(u32::MAX)), deployment: poller.deployment };
            state.notes.note(poller.identity, note, inner.options.poller_history);
            if limit.is_some() {
                state.queue.limit.set(limit, now);
            }
        }
        inner.tend(&queue);
        let until = Instant::now() + self.patience(context);
        Ok(Some(Poll { queue, until }))
    }

    /// How long this poll waits: the configured time less some jitter, or what the caller's deadline leaves.
    fn patience(&self, context: &Context) -> Duration {
        let options = &self.inner.options;
        let jitter = ((self.inner.ports.ids)().as_u128() & 0xffff) as f64 / 65_536.0;
        let patience = options.long_poll.mul_f64(1.0 - options.long_poll_jitter.clamp(0.0, 1.0) * jitter);
        match context.deadline {
            Some(at) => patience.min(at.saturating_duration_since(Instant::now()).saturating_sub(RETURN_EMPTY)),
            None => patience,
        }
    }

    /// Waits for a delivery; `None` when time is up or the service stops.
    pub(super) async fn next_delivery(&self, poll: &Poll) -> Option<Delivery> {
        let (sender, mut receiver) = oneshot::channel();
        let number = {
            let mut state = poll.queue.state.lock();
            if state.dropped {
                return None;
            }
            state.numbers += 1;
            let number = state.numbers;
            state.queue.add_poller(number, sender);
            number
        };
        let _guard = Guard { service: self, queue: &poll.queue, number };
        poll.queue.pump(self.inner.now());
        self.inner.tend(&poll.queue);
        loop {
            let next_token = {
                let state = poll.queue.state.lock();
                let now = self.inner.now();
                state.queue.next_token(now).map(|at| at.since(now))
            };
            let token = tokio::time::sleep(next_token.unwrap_or(Duration::from_secs(3600)));
            tokio::select! {
                biased;
                delivery = &mut receiver => return delivery.ok().filter(|delivery| !matches!(delivery, Delivery::Empty)),
                () = tokio::time::sleep_until(poll.until) => return None,
                () = self.inner.shutdown.cancelled() => return None,
                () = token => poll.queue.pump(self.inner.now()),
                () = poll.queue.throttled.notified() => {}
            }
        }
    }
}

/// Takes a waiting poll out of its queue, however it ends.
struct Guard<'a> {
    service: &'a Service,
    queue: &'a Arc<Queue>,
    number: u64,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.queue.state.lock().queue.remove_poller(self.number);
        self.queue.pass_on(self.service.inner.now());
    }
}

/// What to do with a task whose start history refused.
pub(super) enum Refused {
    /// Nobody owes it any more: forget it.
    Drop,
    /// Try it again a little later.
    Retry,
    /// It met a bug: history still owes it, but what is behind it goes first.
    Rest,
}

/// Reads history's refusal. Source: Temporal's matching drops what is not found, started or obsolete.
pub(super) const fn refused(error: &Error) -> Refused {
    match error {
        Error::NotFound(_)
        | Error::NamespaceNotFound(_)
        | Error::ObsoleteTask
        | Error::TaskAlreadyStarted
        | Error::InvalidArgument(_)
        | Error::FailedPrecondition(_)
        | Error::DataLoss(_) => Refused::Drop,
        Error::Internal(_) => Refused::Rest,
        _ => Refused::Retry,
    }
}
