//! One process of history in paused time: memory store with scripted faults, a recording matching, a clock that follows tokio's.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use history::{NamespaceInfo, NamespaceLookup, Options, OwnsAll, Ports, Service};
use membership::View;
use model::settings::Defaults;
use model::visibility::VisibilityRow;
use model::{
    ChainKey, Clock, Epoch, LaneId, MemberId, NamespaceId, RunId, RunKey, SlotRange, TaskQueueKind, Timestamp, WorkflowId,
};
use parking_lot::Mutex;
use persistence::decorate::fault::{FaultyLanes, Script};
use persistence::memory::{Memory, VisibilitySink};
use persistence::{Batch, LaneState, LaneStore, LoadedChain, Outcome, Stores, WakeRow};
use proto::temporal::api::command::v1::Command;
use proto::temporal::api::common::v1::{WorkflowExecution, WorkflowType};
use proto::temporal::api::enums::v1::EventType;
use proto::temporal::api::history::v1::HistoryEvent;
use proto::temporal::api::query::v1::WorkflowQuery;
use proto::temporal::api::taskqueue::v1::{StickyExecutionAttributes, TaskQueue};
use proto::temporal::api::workflowservice::v1 as api;
use rpc::clients::{HistoryClient, MatchingClient};
use rpc::services::history::{ActivityTaskStart, WorkflowTaskStart};
use rpc::services::matching::{Matching, Offer, QueryOffer, Receipt};
use rpc::services::{History, NamespaceRef};
use rpc::{Context, Error};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::slow::Slow;

/// Follows tokio's clock, so that paused time is everybody's time.
struct TokioClock {
    began: tokio::time::Instant,
}

const BEGIN: Timestamp = Timestamp::from_parts(1_800_000_000, 0);

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        BEGIN + self.began.elapsed()
    }
}

/// The one namespace of these tests; looking at its search attributes can be made to panic once.
#[derive(Default)]
pub(crate) struct OneNamespace {
    pub(crate) panics: AtomicBool,
}

pub(crate) const RETENTION: Duration = Duration::from_secs(24 * 3600);

impl NamespaceLookup for OneNamespace {
    fn namespace(&self, id: NamespaceId) -> Option<NamespaceInfo> {
        (id == namespace().id).then(|| NamespaceInfo { name: "default".into(), retention: RETENTION, version: 0 })
    }

    fn search_attributes(&self, _id: NamespaceId) -> Arc<visibility::SearchAttributes> {
        assert!(!self.panics.swap(false, Ordering::SeqCst), "a bug, for once");
        Arc::new(visibility::SearchAttributes::from_custom([]))
    }
}

pub(crate) fn namespace() -> NamespaceRef {
    NamespaceRef { id: NamespaceId::new(Uuid::from_u128(7)), name: "default".into() }
}

/// Records offers; answers queries with what the test says.
#[derive(Default)]
pub(crate) struct Recorder {
    offers: Mutex<VecDeque<Offer>>,
    pub(crate) withdrawn: Mutex<Vec<Offer>>,
    pub(crate) queries: Mutex<Vec<QueryOffer>>,
    pub(crate) no_sticky_worker: AtomicBool,
    pub(crate) spills: AtomicBool,
    /// The incarnation that it says it is.
    pub(crate) incarnation: Mutex<Option<MemberId>>,
    arrived: Notify,
}

#[async_trait]
impl Matching for Recorder {
    async fn offer(&self, _: &Context, _: &NamespaceRef, offer: Offer) -> Result<Receipt, Error> {
        if offer.sticky && self.no_sticky_worker.load(Ordering::Relaxed) {
            return Err(Error::StickyWorkerUnavailable);
        }
        let spilled = self.spills.load(Ordering::Relaxed);
        self.offers.lock().push_back(offer);
        self.arrived.notify_waiters();
        let owner = self.incarnation.lock().unwrap_or(MemberId::new(Uuid::from_u128(9)));
        Ok(Receipt { owner, epoch: Epoch::new(1), spilled })
    }

    async fn withdraw(&self, _: &NamespaceRef, offer: Offer) {
        self.withdrawn.lock().push(offer);
        self.arrived.notify_waiters();
    }

    async fn poll_workflow_task(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::PollWorkflowTaskQueueRequest,
    ) -> Result<api::PollWorkflowTaskQueueResponse, Error> {
        Ok(api::PollWorkflowTaskQueueResponse::default())
    }

    async fn poll_activity_task(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::PollActivityTaskQueueRequest,
    ) -> Result<api::PollActivityTaskQueueResponse, Error> {
        Ok(api::PollActivityTaskQueueResponse::default())
    }

    async fn query(&self, _: &Context, _: &NamespaceRef, query: QueryOffer) -> Result<api::QueryWorkflowResponse, Error> {
        let sticky = query.sticky;
        self.queries.lock().push(query);
        if sticky && self.no_sticky_worker.load(Ordering::Relaxed) {
            return Err(Error::StickyWorkerUnavailable);
        }
        let query_result = Some(testkit::commands::payloads("direct"));
        Ok(api::QueryWorkflowResponse { query_result, ..Default::default() })
    }

    async fn query_answered(&self, _: &Context, _: &NamespaceRef, _: api::RespondQueryTaskCompletedRequest) -> Result<(), Error> {
        Ok(())
    }

    async fn describe_task_queue(
        &self,
        _: &Context,
        _: &NamespaceRef,
        _: api::DescribeTaskQueueRequest,
    ) -> Result<api::DescribeTaskQueueResponse, Error> {
        Ok(api::DescribeTaskQueueResponse::default())
    }

    async fn shutdown_worker(&self, _: &Context, _: &NamespaceRef, _: api::ShutdownWorkerRequest) -> Result<(), Error> {
        Ok(())
    }
}

/// Counts what is written and read, and can hold commits back.
pub(crate) struct Watch {
    inner: Arc<dyn LaneStore>,
    pub(crate) held: AtomicBool,
    pub(crate) release: Notify,
    pub(crate) waiting: AtomicUsize,
    pub(crate) commits: AtomicUsize,
    pub(crate) rows: AtomicUsize,
    pub(crate) loads: AtomicUsize,
    /// Chains whose turns the store does not take, and how often it said so.
    pub(crate) poison: Mutex<Vec<ChainKey>>,
    pub(crate) refused: AtomicUsize,
    pub(crate) held_loads: AtomicBool,
    /// Commits are acknowledged and forgotten.
    pub(crate) forgets: AtomicBool,
    /// Commits are carried out, but nobody hears of it yet.
    pub(crate) held_outcomes: AtomicBool,
}

impl Watch {
    fn new(inner: Arc<dyn LaneStore>) -> Self {
        Self {
            inner,
            held: AtomicBool::new(false),
            release: Notify::new(),
            waiting: AtomicUsize::new(0),
            commits: AtomicUsize::new(0),
            rows: AtomicUsize::new(0),
            loads: AtomicUsize::new(0),
            poison: Mutex::default(),
            refused: AtomicUsize::new(0),
            held_loads: AtomicBool::new(false),
            forgets: AtomicBool::new(false),
            held_outcomes: AtomicBool::new(false),
        }
    }

    /// Lets commits and loads through again.
    pub(crate) fn let_go(&self) {
        self.held.store(false, Ordering::SeqCst);
        self.held_loads.store(false, Ordering::SeqCst);
        self.held_outcomes.store(false, Ordering::SeqCst);
        self.release.notify_waiters();
    }
}

#[async_trait]
impl LaneStore for Watch {
    async fn acquire(&self, lane: LaneId, from: Option<Epoch>, me: MemberId) -> Result<LaneState, persistence::Error> {
        self.inner.acquire(lane, from, me).await
    }

    async fn lane(&self, lane: LaneId) -> Result<Option<LaneState>, persistence::Error> {
        self.inner.lane(lane).await
    }

    async fn commit(&self, at: &LaneState, batch: &Batch) -> Outcome {
        while self.held.load(Ordering::SeqCst) {
            let released = self.release.notified();
            self.waiting.fetch_add(1, Ordering::SeqCst);
            released.await;
        }
        if batch.turns.iter().any(|row| self.poison.lock().contains(&row.key.chain)) {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return Outcome::Failed(persistence::Error::Unavailable("this chain is poison".into()));
        }
        self.commits.fetch_add(1, Ordering::SeqCst);
        let rows = batch.starts.len() + batch.new_runs.len() + batch.changes.len() + batch.turns.len() + batch.visibility.len();
        self.rows.fetch_add(rows, Ordering::SeqCst);
        if self.forgets.load(Ordering::SeqCst) {
            return Outcome::Landed { lost_starts: Vec::new() };
        }
        let outcome = self.inner.commit(at, batch).await;
        while self.held_outcomes.load(Ordering::SeqCst) {
            self.release.notified().await;
        }
        outcome
    }

    async fn load(&self, chain: &ChainKey, run: Option<RunId>) -> Result<LoadedChain, persistence::Error> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        while self.held_loads.load(Ordering::SeqCst) {
            self.release.notified().await;
        }
        self.inner.load(chain, run).await
    }

    async fn scan_wake(
        &self,
        slots: SlotRange,
        until: Timestamp,
        after: Option<&WakeRow>,
        limit: usize,
    ) -> Result<Vec<WakeRow>, persistence::Error> {
        self.inner.scan_wake(slots, until, after, limit).await
    }
}

/// Keeps searchable rows.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) rows: Mutex<Vec<VisibilityRow>>,
    pub(crate) deleted: Mutex<Vec<RunKey>>,
}

impl VisibilitySink for Rows {
    fn apply(&self, rows: &[VisibilityRow], deletes: &[(RunKey, i64)]) {
        self.rows.lock().extend_from_slice(rows);
        self.deleted.lock().extend(deletes.iter().map(|(key, _)| key.clone()));
    }
}

/// The store and everything that outlives a process.
#[derive(Clone)]
pub(crate) struct Disk {
    memory: Memory,
    pub(crate) visible: Arc<Rows>,
    next: Arc<AtomicU64>,
    began: tokio::time::Instant,
}

/// One process.
pub(crate) struct World {
    pub(crate) disk: Disk,
    pub(crate) service: Arc<Service>,
    pub(crate) matching: Arc<Recorder>,
    pub(crate) faults: Script,
    pub(crate) watch: Arc<Watch>,
    pub(crate) stores: Stores,
    pub(crate) namespaces: Arc<OneNamespace>,
    /// The way from chain to chain.
    pub(crate) slow: Arc<Slow>,
    shutdown: CancellationToken,
    running: JoinHandle<Result<(), history::Error>>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Options::DEFAULT).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let visible = Arc::new(Rows::default());
        let memory = Memory::new(visible.clone());
        let disk = Disk { memory, visible, next: Arc::new(AtomicU64::new(100)), began: tokio::time::Instant::now() };
        Self::boot(disk, options).await
    }

    /// A new process on what an earlier one left.
    pub(crate) async fn boot(disk: Disk, options: Options) -> Self {
        let world = Self::launch(disk, options, |_, _| {});
        world.service.ready().await;
        world
    }

    /// A new process that is not ready yet, on a store that was prepared for it.
    pub(crate) fn launch(disk: Disk, options: Options, prepare: impl FnOnce(&Script, &Watch)) -> Self {
        let number = disk.next.fetch_add(1, Ordering::Relaxed);
        let member = MemberId::new(Uuid::from_u128(u128::from(number)));
        let faults = Script::default();
        let mut stores = disk.memory.stores();
        let watch = Arc::new(Watch::new(Arc::new(FaultyLanes::new(stores.lanes.clone(), Arc::new(faults.clone())))));
        prepare(&faults, &watch);
        stores.lanes = watch.clone();
        let view = Arc::new(View::alone(member));
        let (client, peers) = (MatchingClient::new(view.clone()), HistoryClient::new(view));
        let matching = Arc::new(Recorder { incarnation: Mutex::new(Some(member)), ..Recorder::default() });
        let namespaces = Arc::new(OneNamespace::default());
        client.set_local(matching.clone());
        let ids = disk.next.clone();
        let ports = Ports {
            clock: Arc::new(TokioClock { began: disk.began }),
            settings: Arc::new(Defaults),
            stores: stores.clone(),
            matching: client,
            history: peers.clone(),
            namespaces: namespaces.clone(),
            ids: Arc::new(move || {
                let number = u128::from(ids.fetch_add(1, Ordering::Relaxed));
                Uuid::from_u128(number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
            }),
            member,
            ownership: Arc::new(OwnsAll),
            meter: opentelemetry::global::meter("test"),
        };
        let service = Arc::new(Service::new(options, ports));
        let slow = Arc::new(Slow::new(service.clone()));
        peers.set_local(slow.clone());
        let shutdown = CancellationToken::new();
        let running = tokio::spawn({
            let (service, shutdown) = (service.clone(), shutdown.clone());
            async move { service.run(shutdown).await }
        });
        Self { disk, service, matching, faults, watch, stores, namespaces, slow, shutdown, running }
    }

    /// Asks the process to end; it drains.
    pub(crate) fn begin_drain(&self) {
        self.shutdown.cancel();
    }

    /// Ends the process in order.
    pub(crate) async fn drain(self) -> (Disk, Result<(), history::Error>) {
        self.shutdown.cancel();
        (self.disk, self.running.await.unwrap())
    }

    /// Ends the process in the middle of everything.
    pub(crate) async fn crash(self) -> Disk {
        self.running.abort();
        let _ = self.running.await;
        self.disk
    }

    /// How the process ended by itself.
    pub(crate) async fn ended(self) -> Result<(), history::Error> {
        self.running.await.unwrap()
    }

    pub(crate) async fn start(&self, id: &str) -> Result<api::StartWorkflowExecutionResponse, Error> {
        self.start_with(start_request(id)).await
    }

    pub(crate) async fn start_with(
        &self,
        request: api::StartWorkflowExecutionRequest,
    ) -> Result<api::StartWorkflowExecutionResponse, Error> {
        self.service.start_workflow(&Context::default(), &namespace(), request, None).await
    }

    /// Waits for the next offer of this kind.
    pub(crate) async fn offered(&self, kind: TaskQueueKind) -> Offer {
        self.offered_within(kind, Duration::from_secs(120)).await
    }

    /// The same with more patience.
    pub(crate) async fn offered_within(&self, kind: TaskQueueKind, patience: Duration) -> Offer {
        let wait = async {
            loop {
                let arrived = self.matching.arrived.notified();
                {
                    let mut offers = self.matching.offers.lock();
                    if let Some(at) = offers.iter().position(|offer| offer.kind == kind) {
                        return offers.remove(at).unwrap();
                    }
                }
                arrived.await;
            }
        };
        tokio::time::timeout(patience, wait).await.expect("nothing was offered")
    }

    pub(crate) fn offers(&self) -> usize {
        self.matching.offers.lock().len()
    }

    /// A worker polls: takes the next workflow task.
    pub(crate) async fn workflow_task(&self) -> api::PollWorkflowTaskQueueResponse {
        let offer = self.offered(TaskQueueKind::Workflow).await;
        self.begin(&offer).await.unwrap()
    }

    pub(crate) async fn begin(&self, offer: &Offer) -> Result<api::PollWorkflowTaskQueueResponse, Error> {
        let queue = TaskQueue { name: offer.queue.as_str().to_owned(), ..TaskQueue::default() };
        let poll = api::PollWorkflowTaskQueueRequest {
            task_queue: Some(queue),
            identity: "worker".to_owned(),
            ..api::PollWorkflowTaskQueueRequest::default()
        };
        let start = WorkflowTaskStart {
            key: offer.key.clone(),
            scheduled_event_id: offer.scheduled_event_id,
            attempt: offer.attempt,
            request_id: format!("poll-{}", self.disk.next.fetch_add(1, Ordering::Relaxed)),
            poll,
        };
        self.service.workflow_task_started(&Context::default(), &namespace(), start).await
    }

    pub(crate) async fn complete(
        &self,
        task: &api::PollWorkflowTaskQueueResponse,
        commands: Vec<Command>,
    ) -> Result<api::RespondWorkflowTaskCompletedResponse, Error> {
        self.complete_with(api::RespondWorkflowTaskCompletedRequest {
            task_token: task.task_token.clone(),
            commands,
            identity: "worker".to_owned(),
            ..Default::default()
        })
        .await
    }

    pub(crate) async fn complete_sticky(
        &self,
        task: &api::PollWorkflowTaskQueueResponse,
        commands: Vec<Command>,
    ) -> Result<api::RespondWorkflowTaskCompletedResponse, Error> {
        let queue = TaskQueue { name: "sticky-1".to_owned(), kind: 2, normal_name: "orders".to_owned() };
        self.complete_with(api::RespondWorkflowTaskCompletedRequest {
            task_token: task.task_token.clone(),
            commands,
            identity: "worker".to_owned(),
            sticky_attributes: Some(StickyExecutionAttributes {
                worker_task_queue: Some(queue),
                schedule_to_start_timeout: Some(testkit::commands::seconds_of(5)),
            }),
            ..Default::default()
        })
        .await
    }

    pub(crate) async fn complete_with(
        &self,
        request: api::RespondWorkflowTaskCompletedRequest,
    ) -> Result<api::RespondWorkflowTaskCompletedResponse, Error> {
        self.service.workflow_task_completed(&Context::default(), &namespace(), request).await
    }

    /// A worker polls: takes the next activity task.
    pub(crate) async fn activity_task(&self) -> api::PollActivityTaskQueueResponse {
        let offer = self.offered(TaskQueueKind::Activity).await;
        let start = ActivityTaskStart {
            key: offer.key,
            scheduled_event_id: offer.scheduled_event_id,
            attempt: offer.attempt,
            stamp: offer.stamp,
            request_id: format!("poll-{}", self.disk.next.fetch_add(1, Ordering::Relaxed)),
            poll: api::PollActivityTaskQueueRequest { identity: "worker".to_owned(), ..Default::default() },
        };
        self.service.activity_task_started(&Context::default(), &namespace(), start).await.unwrap()
    }

    pub(crate) async fn activity_done(&self, task: &api::PollActivityTaskQueueResponse) -> Result<(), Error> {
        let request = api::RespondActivityTaskCompletedRequest {
            task_token: task.task_token.clone(),
            result: Some(testkit::commands::payloads("done")),
            identity: "worker".to_owned(),
            ..Default::default()
        };
        self.service.activity_completed(&Context::default(), &namespace(), request).await
    }

    pub(crate) async fn signal(&self, id: &str, name: &str) -> Result<(), Error> {
        let request = api::SignalWorkflowExecutionRequest {
            workflow_execution: Some(execution(id)),
            signal_name: name.to_owned(),
            request_id: format!("signal-{}", self.disk.next.fetch_add(1, Ordering::Relaxed)),
            ..Default::default()
        };
        self.service.signal_workflow(&Context::default(), &namespace(), request, None).await.map(|_| ())
    }

    pub(crate) async fn history(&self, id: &str) -> Result<Vec<HistoryEvent>, Error> {
        self.history_of(id, "").await
    }

    pub(crate) async fn history_of(&self, id: &str, run_id: &str) -> Result<Vec<HistoryEvent>, Error> {
        let execution = WorkflowExecution { run_id: run_id.to_owned(), ..execution(id) };
        let request = api::GetWorkflowExecutionHistoryRequest { execution: Some(execution), ..Default::default() };
        let answer = self.service.get_history(&Context::default(), &namespace(), request).await?;
        Ok(answer.history.unwrap_or_default().events)
    }

    pub(crate) async fn describe(&self, id: &str) -> Result<api::DescribeWorkflowExecutionResponse, Error> {
        let request = api::DescribeWorkflowExecutionRequest { execution: Some(execution(id)), ..Default::default() };
        self.service.describe_workflow(&Context::default(), &namespace(), request).await
    }
}

pub(crate) fn execution(id: &str) -> WorkflowExecution {
    WorkflowExecution { workflow_id: id.to_owned(), run_id: String::new() }
}

/// The query that tests ask of `order-1`.
pub(crate) fn query() -> api::QueryWorkflowRequest {
    api::QueryWorkflowRequest {
        execution: Some(execution("order-1")),
        query: Some(WorkflowQuery { query_type: "state".to_owned(), ..Default::default() }),
        ..Default::default()
    }
}

pub(crate) fn key(id: &str) -> ChainKey {
    ChainKey::workflow(namespace().id, WorkflowId::parse(id).unwrap())
}

pub(crate) fn start_request(id: &str) -> api::StartWorkflowExecutionRequest {
    api::StartWorkflowExecutionRequest {
        namespace: "default".to_owned(),
        workflow_id: id.to_owned(),
        workflow_type: Some(WorkflowType { name: "Order".to_owned() }),
        task_queue: Some(TaskQueue { name: "orders".to_owned(), kind: 1, normal_name: String::new() }),
        workflow_task_timeout: Some(testkit::commands::seconds_of(10)),
        request_id: format!("start-{id}"),
        identity: "client".to_owned(),
        ..Default::default()
    }
}

pub(crate) fn types(events: &[HistoryEvent]) -> Vec<EventType> {
    events.iter().map(HistoryEvent::event_type).collect()
}

/// Lets everything run that can run without time passing.
pub(crate) async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}
