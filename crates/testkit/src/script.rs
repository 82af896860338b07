//! Drives one chain of runs through a script of inputs, as the history service would: decide, evolve, log. Every step also checks
//! what must hold of every step: the same decision twice, a fold of the log that equals the recovered state, tasks that were
//! announced, contiguous event ids, one last event, signals in the order in which they came.

mod acts;
mod order;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use history_engine::{
    Answer, Chain, CompleteWorkflowTask, Decision, Env, FailWorkflowTask, Input, NamespaceFacts, Rejection, Signal, Start,
    StartAnswer, StartWorkflowTask, StoredRun, Task, Terminate, WorkflowTaskCompletedAnswer, WorkflowTaskHandout,
    WorkflowTaskRef, decide,
};
use model::limits::Limits;
use model::{ChainKey, NamespaceId, RunId, Timestamp, WorkflowId};
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::command::v1::Command;
use proto::temporal::api::common::v1::{WorkflowExecution, WorkflowType};
use proto::temporal::api::enums::v1::{TaskQueueKind, WorkflowTaskFailedCause};
use proto::temporal::api::history::v1::HistoryEvent;
use proto::temporal::api::taskqueue::v1::{StickyExecutionAttributes, TaskQueue};
use proto::temporal::api::workflowservice::v1 as api;
use uuid::Uuid;

use crate::transcript;

/// A chain, its clock and its log.
#[derive(Debug, Clone)]
pub struct Script {
    /// The chain as it is in memory.
    pub chain: Chain,
    /// The time of the next input.
    pub now: Timestamp,
    /// The limits in force.
    pub limits: Limits,
    seed: u128,
    log: BTreeMap<RunId, Vec<stored::Turn>>,
    order: order::Order,
    transcript: String,
}

impl Default for Script {
    fn default() -> Self {
        Self::new()
    }
}

impl Script {
    /// An empty chain with the id `order-1`.
    pub fn new() -> Self {
        let namespace = NamespaceId::new(Uuid::from_u128(7));
        let id = WorkflowId::parse("order-1").expect("a plain id");
        Self {
            chain: Chain::empty(ChainKey::workflow(namespace, id)),
            now: Timestamp::from_millis(1_700_000_000_000),
            limits: Limits::DEFAULT,
            seed: 1,
            log: BTreeMap::new(),
            order: order::Order::default(),
            transcript: String::new(),
        }
    }

    /// Time passes; nothing else happens.
    pub fn pass(&mut self, time: Duration) -> &mut Self {
        self.now = self.now + time;
        self
    }

    /// Time passes, and what is due fires.
    pub fn wake_after(&mut self, time: Duration) -> &mut Self {
        self.pass(time);
        self.must(Input::Wake);
        self
    }

    /// Goes to the next moment at which something is due, and lets it fire.
    pub fn wake_next(&mut self) -> &mut Self {
        let at = self.chain.next_wake().expect("something falls due");
        self.now = self.now.max(at);
        self.must(Input::Wake);
        self
    }

    /// Gives the chain an input; its answer or its error (rejections and refusals alike).
    pub fn give(&mut self, input: Input) -> Result<Answer, Rejection> {
        self.seed += 1;
        let env = Env {
            now: self.now,
            limits: self.limits.clone(),
            namespace: NamespaceFacts { name: "default".to_owned(), id: Uuid::from_u128(7).to_string(), version: 0 },
            seed: Uuid::from_u128(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)),
        };
        let decision = decide(&self.chain, &input, &env)?;
        assert_eq!(Ok(&decision), decide(&self.chain, &input, &env).as_ref(), "the same input gave two decisions");
        self.commit(&decision);
        decision.answer
    }

    /// Like [`Script::give`], for inputs that must succeed.
    pub fn must(&mut self, input: Input) -> Answer {
        match self.give(input) {
            Ok(answer) => answer,
            Err(why) => panic!("refused: {why}\n{}", self.transcript),
        }
    }

    fn commit(&mut self, decision: &Decision) {
        let owed_before: BTreeSet<Task> = self.chain.tasks().into_iter().collect();
        let mut announced = Vec::new();
        let mut turns: BTreeMap<RunId, Vec<stored::Entry>> = BTreeMap::new();
        for record in &decision.records {
            announced.extend(self.chain.evolve(record));
            self.order.note(record);
            if let Some(entry) = record.logged() {
                turns.entry(record.run).or_default().push(entry.clone());
            }
        }
        for (run, entries) in turns {
            self.log.entry(run).or_default().push(stored::Turn { format: 1, entries });
        }
        self.log.retain(|run, _| self.chain.run(*run).is_some());
        let announced: BTreeSet<Task> = announced.into_iter().collect();
        let owed: BTreeSet<Task> = self.chain.tasks().into_iter().collect();
        let new: Vec<Task> = owed.difference(&owed_before).cloned().collect();
        self.transcript.push_str(&transcript::lines(decision, &new));
        let silent: Vec<_> = new.iter().filter(|task| !announced.contains(task)).collect();
        for task in owed_before.union(&owed).chain(&announced) {
            let owes = self.chain.run(task.run()).is_some_and(|run| run.owes(task));
            assert_eq!(owes, owed.contains(task), "{task:?} is asked for and listed otherwise");
        }
        assert!(silent.is_empty(), "owed, but not announced: {silent:?}\n{}", self.transcript);
        self.check();
    }

    /// What must hold after every turn.
    fn check(&self) {
        let folded = self.restored();
        let recovered = self.chain.clone().recovered();
        assert_eq!(folded, recovered, "the fold differs from the recovered state\n{}", self.transcript);
        assert_eq!(
            self.restored_from_snapshots(),
            recovered,
            "a snapshot differs from what it was taken of\n{}",
            self.transcript
        );
        for run in self.log.keys() {
            let events = self.history(*run);
            let ids: Vec<i64> = events.iter().map(|event| event.event_id).collect();
            let contiguous: Vec<i64> = (1..).take(ids.len()).collect();
            assert_eq!(ids, contiguous, "event ids have gaps");
            let state = self.chain.run(*run).expect("it is in memory");
            let ends = events.iter().filter(|event| ends_a_run(event)).count();
            assert_eq!(ends, usize::from(!state.is_open()), "a closed run has one last event, an open one none");
            let last = events.last().map(ends_a_run);
            assert!(state.is_open() || last == Some(true), "events after the last one\n{}", self.transcript);
            let names = events.iter().find(|event| !order::names_an_earlier_event(event));
            assert_eq!(names, None, "it names a start that is no event\n{}", self.transcript);
        }
    }

    /// The chain as a restart would find it.
    pub fn restored(&self) -> Chain {
        let runs = self.log.iter().map(|(run, turns)| (*run, StoredRun { snapshot: None, turns: turns.clone() }));
        Chain::restore(self.chain.key().clone(), self.chain.current_id(), runs.collect()).expect("our own log is readable")
    }

    /// The chain as a restart would find it, had every run a snapshot of this moment.
    fn restored_from_snapshots(&self) -> Chain {
        let runs = self.chain.runs().map(|run| (run.id(), StoredRun { snapshot: Some(run.snapshot()), turns: Vec::new() }));
        Chain::restore(self.chain.key().clone(), self.chain.current_id(), runs.collect()).expect("our own snapshots are readable")
    }

    /// The process dies and comes back.
    pub fn crash(&mut self) -> &mut Self {
        self.chain = self.restored();
        self.transcript.push_str("crash\n");
        self
    }

    /// Everything that happened so far: one line per event, mark, owed task and effect.
    pub fn transcript(&self) -> &str {
        &self.transcript
    }

    /// Forgets the lines so far.
    pub fn fresh_page(&mut self) -> &mut Self {
        self.transcript.clear();
        self
    }

    /// The log of every run, as it is stored.
    pub const fn log(&self) -> &BTreeMap<RunId, Vec<stored::Turn>> {
        &self.log
    }

    /// The durable history of a run.
    pub fn history(&self, run: RunId) -> Vec<HistoryEvent> {
        let entries = self.log.get(&run).into_iter().flatten().flat_map(|turn| &turn.entries);
        entries
            .filter_map(|entry| match &entry.kind {
                Some(stored::entry::Kind::Event(event)) => Some(event.clone()),
                _ => None,
            })
            .collect()
    }

    /// The durable history of the current run in shorthand.
    pub fn short(&self) -> String {
        self.chain.current_id().map(|run| transcript::shorthand(&self.history(run))).unwrap_or_default()
    }

    /// The current run.
    pub fn run(&self) -> RunId {
        self.chain.current_id().expect("a run was started")
    }

    /// A plain request to start the workflow.
    pub fn start_request(&self, request_id: &str) -> api::StartWorkflowExecutionRequest {
        api::StartWorkflowExecutionRequest {
            namespace: "default".to_owned(),
            workflow_id: "order-1".to_owned(),
            workflow_type: Some(WorkflowType { name: "Order".to_owned() }),
            task_queue: Some(TaskQueue { name: "orders".to_owned(), ..TaskQueue::default() }),
            request_id: request_id.to_owned(),
            identity: "client".to_owned(),
            ..api::StartWorkflowExecutionRequest::default()
        }
    }

    /// Starts the workflow.
    pub fn start(&mut self) -> RunId {
        let request = self.start_request("start-1");
        self.start_with(request).run_id
    }

    /// Starts a workflow by this request.
    pub fn start_with(&mut self, request: api::StartWorkflowExecutionRequest) -> StartAnswer {
        match self.must(Input::Start(Box::new(Start { request, parent: None }))) {
            Answer::Started(answer) => *answer,
            other => panic!("a start is not answered with {other:?}"),
        }
    }

    /// The workflow task that is owed, as matching would offer it.
    pub fn offered(&self) -> StartWorkflowTask {
        let task = self.chain.tasks().into_iter().find_map(|task| match task {
            Task::WorkflowTask { run, scheduled_event_id, attempt } => Some((run, scheduled_event_id, attempt)),
            _ => None,
        });
        let (run, scheduled_event_id, attempt) = task.unwrap_or_else(|| panic!("no workflow task\n{}", self.transcript));
        let state = self.chain.run(run).expect("it is in memory").state();
        let task_queue = state.workflow_task.as_ref().and_then(|task| task.task_queue.clone());
        StartWorkflowTask {
            run,
            scheduled_event_id,
            attempt,
            request_id: format!("poll-{}", self.seed),
            poll: api::PollWorkflowTaskQueueRequest {
                task_queue,
                identity: "worker".to_owned(),
                ..api::PollWorkflowTaskQueueRequest::default()
            },
        }
    }

    /// A worker gets the workflow task that is owed.
    pub fn poll(&mut self) -> WorkflowTaskHandout {
        let offered = self.offered();
        match self.must(Input::StartWorkflowTask(Box::new(offered))) {
            Answer::WorkflowTask(handout) => *handout,
            other => panic!("a poll is not answered with {other:?}"),
        }
    }

    /// A worker completes a workflow task.
    pub fn complete(&mut self, task: &WorkflowTaskHandout, commands: Vec<Command>) -> WorkflowTaskCompletedAnswer {
        let request = api::RespondWorkflowTaskCompletedRequest { commands, ..completion() };
        match self.try_complete(task, request) {
            Ok(answer) => answer,
            Err(why) => panic!("refused: {why}\n{}", self.transcript),
        }
    }

    /// A worker completes a workflow task by this request.
    pub fn try_complete(
        &mut self,
        task: &WorkflowTaskHandout,
        request: api::RespondWorkflowTaskCompletedRequest,
    ) -> Result<WorkflowTaskCompletedAnswer, Rejection> {
        self.try_complete_knowing(task, request, None)
    }

    /// The same where the namespace does not have the search attributes that a command sets.
    pub fn try_complete_knowing(
        &mut self,
        task: &WorkflowTaskHandout,
        request: api::RespondWorkflowTaskCompletedRequest,
        bad_search_attributes: Option<(usize, String)>,
    ) -> Result<WorkflowTaskCompletedAnswer, Rejection> {
        let input = CompleteWorkflowTask { task: reference(task), request, queries_wait: false, bad_search_attributes };
        match self.give(Input::CompleteWorkflowTask(Box::new(input)))? {
            Answer::WorkflowTaskCompleted(answer) => Ok(*answer),
            other => panic!("a completion is not answered with {other:?}"),
        }
    }

    /// A worker fails a workflow task.
    pub fn fail(&mut self, task: &WorkflowTaskHandout) -> &mut Self {
        let request = api::RespondWorkflowTaskFailedRequest {
            cause: WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure as i32,
            identity: "worker".to_owned(),
            ..api::RespondWorkflowTaskFailedRequest::default()
        };
        self.must(Input::FailWorkflowTask(Box::new(FailWorkflowTask { task: reference(task), request })));
        self
    }

    /// A signal to the current run.
    pub fn signal_input(&self, request_id: &str) -> Input {
        let request = api::SignalWorkflowExecutionRequest {
            workflow_execution: Some(self.target()),
            signal_name: "go".to_owned(),
            request_id: request_id.to_owned(),
            ..api::SignalWorkflowExecutionRequest::default()
        };
        Input::Signal(Box::new(Signal { request, from: None, child_workflow_only: false }))
    }

    /// Somebody signals the current run.
    pub fn signal(&mut self, request_id: &str) -> &mut Self {
        let input = self.signal_input(request_id);
        self.must(input);
        self
    }

    /// Somebody terminates the current run.
    pub fn terminate(&mut self) -> &mut Self {
        let request = api::TerminateWorkflowExecutionRequest {
            workflow_execution: Some(self.target()),
            ..api::TerminateWorkflowExecutionRequest::default()
        };
        self.must(Input::Terminate(Box::new(Terminate { request, from_parent: None })));
        self
    }

    /// Names the current run by its workflow id alone.
    pub fn target(&self) -> WorkflowExecution {
        WorkflowExecution { workflow_id: "order-1".to_owned(), run_id: String::new() }
    }
}

/// A completion without commands that keeps the worker's sticky queue out of it.
pub fn completion() -> api::RespondWorkflowTaskCompletedRequest {
    api::RespondWorkflowTaskCompletedRequest {
        identity: "worker".to_owned(),
        ..api::RespondWorkflowTaskCompletedRequest::default()
    }
}

/// What a worker says that wants the next task on its own queue.
pub fn sticky() -> Option<StickyExecutionAttributes> {
    Some(StickyExecutionAttributes {
        worker_task_queue: Some(TaskQueue {
            name: "worker-1".to_owned(),
            kind: TaskQueueKind::Sticky as i32,
            normal_name: "orders".to_owned(),
        }),
        schedule_to_start_timeout: Some(crate::commands::seconds_of(5)),
    })
}

/// The token of a hand-out.
pub fn reference(task: &WorkflowTaskHandout) -> WorkflowTaskRef {
    WorkflowTaskRef {
        run: task.run_id,
        scheduled_event_id: task.scheduled_event_id,
        started_event_id: task.started_event_id,
        attempt: task.attempt,
        handout_id: task.handout_id.clone(),
    }
}

fn ends_a_run(event: &HistoryEvent) -> bool {
    use proto::temporal::api::enums::v1::EventType as T;
    matches!(
        event.event_type(),
        T::WorkflowExecutionCompleted
            | T::WorkflowExecutionFailed
            | T::WorkflowExecutionTimedOut
            | T::WorkflowExecutionCanceled
            | T::WorkflowExecutionTerminated
            | T::WorkflowExecutionContinuedAsNew
    )
}
