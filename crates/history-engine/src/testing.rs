//! A small world for tests of verbs: one workflow whose worker the test plays, event by event. Every turn is checked against
//! the engine's laws.

pub(crate) mod commands;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::limits::Limits;
use model::{ChainKey, NamespaceId, RunId, Timestamp, WorkflowId};
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::command::v1::{Command, command::Attributes as C};
use proto::temporal::api::common::v1::{Payload, Payloads, WorkflowExecution, WorkflowType};
use proto::temporal::api::enums::v1::{CommandType, TaskQueueKind};
use proto::temporal::api::failure::v1::{ApplicationFailureInfo, Failure, failure::FailureInfo};
use proto::temporal::api::history::v1::{HistoryEvent, history_event::Attributes as A};
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflowservice::v1 as api;

use crate::chain::{Chain, StoredRun};
use crate::decision::{ActivityHandout, Answer, HeartbeatAnswer, WorkflowTaskCompletedAnswer, WorkflowTaskHandout};
use crate::env::{Env, NamespaceFacts};
use crate::input::{
    ActivityAttempt, ActivityRef, CompleteWorkflowTask, Input, Signal, Start, StartActivityTask, StartWorkflowTask,
    WorkflowTaskRef,
};
use crate::record::Record;
use crate::rejection::Rejection;
use crate::state::Run;
use crate::task::Task;

/// One workflow and its worker.
pub(crate) struct World {
    pub(crate) chain: Chain,
    pub(crate) env: Env,
    pub(crate) run: RunId,
    rows: BTreeMap<RunId, Vec<stored::Turn>>,
    history: BTreeMap<RunId, Vec<HistoryEvent>>,
    owed: BTreeSet<Task>,
    seeds: u128,
}

/// The request that [`World::start`] starts from.
pub(crate) fn start_request() -> api::StartWorkflowExecutionRequest {
    api::StartWorkflowExecutionRequest {
        namespace: "default".to_owned(),
        workflow_id: "order-1".to_owned(),
        workflow_type: Some(WorkflowType { name: "Order".to_owned() }),
        task_queue: Some(TaskQueue { name: "orders".to_owned(), kind: TaskQueueKind::Normal as i32, ..TaskQueue::default() }),
        workflow_task_timeout: seconds(10),
        identity: "client".to_owned(),
        request_id: "start-1".to_owned(),
        ..api::StartWorkflowExecutionRequest::default()
    }
}

/// A duration on the wire.
pub(crate) fn seconds(seconds: i64) -> Option<prost_types::Duration> {
    Some(prost_types::Duration { seconds, nanos: 0 })
}

/// A payload with a text.
pub(crate) fn payloads(text: &str) -> Option<Payloads> {
    Some(Payloads { payloads: vec![Payload { data: text.as_bytes().to_vec().into(), ..Payload::default() }] })
}

/// A failure of the application.
pub(crate) fn failure(kind: &str) -> Failure {
    let info = ApplicationFailureInfo { r#type: kind.to_owned(), ..ApplicationFailureInfo::default() };
    Failure {
        message: format!("{kind} happened"),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(info)),
        ..Failure::default()
    }
}

/// A signal to the workflow of [`start_request`].
pub(crate) fn signal(name: &str) -> Signal {
    let request = api::SignalWorkflowExecutionRequest {
        namespace: "default".to_owned(),
        workflow_execution: Some(WorkflowExecution { workflow_id: "order-1".to_owned(), run_id: String::new() }),
        signal_name: name.to_owned(),
        ..api::SignalWorkflowExecutionRequest::default()
    };
    Signal { request, from: None, child_workflow_only: false }
}

impl World {
    /// A workflow that was just started: S Ws.
    pub(crate) fn start(request: api::StartWorkflowExecutionRequest) -> Self {
        let key = ChainKey::workflow(
            NamespaceId::new(uuid::Uuid::from_u128(7)),
            WorkflowId::parse(&request.workflow_id).expect("a good id"),
        );
        let env = Env {
            now: Timestamp::from_millis(1_000_000),
            limits: Limits::DEFAULT,
            namespace: NamespaceFacts { name: "default".to_owned(), id: uuid::Uuid::from_u128(7).to_string(), version: 0 },
            seed: uuid::Uuid::from_u128(1),
        };
        let mut world = Self {
            chain: Chain::empty(key),
            env,
            run: RunId::new(uuid::Uuid::nil()),
            rows: BTreeMap::new(),
            history: BTreeMap::new(),
            owed: BTreeSet::new(),
            seeds: 1,
        };
        world.decide(Input::Start(Box::new(Start { request, parent: None }))).expect("the workflow starts");
        world.run = world.chain.current_id().expect("a run");
        world
    }

    /// The same with its first workflow task done, nothing pending: S Ws Wt Wc.
    pub(crate) fn idle() -> Self {
        let mut world = Self::start(start_request());
        world.takes_task();
        world.completes(Vec::new()).expect("an empty completion");
        world
    }

    /// An idle workflow that carries out these commands in its first task.
    pub(crate) fn with(commands: Vec<C>) -> Self {
        let mut world = Self::start(start_request());
        world.takes_task();
        world.completes(commands).expect("the commands are good");
        world
    }

    /// Time passes.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.env.now = self.env.now + time;
    }

    /// Time passes up to the next wake, which is decided.
    pub(crate) fn wake(&mut self) {
        let at = self.chain.next_wake().expect("something falls due");
        self.env.now = self.env.now.max(at);
        self.decide(Input::Wake).expect("a wake never fails");
    }

    /// Decides, applies, and checks the laws.
    pub(crate) fn decide(&mut self, input: Input) -> Result<Answer, Rejection> {
        self.seeds += 1;
        self.env.seed = uuid::Uuid::from_u128(self.seeds);
        let decision = crate::decide(&self.chain, &input, &self.env);
        assert_eq!(decision, crate::decide(&self.chain, &input, &self.env), "the same decision twice");
        let decision = decision?;
        self.apply(&decision.records);
        decision.answer
    }

    fn apply(&mut self, records: &[Record]) {
        let mut turns: BTreeMap<RunId, stored::Turn> = BTreeMap::new();
        for record in records {
            self.owed.extend(self.chain.evolve(record));
            if let Some(entry) = record.logged() {
                turns
                    .entry(record.run)
                    .or_insert_with(|| stored::Turn { format: 1, entries: Vec::new() })
                    .entries
                    .push(entry.clone());
            }
            self.history.entry(record.run).or_default().extend(record.event().cloned());
        }
        for (run, turn) in turns {
            self.rows.entry(run).or_default().push(turn);
        }
        self.check_laws();
    }

    fn check_laws(&mut self) {
        assert_eq!(self.restored(), self.chain.clone().recovered(), "the fold of what is logged");
        let owed: BTreeSet<Task> = self.chain.tasks().into_iter().collect();
        let untold: Vec<&Task> = owed.difference(&self.owed).collect();
        assert!(untold.is_empty(), "owed, but evolve never said so: {untold:?}");
        self.owed = owed;
    }

    fn restored(&self) -> Chain {
        let stored = |turns: &Vec<stored::Turn>| StoredRun { snapshot: None, turns: turns.clone() };
        let runs = self.rows.iter().map(|(run, turns)| (*run, stored(turns))).collect();
        Chain::restore(self.chain.key().clone(), self.chain.current_id(), runs).expect("rows that were written can be read")
    }

    /// A crash: what was not logged is gone.
    pub(crate) fn crash(&mut self) {
        self.chain = self.restored();
        self.owed = self.chain.tasks().into_iter().collect();
    }

    /// The run.
    pub(crate) fn run(&self) -> &Run {
        self.chain.run(self.run).expect("the run is in memory")
    }

    /// The worker polls the pending workflow task.
    pub(crate) fn takes_task(&mut self) -> WorkflowTaskHandout {
        let task = self.run().state().workflow_task.clone().expect("a workflow task is pending");
        let start = StartWorkflowTask {
            run: self.run,
            scheduled_event_id: task.scheduled_event_id,
            attempt: task.attempt,
            request_id: format!("poll-{}", self.seeds),
            poll: api::PollWorkflowTaskQueueRequest {
                task_queue: task.task_queue.clone(),
                identity: "worker".to_owned(),
                ..api::PollWorkflowTaskQueueRequest::default()
            },
        };
        match self.decide(Input::StartWorkflowTask(Box::new(start))) {
            Ok(Answer::WorkflowTask(handout)) => *handout,
            other => panic!("no hand-out: {other:?}"),
        }
    }

    /// The worker completes the workflow task that it has with these commands.
    pub(crate) fn completes(&mut self, commands: Vec<C>) -> Result<WorkflowTaskCompletedAnswer, Rejection> {
        let handout = self.run().workflow_task_handout().expect("the worker has a task").clone();
        let attempt = self.run().state().workflow_task.as_ref().map_or(1, |task| task.attempt);
        let task = WorkflowTaskRef {
            run: self.run,
            scheduled_event_id: handout.scheduled_event_id,
            started_event_id: handout.started_event_id,
            attempt,
            handout_id: handout.handout_id,
        };
        let commands = commands.into_iter().map(command).collect();
        let request = api::RespondWorkflowTaskCompletedRequest {
            commands,
            identity: "worker".to_owned(),
            ..api::RespondWorkflowTaskCompletedRequest::default()
        };
        match self.decide(Input::CompleteWorkflowTask(Box::new(CompleteWorkflowTask {
            task,
            request,
            queries_wait: false,
            bad_search_attributes: None,
        })))? {
            Answer::WorkflowTaskCompleted(answer) => Ok(*answer),
            other => panic!("not an answer to a completion: {other:?}"),
        }
    }

    /// Takes the pending task and completes it.
    pub(crate) fn works(&mut self, commands: Vec<C>) -> Result<WorkflowTaskCompletedAnswer, Rejection> {
        self.takes_task();
        self.completes(commands)
    }

    /// The attempt that an activity is at.
    pub(crate) fn attempt(&self, scheduled_event_id: i64) -> ActivityAttempt {
        let attempt = self.run().activity(scheduled_event_id).map_or(1, |activity| activity.attempt);
        ActivityAttempt { run: self.run, scheduled_event_id, attempt }
    }

    /// A worker polls the activity's present attempt.
    pub(crate) fn starts(&mut self, scheduled_event_id: i64) -> Result<ActivityHandout, Rejection> {
        let attempt = self.attempt(scheduled_event_id);
        let request = format!("match-{scheduled_event_id}-{}", attempt.attempt);
        self.starts_with(attempt, &request)
    }

    /// A worker polls an attempt.
    pub(crate) fn starts_with(&mut self, attempt: ActivityAttempt, request_id: &str) -> Result<ActivityHandout, Rejection> {
        let start = StartActivityTask {
            attempt,
            stamp: 0,
            request_id: request_id.to_owned(),
            poll: api::PollActivityTaskQueueRequest {
                identity: "runner".to_owned(),
                ..api::PollActivityTaskQueueRequest::default()
            },
        };
        match self.decide(Input::StartActivityTask(Box::new(start)))? {
            Answer::ActivityTask(handout) => Ok(*handout),
            other => panic!("not an activity task: {other:?}"),
        }
    }

    /// The token of the activity's present attempt.
    pub(crate) fn token(&self, scheduled_event_id: i64) -> ActivityRef {
        ActivityRef::Token(self.attempt(scheduled_event_id))
    }

    /// A heartbeat that must be taken.
    pub(crate) fn beats(&mut self, scheduled_event_id: i64, details: Option<Payloads>) -> HeartbeatAnswer {
        let activity = self.token(scheduled_event_id);
        let beat = crate::input::Heartbeat { activity, details, identity: "runner".to_owned() };
        match self.decide(Input::Heartbeat(Box::new(beat))) {
            Ok(Answer::Heartbeat(answer)) => answer,
            other => panic!("not an answer to a heartbeat: {other:?}"),
        }
    }

    /// Everything written so far, by short names: `S1 Ws2 …`.
    pub(crate) fn story(&self) -> String {
        let events = self.history.get(&self.run).map(Vec::as_slice).unwrap_or_default();
        let words: Vec<String> = events.iter().map(|event| format!("{}{}", short_name(event), event.event_id)).collect();
        words.join(" ")
    }

    /// The event with this id.
    pub(crate) fn event(&self, id: i64) -> &HistoryEvent {
        let events = self.history.get(&self.run).map(Vec::as_slice).unwrap_or_default();
        events.iter().find(|event| event.event_id == id).expect("the event was written")
    }

    /// The attributes of the event with this id.
    pub(crate) fn attributes(&self, id: i64) -> &A {
        self.event(id).attributes.as_ref().expect("events have attributes")
    }

    /// Whether a task is owed now.
    pub(crate) fn owes(&self, of: impl Fn(&Task) -> bool) -> bool {
        self.chain.tasks().iter().any(of)
    }
}

fn command(attributes: C) -> Command {
    use CommandType as T;
    let kind = match &attributes {
        C::ScheduleActivityTaskCommandAttributes(_) => T::ScheduleActivityTask,
        C::RequestCancelActivityTaskCommandAttributes(_) => T::RequestCancelActivityTask,
        C::StartTimerCommandAttributes(_) => T::StartTimer,
        C::CancelTimerCommandAttributes(_) => T::CancelTimer,
        C::RecordMarkerCommandAttributes(_) => T::RecordMarker,
        C::CompleteWorkflowExecutionCommandAttributes(_) => T::CompleteWorkflowExecution,
        C::StartChildWorkflowExecutionCommandAttributes(_) => T::StartChildWorkflowExecution,
        C::SignalExternalWorkflowExecutionCommandAttributes(_) => T::SignalExternalWorkflowExecution,
        C::RequestCancelExternalWorkflowExecutionCommandAttributes(_) => T::RequestCancelExternalWorkflowExecution,
        other => panic!("name the type of {other:?}"),
    };
    Command { command_type: kind as i32, attributes: Some(attributes), ..Command::default() }
}

/// How `semantics.md` calls events in its sequences.
fn short_name(event: &HistoryEvent) -> &'static str {
    match event.attributes.as_ref() {
        Some(A::WorkflowExecutionStartedEventAttributes(_)) => "S",
        Some(A::WorkflowExecutionCompletedEventAttributes(_)) => "Completed",
        Some(A::WorkflowExecutionTerminatedEventAttributes(_)) => "T",
        Some(A::WorkflowTaskScheduledEventAttributes(_)) => "Ws",
        Some(A::WorkflowTaskStartedEventAttributes(_)) => "Wt",
        Some(A::WorkflowTaskCompletedEventAttributes(_)) => "Wc",
        Some(A::WorkflowTaskFailedEventAttributes(_)) => "Wf",
        Some(A::WorkflowTaskTimedOutEventAttributes(_)) => "Wx",
        Some(A::WorkflowExecutionSignaledEventAttributes(_)) => "Sig",
        Some(A::MarkerRecordedEventAttributes(_)) => "Marker",
        Some(A::ActivityTaskScheduledEventAttributes(_)) => "As",
        Some(A::ActivityTaskStartedEventAttributes(_)) => "At",
        Some(A::ActivityTaskCompletedEventAttributes(_)) => "Ac",
        Some(A::ActivityTaskFailedEventAttributes(_)) => "Af",
        Some(A::ActivityTaskTimedOutEventAttributes(_)) => "Ax",
        Some(A::ActivityTaskCancelRequestedEventAttributes(_)) => "ActivityCancelRequested",
        Some(A::ActivityTaskCanceledEventAttributes(_)) => "ActivityCanceled",
        Some(A::TimerStartedEventAttributes(_)) => "TimerStarted",
        Some(A::TimerFiredEventAttributes(_)) => "TimerFired",
        Some(A::TimerCanceledEventAttributes(_)) => "TimerCanceled",
        Some(A::StartChildWorkflowExecutionInitiatedEventAttributes(_)) => "ChildInitiated",
        Some(A::StartChildWorkflowExecutionFailedEventAttributes(_)) => "ChildStartFailed",
        Some(A::ChildWorkflowExecutionStartedEventAttributes(_)) => "ChildStarted",
        Some(A::ChildWorkflowExecutionCompletedEventAttributes(_)) => "ChildCompleted",
        Some(A::ChildWorkflowExecutionFailedEventAttributes(_)) => "ChildFailed",
        Some(A::ChildWorkflowExecutionCanceledEventAttributes(_)) => "ChildCanceled",
        Some(A::ChildWorkflowExecutionTimedOutEventAttributes(_)) => "ChildTimedOut",
        Some(A::ChildWorkflowExecutionTerminatedEventAttributes(_)) => "ChildTerminated",
        Some(A::SignalExternalWorkflowExecutionInitiatedEventAttributes(_)) => "SignalExternalInitiated",
        Some(A::SignalExternalWorkflowExecutionFailedEventAttributes(_)) => "SignalExternalFailed",
        Some(A::ExternalWorkflowExecutionSignaledEventAttributes(_)) => "ExternalSignaled",
        Some(A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(_)) => "CancelExternalInitiated",
        Some(A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(_)) => "CancelExternalFailed",
        Some(A::ExternalWorkflowExecutionCancelRequestedEventAttributes(_)) => "ExternalCancelRequested",
        _ => "?",
    }
}
