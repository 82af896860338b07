//! Workers: they poll both services' queues, keep histories as SDKs do, think, answer, heartbeat, forget, and restart.

mod activities;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::{ChainKey, RunId};
use parking_lot::Mutex;
use proto::temporal::api::enums::v1::{QueryResultType, TaskQueueKind};
use proto::temporal::api::history::v1::HistoryEvent;
use proto::temporal::api::query::v1::WorkflowQueryResult;
use proto::temporal::api::taskqueue::v1::{StickyExecutionAttributes, TaskQueue};
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::{History, Matching};
use rpc::{Context, Error};
use testkit::commands::{payloads, seconds_of};

use crate::invariants::{Violation, of_answers};
use crate::process::namespace;
use crate::program::commands::execution;
use crate::program::{Anything, Program, Reply, View};
use crate::rng::Rng;
use crate::world::World;

/// The one task queue of the world.
pub(crate) const QUEUE: &str = "work";
/// How many ids workflows address.
pub(crate) const IDS: u64 = 14;
/// How long a poll waits.
const POLL: Duration = Duration::from_secs(15);

/// A worker for workflow tasks.
pub(crate) struct Worker {
    pub(crate) world: Arc<World>,
    pub(crate) name: String,
    pub(crate) program: Arc<dyn Program>,
    /// Histories by run, as far as they were seen.
    cache: Mutex<BTreeMap<RunId, Vec<HistoryEvent>>>,
    sticky: Mutex<Option<String>>,
    pub(crate) rng: Mutex<Rng>,
    /// Whether it thinks, forgets and fails; a steady one only works.
    pub(crate) moody: bool,
}

/// Two workers for workflow tasks (one of them sticky), two for activities.
pub(crate) fn hire(world: &Arc<World>) {
    let program = Arc::new(Anything { seed: world.seed, ids: IDS });
    for name in ["one", "two"] {
        let worker = Worker::new(world, name, program.clone(), true);
        *worker.sticky.lock() = (name == "one").then(|| "sticky-one-0".to_owned());
        worker.start();
    }
    for name in ["three", "four"] {
        activities::start(world, name, true);
    }
}

/// One steady worker of each kind, for programs of their own.
pub(crate) fn hire_steady(world: &Arc<World>, program: Arc<dyn Program>) {
    let worker = Worker::new(world, "steady", program, false);
    *worker.sticky.lock() = Some("sticky-steady-0".to_owned());
    worker.start();
    activities::start(world, "steady too", false);
}

impl Worker {
    fn new(world: &Arc<World>, name: &str, program: Arc<dyn Program>, moody: bool) -> Arc<Self> {
        Arc::new(Self {
            world: world.clone(),
            name: name.to_owned(),
            program,
            cache: Mutex::default(),
            sticky: Mutex::default(),
            rng: Mutex::new(world.rng.fork(name)),
            moody,
        })
    }

    fn start(self: &Arc<Self>) {
        for sticky in [false, true] {
            let worker = self.clone();
            tokio::task::spawn_local(async move {
                let over = worker.world.over.clone();
                tokio::select! {
                    biased;
                    () = over.cancelled() => {}
                    () = worker.poll(sticky) => {}
                }
            });
        }
    }

    async fn poll(self: &Arc<Self>, sticky: bool) {
        loop {
            let queue = match (sticky, self.sticky.lock().clone()) {
                (false, _) => TaskQueue { name: QUEUE.to_owned(), kind: TaskQueueKind::Normal as i32, ..TaskQueue::default() },
                (true, Some(name)) => TaskQueue { name, kind: TaskQueueKind::Sticky as i32, normal_name: QUEUE.to_owned() },
                (true, None) => return,
            };
            let process = self.world.process().await;
            let request = api::PollWorkflowTaskQueueRequest {
                namespace: "default".to_owned(),
                task_queue: Some(queue),
                identity: self.name.clone(),
                ..Default::default()
            };
            let context = Context::within(POLL);
            match process.call(process.matching.poll_workflow_task(&context, &namespace(), request)).await {
                Ok(task) if !task.task_token.is_empty() => self.take(task).await,
                // Matching answers at once while it stops.
                Ok(_) => crate::clock::wait(Duration::from_millis(20)).await,
                Err(error) => {
                    self.world.say(|| format!("{} polls in vain: {error}", self.name));
                    crate::clock::wait(Duration::from_millis(100)).await;
                }
            }
            if self.moody && self.rng.lock().chance(1, 60) {
                self.restart().await;
            }
        }
    }

    /// Forgets all histories; says goodbye to its sticky queue or not.
    async fn restart(&self) {
        self.cache.lock().clear();
        let Some(old) = self.sticky.lock().clone() else { return };
        self.world.say(|| format!("{} restarts", self.name));
        let number: u64 = old.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        *self.sticky.lock() = Some(format!("sticky-{}-{}", self.name, number + 1));
        if self.rng.lock().chance(1, 2) {
            let process = self.world.process().await;
            let request = api::ShutdownWorkerRequest { sticky_task_queue: old, ..Default::default() };
            let _heard = process.call(process.matching.shutdown_worker(&Context::default(), &namespace(), request)).await;
        }
    }

    /// Handles a task, and those that come with the answers to it.
    async fn take(self: &Arc<Self>, task: api::PollWorkflowTaskQueueResponse) {
        let mut next = Some(task);
        while let Some(task) = next.take() {
            if task.query.is_some() {
                return self.answer_query(task).await;
            }
            next = self.work(task).await;
        }
    }

    async fn answer_query(&self, task: api::PollWorkflowTaskQueueResponse) {
        let process = self.world.process().await;
        let request = api::RespondQueryTaskCompletedRequest {
            task_token: task.task_token,
            completed_type: QueryResultType::Answered as i32,
            query_result: Some(payloads("an answer")),
            ..Default::default()
        };
        let _heard = process.call(process.matching.query_answered(&Context::default(), &namespace(), request)).await;
    }

    pub(crate) async fn work(
        self: &Arc<Self>,
        task: api::PollWorkflowTaskQueueResponse,
    ) -> Option<api::PollWorkflowTaskQueueResponse> {
        let execution = task.workflow_execution.clone()?;
        let chain = World::chain(&execution.workflow_id)?;
        let run = RunId::parse(&execution.run_id).ok()?;
        self.world.say(|| format!("{} has task {} of {chain} {run} attempt {}", self.name, task.started_event_id, task.attempt));
        let events = self.history(&chain, run, &task).await?;
        // While it reads page after page, its task may be taken from it; then the end is another one.
        let whole = task.next_page_token.is_empty();
        if let Some(detail) = of_answers::hand_outs_are_whole(&events, whole.then_some(task.started_event_id)) {
            let violation = Violation { invariant: of_answers::NAMES[3], detail: format!("{chain} {run}: {detail}") };
            self.world.fault(violation);
        }
        self.think().await;
        let view = View::new(run, &execution.workflow_id, &events);
        match self.program.step(&view, task.attempt, self.world.finale.is_cancelled()) {
            Reply::Silence => {
                self.cache.lock().remove(&run);
                None
            }
            Reply::Fail(cause) => {
                let request = api::RespondWorkflowTaskFailedRequest {
                    task_token: task.task_token,
                    cause: cause as i32,
                    failure: Some(testkit::commands::application_failure("no", false)),
                    identity: self.name.clone(),
                    ..Default::default()
                };
                let process = self.world.process().await;
                let (context, namespace) = (Context::default(), namespace());
                let _heard = process.call(process.history.workflow_task_failed(&context, &namespace, request)).await;
                None
            }
            Reply::Complete(commands, force) => self.complete(&chain, run, task, commands, force).await,
        }
    }

    async fn think(&self) {
        if self.moody {
            let time = {
                let mut rng = self.rng.lock();
                if rng.chance(1, 80) { Duration::from_secs(12) } else { rng.millis(0, 120) }
            };
            crate::clock::wait(time).await;
        }
    }

    /// Puts together what was kept and what came; asks for all of it where that does not fit.
    async fn history(
        &self,
        chain: &ChainKey,
        run: RunId,
        task: &api::PollWorkflowTaskQueueResponse,
    ) -> Option<Vec<HistoryEvent>> {
        let mut fresh = task.history.clone().unwrap_or_default().events;
        let mut token = task.next_page_token.clone();
        while !token.is_empty() {
            let (more, next) = self.page(chain, run, token).await?;
            fresh.extend(more);
            token = next;
        }
        self.world.shown(chain, run, &fresh);
        let first = fresh.first().map_or(1, |event| event.event_id);
        let kept = if first == 1 { Vec::new() } else { self.cache.lock().get(&run).cloned().unwrap_or_default() };
        let kept: Vec<HistoryEvent> = kept.into_iter().filter(|event| event.event_id < first).collect();
        if i64::try_from(kept.len()).ok()? + 1 == first {
            fresh.splice(0..0, kept);
        } else {
            // A sticky task whose beginning is forgotten: read it again up to where the task goes on.
            let mut all = Vec::new();
            let mut token = Bytes::new();
            loop {
                let (more, next) = self.page(chain, run, token).await?;
                all.extend(more.into_iter().filter(|event| event.event_id < first));
                token = next;
                if token.is_empty() {
                    break;
                }
            }
            fresh.splice(0..0, all);
        }
        if self.moody || fresh.len() < 2_000 {
            self.cache.lock().insert(run, fresh.clone());
        }
        Some(fresh)
    }

    async fn page(&self, chain: &ChainKey, run: RunId, token: Bytes) -> Option<(Vec<HistoryEvent>, Bytes)> {
        for _ in 0..5 {
            let process = self.world.process().await;
            let request = api::GetWorkflowExecutionHistoryRequest {
                execution: Some(execution(chain.id.as_str(), &run.to_string())),
                next_page_token: token.clone(),
                ..Default::default()
            };
            match process.call(process.history.get_history(&Context::within(POLL), &namespace(), request)).await {
                Ok(answer) => return Some((answer.history.unwrap_or_default().events, answer.next_page_token)),
                Err(Error::NotFound(_)) => return None,
                Err(_) => crate::clock::wait(Duration::from_millis(50)).await,
            }
        }
        None
    }

    async fn complete(
        self: &Arc<Self>,
        chain: &ChainKey,
        run: RunId,
        task: api::PollWorkflowTaskQueueResponse,
        commands: Vec<proto::temporal::api::command::v1::Command>,
        force: bool,
    ) -> Option<api::PollWorkflowTaskQueueResponse> {
        let answered = WorkflowQueryResult {
            result_type: QueryResultType::Answered as i32,
            answer: Some(payloads("an answer")),
            ..Default::default()
        };
        let sticky = self.sticky.lock().clone().map(|name| StickyExecutionAttributes {
            worker_task_queue: Some(TaskQueue { name, kind: TaskQueueKind::Sticky as i32, normal_name: QUEUE.to_owned() }),
            schedule_to_start_timeout: Some(seconds_of(5)),
        });
        let (wants_next, build) = {
            let mut rng = self.rng.lock();
            (self.moody && rng.chance(1, 4), if rng.chance(1, 12) { format!("build-{}", rng.below(3)) } else { String::new() })
        };
        #[expect(deprecated, reason = "workers of old name their build so, and reset points come of it")]
        let request = api::RespondWorkflowTaskCompletedRequest {
            task_token: task.task_token.clone(),
            commands,
            identity: self.name.clone(),
            sticky_attributes: sticky,
            return_new_workflow_task: wants_next,
            force_create_new_workflow_task: force,
            binary_checksum: build,
            query_results: task.queries.keys().map(|id| (id.clone(), answered.clone())).collect(),
            ..Default::default()
        };
        for _ in 0..4 {
            let process = self.world.process().await;
            let (context, namespace) = (Context::default(), namespace());
            match process.call(process.history.workflow_task_completed(&context, &namespace, request.clone())).await {
                Ok(answer) => {
                    self.world.told(of_answers::Fact::TaskCompleted {
                        chain: chain.clone(),
                        run,
                        started_event_id: task.started_event_id,
                    });
                    for activity in answer.activity_tasks {
                        activities::begin(&self.world, &self.name, activity, self.moody);
                    }
                    return answer.workflow_task;
                }
                Err(Error::Unavailable(_) | Error::ResourceExhausted { .. }) => {
                    crate::clock::wait(Duration::from_millis(150)).await;
                }
                Err(error) => {
                    self.world.say(|| format!("{} is refused: {error}", self.name));
                    self.cache.lock().remove(&run);
                    return None;
                }
            }
        }
        None
    }
}

type Bytes = prost::bytes::Bytes;

/// Lets a worker handle a task that came with an answer to a client.
pub(crate) fn eager(world: &Arc<World>, task: api::PollWorkflowTaskQueueResponse) {
    let worker = Worker::new(world, "eager", Arc::new(Anything { seed: world.seed, ids: IDS }), true);
    tokio::task::spawn_local(async move { worker.take(task).await });
}
