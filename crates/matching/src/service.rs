//! The service: its queues, its housekeeping, its life.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use membership::View;
use model::{Clock, MemberId, NamespaceId, Timestamp};
use opentelemetry::metrics::Meter;
use parking_lot::Mutex;
use persistence::Backlog;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::Error;
use rpc::clients::HistoryClient;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::metrics;
use crate::options::Options;
use crate::queue::{Queue, QueueKey, Unread};
use crate::ring;

/// What the service needs from outside.
#[derive(Clone)]
pub struct Ports {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids, which also serve as randomness.
    pub ids: Arc<dyn Fn() -> Uuid + Send + Sync>,
    /// This incarnation.
    pub member: MemberId,
    /// The stored backlog.
    pub backlog: Arc<dyn Backlog>,
    /// Who knows what tasks are about.
    pub history: HistoryClient,
    /// What a namespace is called now, for metrics: a stored backlog knows only its id.
    pub namespaces: Arc<dyn Fn(NamespaceId) -> Option<Arc<str>> + Send + Sync>,
    /// Where gauges are registered.
    pub meter: Meter,
}

/// The answer of a worker to a query.
pub(crate) type QueryAnswer = Result<api::QueryWorkflowResponse, Error>;

/// The matching service. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) options: Options,
    pub(crate) ports: Ports,
    /// Who else owns queues; nobody where this process is alone.
    pub(crate) view: Option<Arc<View>>,
    pub(crate) shutdown: CancellationToken,
    pub(crate) tracker: TaskTracker,
    queues: Mutex<HashMap<QueueKey, Arc<Queue>>>,
    /// Sticky queues whose worker said goodbye, and when: a late poll of theirs is answered empty.
    retired: Mutex<HashMap<QueueKey, Timestamp>>,
    pub(crate) queries: Mutex<HashMap<String, oneshot::Sender<QueryAnswer>>>,
}

/// How long the name of a retired sticky queue is remembered. Source: Temporal keeps worker keys for 30 s.
const RETIRED: Duration = Duration::from_secs(30);

impl Service {
    /// A service without queues yet.
    pub fn new(options: Options, ports: Ports) -> Self {
        Self::build(options, ports, None)
    }

    /// The same in a cluster: the ring says which queues are owned here, and what is asked of the others is refused with their
    /// owner.
    pub fn sharing(options: Options, ports: Ports, view: Arc<View>) -> Self {
        Self::build(options, ports, Some(view))
    }

    fn build(options: Options, ports: Ports, view: Option<Arc<View>>) -> Self {
        let inner = Arc::new(Inner {
            options,
            ports,
            view,
            shutdown: CancellationToken::new(),
            tracker: TaskTracker::new(),
            queues: Mutex::default(),
            retired: Mutex::default(),
            queries: Mutex::default(),
        });
        metrics::observe(&inner.ports.meter, &inner);
        Self { inner }
    }

    /// Takes up stored backlogs, then keeps house until `shutdown`; answers all polls empty before it returns.
    ///
    /// # Errors
    /// Where the stored backlogs cannot be listed.
    pub async fn run(&self, shutdown: CancellationToken) -> Result<(), Error> {
        let mut changes = self.inner.view.as_ref().map(|view| view.changes());
        if changes.is_none() {
            self.inner.take_up_backlogs().await?;
        }
        let mut every = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                () = ring::changed(&mut changes) => self.inner.drop_foreign(),
                _ = every.tick() => self.inner.keep_house(),
            }
        }
        self.stop().await;
        Ok(())
    }

    /// Answers every open poll empty and waits for what is under way.
    pub async fn stop(&self) {
        self.inner.shutdown.cancel();
        for queue in self.inner.all_queues() {
            queue.drop_now();
        }
        self.inner.tracker.close();
        self.inner.tracker.wait().await;
    }
}

impl Inner {
    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// Every queue there is.
    pub(crate) fn all_queues(&self) -> Vec<Arc<Queue>> {
        let mut queues: Vec<_> = self.queues.lock().values().cloned().collect();
        queues.sort_unstable_by(|a, b| (a.key.kind, &a.key.name).cmp(&(b.key.kind, &b.key.name)));
        queues
    }

    /// A queue, made where it is not there yet; `sticky` is what whoever wants it takes it for.
    pub(crate) fn queue(self: &Arc<Self>, key: QueueKey, sticky: bool) -> Arc<Queue> {
        let now = self.now();
        let mut queues = self.queues.lock();
        let queue = queues.entry(key.clone()).or_insert_with(|| {
            let queue = Queue::new(key, now);
            self.inherit(&queue, sticky);
            queue
        });
        {
            let mut state = queue.state.lock();
            state.last_used = now;
            state.normal |= !sticky;
        }
        Arc::clone(queue)
    }

    /// A queue, if it is there.
    pub(crate) fn existing(&self, key: &QueueKey) -> Option<Arc<Queue>> {
        self.queues.lock().get(key).cloned()
    }

    /// Takes queues away that are not owned here.
    pub(crate) fn take_queues(&self, foreign: impl Fn(&QueueKey) -> bool) -> Vec<Arc<Queue>> {
        let mut queues = self.queues.lock();
        let keys: Vec<QueueKey> = queues.keys().filter(|key| foreign(key)).cloned().collect();
        keys.iter().filter_map(|key| queues.remove(key)).collect()
    }

    /// Drops a sticky queue whose worker stops; its tasks go back to where history offers them. A queue that anybody uses as a
    /// normal one stays, whatever a worker calls its own: it may have stored tasks.
    pub(crate) fn retire(&self, key: &QueueKey) {
        self.retired.lock().insert(key.clone(), self.now());
        let mut queues = self.queues.lock();
        if queues.get(key).is_some_and(|queue| !queue.state.lock().normal)
            && let Some(queue) = queues.remove(key)
        {
            queue.drop_now();
        }
    }

    /// Whether the queue's worker said goodbye a moment ago.
    pub(crate) fn is_retired(&self, key: &QueueKey) -> bool {
        self.retired.lock().contains_key(key)
    }

    /// Reads more of the stored backlog where memory has room, and removes stored copies that are done.
    pub(crate) fn tend(self: &Arc<Self>, queue: &Arc<Queue>) {
        let reload = {
            let mut state = queue.state.lock();
            let wanted = !state.unread.is_empty() && !state.reloading && state.queue.len() < self.options.reload_page;
            state.reloading |= wanted;
            wanted
        };
        if !reload && !queue.spiller.has_done() {
            return;
        }
        let (service, queue) = (Arc::clone(self), Arc::clone(queue));
        self.tracker.spawn(async move {
            let (store, me) = (service.ports.backlog.as_ref(), service.ports.member);
            if let Err(error) = queue.remove_done(store, me).await {
                tracing::warn!(%error, queue = %queue.key.name, "stored tasks could not be removed; tried again later");
            }
            if reload {
                if let Err(error) = queue.reload(store, me, service.options.reload_page).await {
                    tracing::warn!(%error, queue = %queue.key.name, "the stored backlog could not be read; tried again later");
                }
                queue.state.lock().reloading = false;
                queue.pump(service.now());
            }
        });
    }

    async fn take_up_backlogs(self: &Arc<Self>) -> Result<(), Error> {
        let unavailable = |error: persistence::Error| Error::Unavailable(error.to_string());
        for key in self.ports.backlog.queues().await.map_err(unavailable)? {
            let stored = self.ports.backlog.count(&key).await.map_err(unavailable)?;
            let key = QueueKey { namespace: key.namespace, kind: key.kind, name: key.queue };
            let queue = self.queue(key, false);
            queue.state.lock().unread = Unread::counted(stored);
            self.tend(&queue);
        }
        Ok(())
    }

    fn keep_house(self: &Arc<Self>) {
        let now = self.now();
        self.retired.lock().retain(|_, at| now.since(*at) < RETIRED);
        for queue in self.all_queues() {
            self.tend(&queue);
        }
        self.queues.lock().retain(|_, queue| {
            // Whoever holds a queue may still bring a task back to it, however long that takes or the clock jumps. Nobody else
            // gets hold of it while the map is locked.
            if Arc::strong_count(queue) > 1 {
                return true;
            }
            let state = queue.state.lock();
            !state.queue.is_idle()
                || !state.unread.is_empty()
                || queue.spiller.has_done()
                || now.since(state.last_used) < self.options.queue_idle
        });
    }
}
