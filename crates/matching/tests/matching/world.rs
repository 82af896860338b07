//! The service in paused time, a backlog in memory behind switches, and the shortest ways to offer and to poll.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use matching::{Options, Ports, Service};
use membership::View;
use model::{ChainKey, Clock, Epoch, MemberId, NamespaceId, RunId, RunKey, TaskQueueKind, TaskQueueName, Timestamp, WorkflowId};
use opentelemetry::metrics::Meter;
use persistence::memory::Memory;
use persistence::{Backlog, BacklogKey, Levels, SpilledTask};
use proto::temporal::api::taskqueue::v1::{TaskQueue, TaskQueueMetadata};
use proto::temporal::api::workflowservice::v1 as api;
use rpc::clients::HistoryClient;
use rpc::services::NamespaceRef;
use rpc::services::matching::{Matching, Offer, Receipt};
use rpc::{Context, Error};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::history::Starts;

const BEGIN: Timestamp = Timestamp::from_parts(1_800_000_000, 0);

/// Follows tokio's clock, so that paused time is everybody's time.
struct TokioClock(tokio::time::Instant, Arc<AtomicU64>);

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        BEGIN + self.0.elapsed() + Duration::from_secs(self.1.load(Ordering::SeqCst))
    }
}

/// A stored backlog whose reads can be held and whose writes can fail.
pub(crate) struct Switched {
    inner: Arc<dyn Backlog>,
    pub(crate) hold_reads: AtomicBool,
    pub(crate) release: Notify,
    pub(crate) fail_spills: AtomicBool,
    /// The most rows that one spill was asked to write.
    pub(crate) widest: AtomicUsize,
}

#[async_trait]
impl Backlog for Switched {
    async fn acquire(&self, queue: &BacklogKey, me: MemberId) -> Result<Epoch, persistence::Error> {
        self.inner.acquire(queue, me).await
    }

    async fn spill(&self, queue: &BacklogKey, epoch: Epoch, tasks: &[SpilledTask]) -> Result<(), persistence::Error> {
        self.widest.fetch_max(tasks.len(), Ordering::SeqCst);
        if self.fail_spills.load(Ordering::SeqCst) {
            return Err(persistence::Error::Unavailable("the disk is full".into()));
        }
        self.inner.spill(queue, epoch, tasks).await
    }

    async fn read(
        &self,
        queue: &BacklogKey,
        after: Option<&SpilledTask>,
        limit: usize,
    ) -> Result<Vec<SpilledTask>, persistence::Error> {
        let rows = self.inner.read(queue, after, limit).await;
        if self.hold_reads.load(Ordering::SeqCst) {
            self.release.notified().await;
        }
        rows
    }

    async fn remove(&self, queue: &BacklogKey, epoch: Epoch, tasks: &[SpilledTask]) -> Result<(), persistence::Error> {
        self.inner.remove(queue, epoch, tasks).await
    }

    async fn count(&self, queue: &BacklogKey) -> Result<Levels, persistence::Error> {
        self.inner.count(queue).await
    }

    async fn queues(&self) -> Result<Vec<BacklogKey>, persistence::Error> {
        self.inner.queues().await
    }
}

/// One matching service.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) history: Arc<Starts>,
    pub(crate) backlog: Arc<Switched>,
    /// By how many seconds the clock was set forward.
    pub(crate) ahead: Arc<AtomicU64>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Options::STANDARD)
    }

    pub(crate) fn with(options: Options) -> Self {
        Self::over(Memory::without_visibility().stores().backlog, options, opentelemetry::global::meter("test"))
    }

    /// The next process, on what this one stored.
    pub(crate) fn restarted(&self, options: Options, meter: Meter) -> Self {
        Self::over(self.backlog.inner.clone(), options, meter)
    }

    fn over(stored: Arc<dyn Backlog>, options: Options, meter: Meter) -> Self {
        let member = MemberId::new(Uuid::from_u128(1));
        let client = HistoryClient::new(Arc::new(View::alone(member)));
        let history = Arc::new(Starts::default());
        client.set_local(history.clone());
        let backlog = Arc::new(Switched {
            inner: stored,
            hold_reads: AtomicBool::new(false),
            release: Notify::new(),
            fail_spills: AtomicBool::new(false),
            widest: AtomicUsize::new(0),
        });
        let ids = AtomicU64::new(1);
        let ahead = Arc::<AtomicU64>::default();
        let ports = Ports {
            clock: Arc::new(TokioClock(tokio::time::Instant::now(), ahead.clone())),
            ids: Arc::new(move || Uuid::from_u128(u128::from(ids.fetch_add(1, Ordering::Relaxed)) << 32)),
            member,
            backlog: backlog.clone(),
            history: client,
            namespaces: Arc::new(|id| (id == namespace().id).then(|| namespace().name)),
            meter,
        };
        Self { service: Service::new(options, ports), history, backlog, ahead }
    }

    pub(crate) async fn offer(&self, offer: Offer) -> Result<Receipt, Error> {
        self.service.offer(&Context::default(), &namespace(), offer).await
    }

    /// Polls for an activity; the workflow that it got, or none in time.
    pub(crate) async fn poll_activity(&self, rate: Option<f64>) -> Option<String> {
        let request = api::PollActivityTaskQueueRequest {
            task_queue: Some(queue()),
            identity: "worker".to_owned(),
            task_queue_metadata: Some(TaskQueueMetadata { max_tasks_per_second: rate }),
            ..Default::default()
        };
        let answer = self.service.poll_activity_task(&Context::default(), &namespace(), request).await.unwrap();
        answer.workflow_execution.map(|of| of.workflow_id)
    }

    /// The same for a workflow task.
    pub(crate) async fn poll_workflow(&self) -> api::PollWorkflowTaskQueueResponse {
        let request =
            api::PollWorkflowTaskQueueRequest { task_queue: Some(queue()), identity: "worker".to_owned(), ..Default::default() };
        self.service.poll_workflow_task(&Context::default(), &namespace(), request).await.unwrap()
    }

    /// A worker stops that calls this queue its sticky one.
    pub(crate) async fn goodbye(&self, queue: &str) {
        let request = api::ShutdownWorkerRequest { sticky_task_queue: queue.to_owned(), ..Default::default() };
        self.service.shutdown_worker(&Context::default(), &namespace(), request).await.unwrap();
    }

    /// How many activities wait, as DescribeTaskQueue tells.
    pub(crate) async fn waiting(&self) -> (i64, Duration) {
        let stats = self.described().await.stats.unwrap();
        let age = stats.approximate_backlog_age.unwrap();
        (stats.approximate_backlog_count, Duration::new(age.seconds as u64, age.nanos as u32))
    }

    /// DescribeTaskQueue of the activities.
    pub(crate) async fn described(&self) -> api::DescribeTaskQueueResponse {
        let request = api::DescribeTaskQueueRequest {
            task_queue: Some(queue()),
            task_queue_type: 2,
            report_stats: true,
            ..Default::default()
        };
        self.service.describe_task_queue(&Context::default(), &namespace(), request).await.unwrap()
    }
}

pub(crate) fn namespace() -> NamespaceRef {
    NamespaceRef { id: NamespaceId::new(Uuid::from_u128(7)), name: "default".into() }
}

fn queue() -> TaskQueue {
    TaskQueue { name: "orders".to_owned(), kind: 1, normal_name: String::new() }
}

pub(crate) fn key(workflow: &str) -> RunKey {
    let chain = ChainKey::workflow(namespace().id, WorkflowId::parse(workflow).unwrap());
    // Rows of the backlog are told apart by run.
    let run = workflow.bytes().fold(0, |run: u128, byte| (run << 8) | u128::from(byte));
    RunKey { chain, run: RunId::new(Uuid::from_u128(run)) }
}

/// The activity of a workflow, scheduled so long after the beginning.
pub(crate) fn activity(workflow: &str, scheduled: Duration) -> Offer {
    Offer {
        kind: TaskQueueKind::Activity,
        queue: TaskQueueName::parse("orders").unwrap(),
        sticky: false,
        key: key(workflow),
        scheduled_event_id: 5,
        attempt: 1,
        stamp: 0,
        priority: 3,
        scheduled: BEGIN + scheduled,
        expires: Timestamp::MAX,
    }
}

pub(crate) fn workflow_task(workflow: &str) -> Offer {
    Offer { kind: TaskQueueKind::Workflow, scheduled_event_id: 2, ..activity(workflow, Duration::ZERO) }
}

/// Lets everything run that can run without time passing.
pub(crate) async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}
