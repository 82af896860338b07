//! The calls of a client, with everything that can be said in them, and what it believes afterwards.

use std::sync::Arc;
use std::time::Duration;

use model::{ChainKey, RunId};
use proto::temporal::api::common::v1::{Memo, RetryPolicy, WorkflowType};
use proto::temporal::api::enums::v1::{
    HistoryEventFilterType, WorkflowIdConflictPolicy as Conflict, WorkflowIdReusePolicy as Reuse,
};
use proto::temporal::api::query::v1::WorkflowQuery;
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflow::v1::OnConflictOptions;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::{History, Matching};
use rpc::{Context, Error};
use testkit::commands::{payload, payloads, seconds_of};

use crate::invariants::of_answers::Fact;
use crate::process::{Process, namespace};
use crate::program::commands::execution;
use crate::rng::Rng;
use crate::worker::{self, IDS, QUEUE};
use crate::world::World;

/// A client.
pub(crate) struct Client {
    pub(crate) world: Arc<World>,
    pub(crate) name: String,
    pub(crate) rng: Rng,
    requests: u64,
}

impl Client {
    pub(crate) fn new(world: &Arc<World>, name: &str) -> Self {
        Self { world: world.clone(), name: name.to_owned(), rng: world.rng.fork(name), requests: 0 }
    }

    /// One call of any kind.
    pub(crate) async fn something(&mut self) {
        let id = format!("wf-{}", self.rng.below(IDS));
        match self.rng.below(50) {
            0..=16 => self.start(&id).await,
            17..=27 => self.signal(&id).await,
            28..=31 => self.signal_with_start(&id).await,
            32..=34 => self.cancel(&id).await,
            35 => self.terminate(&id).await,
            36 if self.rng.chance(1, 3) => {
                let child = self.a_child().unwrap_or(id);
                self.terminate(&child).await;
            }
            36 => self.delete(&id).await,
            37..=39 => self.query(&id),
            40..=41 => self.describe(&id).await,
            42..=45 => self.read(&id),
            46 => self.read_backwards(&id).await,
            47 => self.reset_sticky(&id).await,
            48 => self.describe_queue().await,
            _ => self.signal("nobody").await,
        }
    }

    /// A child that is under way.
    fn a_child(&mut self) -> Option<String> {
        let log = self.world.disk.log.lock();
        let children: Vec<&str> = log.open().iter().map(|run| run.key.chain.id.as_str()).filter(|id| id.contains('/')).collect();
        (!children.is_empty()).then(|| (*self.rng.pick(&children)).to_owned())
    }

    fn request_id(&mut self) -> String {
        self.requests += 1;
        format!("{}-{}", self.name, self.requests)
    }

    /// Calls until somebody answers; now and then it says the same again.
    async fn insist<T>(&mut self, call: impl AsyncFn(&Process) -> Result<T, Error>) -> Result<T, Error> {
        let patience = if self.rng.chance(1, 6) { 1 } else { 6 };
        let again = self.rng.chance(1, 8);
        let mut last = Err(Error::Unavailable("never called".to_owned()));
        for _ in 0..patience {
            let process = self.world.process().await;
            last = process.call(call(&process)).await;
            match &last {
                Err(Error::Unavailable(_) | Error::ResourceExhausted { .. }) => {
                    let pause = self.rng.millis(20, 400);
                    crate::clock::wait(pause).await;
                }
                Err(_) => return last,
                Ok(_) if again => {
                    let second = process.call(call(&process)).await;
                    return if second.is_ok() { second } else { last };
                }
                Ok(_) => return last,
            }
        }
        last
    }

    pub(crate) fn start_request(&mut self, id: &str) -> api::StartWorkflowExecutionRequest {
        api::StartWorkflowExecutionRequest {
            namespace: "default".to_owned(),
            workflow_id: id.to_owned(),
            workflow_type: Some(WorkflowType { name: "Anything".to_owned() }),
            task_queue: Some(TaskQueue { name: QUEUE.to_owned(), kind: 1, normal_name: String::new() }),
            input: Some(payloads("0")),
            workflow_task_timeout: Some(seconds_of(10)),
            request_id: self.request_id(),
            identity: self.name.clone(),
            ..Default::default()
        }
    }

    async fn start(&mut self, id: &str) {
        let mut request = self.start_request(id);
        let conflicts = [Conflict::Unspecified, Conflict::Fail, Conflict::UseExisting, Conflict::TerminateExisting];
        let reuses = [Reuse::AllowDuplicate, Reuse::AllowDuplicateFailedOnly, Reuse::RejectDuplicate];
        let rng = &mut self.rng;
        if rng.chance(1, 3) {
            request.workflow_id_conflict_policy = *rng.pick(&conflicts) as i32;
            request.workflow_id_reuse_policy = *rng.pick(&reuses) as i32;
        }
        if request.workflow_id_conflict_policy() == Conflict::UseExisting {
            request.on_conflict_options = Some(OnConflictOptions { attach_request_id: true, ..Default::default() });
        }
        match rng.below(24) {
            0 => request.cron_schedule = "* * * * *".to_owned(),
            1 => request.workflow_start_delay = Some(seconds_of(rng.between(1, 30))),
            2..=3 => request.request_eager_execution = true,
            4..=6 => {
                let maximum_attempts = i32::try_from(rng.between(2, 3)).unwrap_or(2);
                request.retry_policy = Some(RetryPolicy { maximum_attempts, ..RetryPolicy::default() });
            }
            7..=8 => request.workflow_run_timeout = Some(seconds_of(rng.between(3, 90))),
            9 => request.workflow_execution_timeout = Some(seconds_of(rng.between(5, 90))),
            10 => request.memo = Some(Memo { fields: [("note".to_owned(), payload("x"))].into_iter().collect() }),
            11 => request.workflow_task_timeout = Some(seconds_of(2)),
            _ => {}
        }
        self.start_as(id, request).await;
    }

    /// Starts a workflow by this very request.
    pub(crate) async fn start_as(&mut self, id: &str, request: api::StartWorkflowExecutionRequest) {
        let request_id = request.request_id.clone();
        let result = self
            .insist(async |process| {
                process.history.start_workflow(&Context::default(), &namespace(), request.clone(), None).await
            })
            .await;
        self.world.say(|| format!("{} starts {id}: {result:?}", self.name));
        if let (Ok(answer), Some(chain)) = (result, World::chain(id))
            && let Ok(run) = RunId::parse(&answer.run_id)
        {
            self.world.told(Fact::Started { chain, run, request_id, created: answer.started });
            if let Some(task) = answer.eager_workflow_task {
                worker::eager(&self.world, task);
            }
        }
    }

    pub(crate) async fn signal(&mut self, id: &str) {
        let request = api::SignalWorkflowExecutionRequest {
            workflow_execution: Some(execution(id, "")),
            signal_name: "news".to_owned(),
            input: Some(payloads("news")),
            request_id: self.request_id(),
            identity: self.name.clone(),
            ..Default::default()
        };
        let result = self
            .insist(async |process| {
                process.history.signal_workflow(&Context::default(), &namespace(), request.clone(), None).await
            })
            .await;
        self.world.say(|| format!("{} signals {id}: {result:?}", self.name));
        self.believe(result, id, |chain| Fact::Signaled { chain, request_id: request.request_id.clone() });
    }

    async fn signal_with_start(&mut self, id: &str) {
        let start = self.start_request(id);
        let request = api::SignalWithStartWorkflowExecutionRequest {
            namespace: start.namespace,
            workflow_id: start.workflow_id,
            workflow_type: start.workflow_type,
            task_queue: start.task_queue,
            input: start.input,
            workflow_task_timeout: start.workflow_task_timeout,
            request_id: start.request_id,
            identity: start.identity,
            signal_name: "hello".to_owned(),
            ..Default::default()
        };
        let result = self
            .insist(async |process| {
                process.history.signal_with_start_workflow(&Context::default(), &namespace(), request.clone()).await
            })
            .await;
        self.world.say(|| format!("{} signals or starts {id}: {result:?}", self.name));
        self.believe(result, id, |chain| Fact::Signaled { chain, request_id: request.request_id.clone() });
    }

    async fn cancel(&mut self, id: &str) {
        let request = api::RequestCancelWorkflowExecutionRequest {
            workflow_execution: Some(execution(id, "")),
            request_id: self.request_id(),
            reason: "changed my mind".to_owned(),
            identity: self.name.clone(),
            ..Default::default()
        };
        let result = self
            .insist(async |process| {
                process.history.request_cancel_workflow(&Context::default(), &namespace(), request.clone(), None).await
            })
            .await;
        self.world.say(|| format!("{} cancels {id}: {result:?}", self.name));
        self.believe(result, id, |chain| Fact::CancelRequested { chain, request_id: request.request_id.clone() });
    }

    pub(crate) async fn terminate(&mut self, id: &str) {
        let request = api::TerminateWorkflowExecutionRequest {
            workflow_execution: Some(execution(id, "")),
            reason: "enough".to_owned(),
            identity: self.name.clone(),
            ..Default::default()
        };
        let result = self
            .insist(async |process| {
                process.history.terminate_workflow(&Context::default(), &namespace(), request.clone(), None).await
            })
            .await;
        self.world.say(|| format!("{} terminates {id}: {result:?}", self.name));
        self.believe(result, id, |chain| Fact::Terminated { chain });
    }

    async fn delete(&mut self, id: &str) {
        let request = api::DeleteWorkflowExecutionRequest { workflow_execution: Some(execution(id, "")), ..Default::default() };
        let result = self
            .insist(async |process| process.history.delete_workflow(&Context::default(), &namespace(), request.clone()).await)
            .await;
        self.world.say(|| format!("{} deletes {id}: {result:?}", self.name));
        self.believe(result, id, |chain| Fact::Deleted { chain });
    }

    /// Notes what an answer promised.
    fn believe<T>(&self, result: Result<T, Error>, id: &str, fact: impl FnOnce(ChainKey) -> Fact) {
        if let (Ok(_), Some(chain)) = (result, World::chain(id)) {
            self.world.told(fact(chain));
        }
    }

    /// Asks, and waits beside everything else.
    fn query(&self, id: &str) {
        let (world, id, name) = (self.world.clone(), id.to_owned(), self.name.clone());
        tokio::task::spawn_local(async move {
            let process = world.process().await;
            let request = api::QueryWorkflowRequest {
                execution: Some(execution(&id, "")),
                query: Some(WorkflowQuery { query_type: "status".to_owned(), ..Default::default() }),
                ..Default::default()
            };
            let context = Context::within(Duration::from_secs(8));
            let result = process.call(process.history.query_workflow(&context, &namespace(), request)).await;
            world.say(|| format!("{name} asks {id}: {result:?}"));
        });
    }

    async fn describe(&mut self, id: &str) {
        let request = api::DescribeWorkflowExecutionRequest { execution: Some(execution(id, "")), ..Default::default() };
        let process = self.world.process().await;
        let result = process.call(process.history.describe_workflow(&Context::default(), &namespace(), request)).await;
        let info = result.ok().and_then(|answer| answer.workflow_execution_info);
        self.world.say(|| format!("{} describes {id}: {:?}", self.name, info.map(|info| (info.status, info.history_length))));
    }

    /// Reads a history to its end, or waits for its last event, beside everything else.
    fn read(&mut self, id: &str) {
        let (world, id, waits) = (self.world.clone(), id.to_owned(), self.rng.chance(1, 2));
        let close_only = waits && self.rng.chance(1, 2);
        tokio::task::spawn_local(async move {
            let Some(chain) = World::chain(&id) else { return };
            let mut token = prost::bytes::Bytes::new();
            let mut run_id = String::new();
            for _ in 0..20 {
                let process = world.process().await;
                let request = api::GetWorkflowExecutionHistoryRequest {
                    execution: Some(execution(&id, &run_id)),
                    wait_new_event: waits,
                    history_event_filter_type: if close_only { HistoryEventFilterType::CloseEvent as i32 } else { 0 },
                    next_page_token: token.clone(),
                    ..Default::default()
                };
                let context = Context::within(Duration::from_secs(10));
                let Ok(answer) = process.call(process.history.get_history(&context, &namespace(), request)).await else {
                    return;
                };
                let events = answer.history.unwrap_or_default().events;
                world.say(|| format!("history of {id}: {} events", events.len()));
                if let Some(run) = run_of(&world, &chain, &events, &mut run_id) {
                    world.shown(&chain, run, &events);
                }
                token = answer.next_page_token;
                if token.is_empty() {
                    return;
                }
            }
        });
    }

    async fn read_backwards(&mut self, id: &str) {
        let request = api::GetWorkflowExecutionHistoryReverseRequest { execution: Some(execution(id, "")), ..Default::default() };
        let process = self.world.process().await;
        let result = process.call(process.history.get_history_reverse(&Context::default(), &namespace(), request)).await;
        let events = result.ok().and_then(|answer| answer.history).unwrap_or_default().events;
        self.world.say(|| format!("{} reads {id} backwards: {} events", self.name, events.len()));
        if let (Some(chain), mut run_id) = (World::chain(id), String::new())
            && let Some(run) = run_of(&self.world, &chain, &events, &mut run_id)
        {
            self.world.shown(&chain, run, &events);
        }
    }

    async fn reset_sticky(&mut self, id: &str) {
        let request = api::ResetStickyTaskQueueRequest { execution: Some(execution(id, "")), ..Default::default() };
        let process = self.world.process().await;
        let _done = process.call(process.history.reset_sticky_task_queue(&Context::default(), &namespace(), request)).await;
    }

    async fn describe_queue(&mut self) {
        let request = api::DescribeTaskQueueRequest {
            task_queue: Some(TaskQueue { name: QUEUE.to_owned(), ..TaskQueue::default() }),
            report_stats: true,
            ..Default::default()
        };
        let process = self.world.process().await;
        let result = process.call(process.matching.describe_task_queue(&Context::default(), &namespace(), request)).await;
        self.world.say(|| format!("{} describes the queue: {:?}", self.name, result.ok().and_then(|answer| answer.stats)));
    }
}

/// Which run a piece of history is of: its first event says so.
fn run_of(
    world: &World,
    chain: &ChainKey,
    events: &[proto::temporal::api::history::v1::HistoryEvent],
    known: &mut String,
) -> Option<RunId> {
    if known.is_empty() {
        let log = world.disk.log.lock();
        let of = events.iter().find(|event| event.event_id == 1)?;
        let run = log.chain(chain).find(|run| run.events.first() == Some(of))?;
        *known = run.key.run.to_string();
    }
    RunId::parse(known).ok()
}
