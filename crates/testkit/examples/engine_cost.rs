//! What deciding and folding cost, without store or network: lives of runs, to be measured from outside.
//!
//! `time target/release/examples/engine_cost workflows 100000` carries so many one-activity workflows through `decide` and
//! `evolve`; `activities 2000`, `timers 2000` and `signals 2000` are the life of one run with so many of them: twice as many must
//! not cost four times as much.

use std::time::Duration;

use history_engine::{
    ActivityAttempt, ActivityRef, Answer, Chain, CompleteActivity, CompleteWorkflowTask, Env, Heartbeat, Input, NamespaceFacts,
    Start, StartActivityTask, StartWorkflowTask, Task, WorkflowTaskHandout, decide,
};
use model::limits::Limits;
use model::{ChainKey, NamespaceId, RunId, Timestamp, WorkflowId};
use proto::temporal::api::command::v1::Command;
use proto::temporal::api::common::v1::WorkflowType;
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflowservice::v1 as api;
use testkit::commands::{complete, payloads, schedule_activity, start_timer};
use testkit::script::{completion, reference};
use uuid::Uuid;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let count = arguments.next().and_then(|count| count.parse().ok()).unwrap_or(1_000);
    match what.as_str() {
        "workflows" => (0..count).for_each(|number| one_activity(u128::from(number))),
        "activities" => many_activities(count),
        "timers" => many_timers(count),
        "signals" => many_signals(count),
        _ => panic!("say what: workflows, activities, timers or signals, and how many"),
    }
}

/// A chain, driven as the history service drives it: decide, fold, ask for the next wake.
struct Life {
    chain: Chain,
    env: Env,
    seed: u128,
    tasks: Vec<Task>,
}

impl Life {
    fn start(seed: u128) -> Self {
        let namespace = NamespaceId::new(Uuid::from_u128(7));
        let id = WorkflowId::parse("order-1").expect("a plain id");
        let env = Env {
            now: Timestamp::from_millis(1_700_000_000_000),
            limits: Limits::DEFAULT,
            namespace: NamespaceFacts { name: "default".to_owned(), id: namespace.to_string(), version: 0 },
            seed: Uuid::nil(),
        };
        let mut life = Self { chain: Chain::empty(ChainKey::workflow(namespace, id)), env, seed: seed << 32, tasks: Vec::new() };
        let request = api::StartWorkflowExecutionRequest {
            workflow_id: "order-1".to_owned(),
            workflow_type: Some(WorkflowType { name: "Order".to_owned() }),
            task_queue: Some(TaskQueue { name: "orders".to_owned(), ..TaskQueue::default() }),
            request_id: "start-1".to_owned(),
            input: Some(payloads(&"x".repeat(500))),
            ..api::StartWorkflowExecutionRequest::default()
        };
        life.give(Input::Start(Box::new(Start { request, parent: None })));
        life
    }

    fn give(&mut self, input: Input) -> Answer {
        self.seed += 1;
        self.env.seed = Uuid::from_u128(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
        let decision = decide(&self.chain, &input, &self.env).expect("accepted");
        for record in &decision.records {
            self.tasks.extend(self.chain.evolve(record));
        }
        self.env.now = self.env.now + Duration::from_millis(1);
        std::hint::black_box(self.chain.next_wake());
        decision.answer.expect("accepted")
    }

    fn run(&self) -> RunId {
        self.chain.current_id().expect("a run")
    }

    fn poll(&mut self) -> Option<WorkflowTaskHandout> {
        let task = self.chain.current()?.state().workflow_task.clone().filter(|task| task.started_event_id == 0)?;
        let start = StartWorkflowTask {
            run: self.run(),
            scheduled_event_id: task.scheduled_event_id,
            attempt: task.attempt,
            request_id: format!("poll-{}", self.seed),
            poll: api::PollWorkflowTaskQueueRequest { task_queue: task.task_queue, ..Default::default() },
        };
        match self.give(Input::StartWorkflowTask(Box::new(start))) {
            Answer::WorkflowTask(handout) => Some(*handout),
            other => panic!("a poll is not answered with {other:?}"),
        }
    }

    fn work(&mut self, commands: Vec<Command>) {
        let Some(task) = self.poll() else { return };
        let request = api::RespondWorkflowTaskCompletedRequest { commands, ..completion() };
        let of = CompleteWorkflowTask { task: reference(&task), request, queries_wait: false, bad_search_attributes: None };
        self.give(Input::CompleteWorkflowTask(Box::new(of)));
    }

    fn attempt(&self, scheduled_event_id: i64) -> ActivityAttempt {
        ActivityAttempt { run: self.run(), scheduled_event_id, attempt: 1 }
    }

    fn start_activity(&mut self, scheduled_event_id: i64) {
        self.give(Input::StartActivityTask(Box::new(StartActivityTask {
            attempt: self.attempt(scheduled_event_id),
            stamp: 0,
            request_id: format!("match-{scheduled_event_id}"),
            poll: api::PollActivityTaskQueueRequest::default(),
        })));
    }

    fn complete_activity(&mut self, scheduled_event_id: i64) {
        self.give(Input::CompleteActivity(Box::new(CompleteActivity {
            activity: ActivityRef::Token(self.attempt(scheduled_event_id)),
            result: Some(payloads("ok")),
            identity: "worker".to_owned(),
        })));
    }

    /// The activities that became owed since the last call.
    fn activities(&mut self) -> Vec<i64> {
        let tasks = std::mem::take(&mut self.tasks);
        tasks
            .into_iter()
            .filter_map(|task| match task {
                Task::ActivityTask { scheduled_event_id, .. } => Some(scheduled_event_id),
                _ => None,
            })
            .collect()
    }
}

fn one_activity(number: u128) {
    let mut life = Life::start(number);
    life.work(vec![schedule_activity("a")]);
    life.start_activity(5);
    life.complete_activity(5);
    life.work(vec![complete("done")]);
    assert_eq!(life.chain.current().map(history_engine::Run::is_open), Some(false));
}

/// All are scheduled, started, give a sign of life and complete; a workflow task follows every tenth.
fn many_activities(count: u32) {
    let mut life = Life::start(1);
    life.work((0..count).map(|number| schedule_activity(&number.to_string())).collect());
    let activities = life.activities();
    assert_eq!(activities.len(), count as usize);
    for id in &activities {
        life.start_activity(*id);
    }
    for id in &activities {
        let activity = ActivityRef::Token(life.attempt(*id));
        life.give(Input::Heartbeat(Box::new(Heartbeat { activity, details: Some(payloads("half")), identity: String::new() })));
    }
    for (number, id) in activities.iter().enumerate() {
        life.complete_activity(*id);
        if number % 10 == 9 {
            life.work(Vec::new());
        }
    }
    life.work(vec![complete("done")]);
}

/// All are started together and fire one after the other, each with a workflow task.
fn many_timers(count: u32) {
    let mut life = Life::start(1);
    life.work((0..count).map(|number| start_timer(&number.to_string(), i64::from(number + 1))).collect());
    for _ in 0..count {
        let at = life.chain.next_wake().expect("a timer");
        life.env.now = life.env.now.max(at);
        life.give(Input::Wake);
        life.work(Vec::new());
    }
    life.work(vec![complete("done")]);
}

/// Each with a request id and a workflow task.
fn many_signals(count: u32) {
    let mut life = Life::start(1);
    for number in 0..count {
        let request = api::SignalWorkflowExecutionRequest {
            signal_name: "go".to_owned(),
            request_id: Uuid::from_u128(u128::from(number)).to_string(),
            input: Some(payloads("hello")),
            ..api::SignalWorkflowExecutionRequest::default()
        };
        life.give(Input::Signal(Box::new(history_engine::Signal { request, from: None, child_workflow_only: false })));
        life.work(Vec::new());
    }
}
