//! Random scripts: steps that a strategy makes up, and what they do to a chain. Numbers in a step choose among what exists.

use std::time::Duration;

use history_engine::{
    ActivityAttempt, ActivityRef, Answer, CancelActivity, ChildClosed, ChildStarted, CompleteActivity, ExternalCanceled,
    ExternalSignaled, FailActivity, Heartbeat, Input, RequestCancel, Start, StartActivityTask, Task, Terminate, ToInitiator,
    WorkflowTaskAttempt, WorkflowTaskHandout,
};
use model::RunId;
use proptest::prelude::*;
use proto::temporal::api::command::v1::{self as command, Command, command::Attributes};
use proto::temporal::api::enums::v1::{CommandType, StartChildWorkflowExecutionFailedCause};
use proto::temporal::api::history::v1::{
    HistoryEvent, WorkflowExecutionCompletedEventAttributes, history_event::Attributes as A,
};
use proto::temporal::api::workflowservice::v1 as api;
use testkit::Script;
use testkit::commands as c;
use testkit::script::{completion, sticky};

/// One step of a random script. Numbers choose among what exists at that moment.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Start { request: u8, conflict: i32, reuse: i32, eager: bool, delay: bool, cron: bool },
    SignalWithStart { request: u8, conflict: i32 },
    Signal(u8),
    Cancel,
    Terminate,
    Delete,
    Deleted,
    Poll { sticky_worker: bool },
    PollAgain(u8),
    Complete { task: u8, commands: Vec<u8>, sticky: bool, force: bool, in_answer: bool },
    Fail(u8),
    Activity { which: u8, what: u8 },
    Child { which: u8, what: u8 },
    External(u8),
    Owed(u8),
    Pass(u16),
    Wake,
    Crash,
    FirstTask,
    WriteVolatile,
    ResetSticky,
    Offered,
    Spilled,
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u8..4, 0i32..4, 0i32..5, any::<bool>(), prop::bool::weighted(0.2), prop::bool::weighted(0.2)).prop_map(
            |(request, conflict, reuse, eager, delay, cron)| Step::Start { request, conflict, reuse, eager, delay, cron }
        ),
        1 => (0u8..6, 0i32..4).prop_map(|(request, conflict)| Step::SignalWithStart { request, conflict }),
        4 => (0u8..8).prop_map(Step::Signal),
        1 => Just(Step::Cancel),
        1 => Just(Step::Terminate),
        1 => Just(Step::Delete),
        1 => Just(Step::Deleted),
        12 => prop::bool::weighted(0.8).prop_map(|sticky_worker| Step::Poll { sticky_worker }),
        2 => any::<u8>().prop_map(Step::PollAgain),
        14 => (prop::num::u8::ANY, prop::collection::vec(any::<u8>(), 0..4), any::<bool>(), any::<bool>(), any::<bool>())
            .prop_map(|(task, commands, sticky, force, in_answer)| Step::Complete { task, commands, sticky, force, in_answer }),
        3 => any::<u8>().prop_map(Step::Fail),
        12 => (any::<u8>(), any::<u8>()).prop_map(|(which, what)| Step::Activity { which, what }),
        8 => (any::<u8>(), any::<u8>()).prop_map(|(which, what)| Step::Child { which, what }),
        2 => any::<u8>().prop_map(Step::External),
        6 => any::<u8>().prop_map(Step::Owed),
        1 => (0u16..2_000).prop_map(Step::Pass),
        4 => (0u16..300).prop_map(Step::Pass),
        4 => Just(Step::Wake),
        2 => Just(Step::Crash),
        1 => Just(Step::FirstTask),
        1 => Just(Step::WriteVolatile),
        1 => Just(Step::ResetSticky),
        1 => Just(Step::Offered),
        1 => Just(Step::Spilled),
    ]
}

pub(crate) fn pick<T: Clone>(from: &[T], which: u8) -> Option<T> {
    from.get(usize::from(which).checked_rem(from.len())?).cloned()
}

/// The state of a random script: the chain, and what workers hold.
pub(crate) struct Random {
    pub(crate) script: Script,
    handouts: Vec<WorkflowTaskHandout>,
    polls: Vec<Input>,
}

impl Random {
    pub(crate) fn new() -> Self {
        let mut script = Script::new();
        script.limits.signals_per_run = 6;
        script.limits.buffered_events = 3;
        script.limits.history_error_count = 120;
        Self { script, handouts: Vec::new(), polls: Vec::new() }
    }

    fn give(&mut self, input: Input) -> Option<Answer> {
        self.script.give(input).ok()
    }

    /// Gives an input; had it its way, giving it again changes nothing.
    fn give_twice(&mut self, input: Input) {
        if self.give(input.clone()).is_some() {
            let log = self.script.log().clone();
            let _ = self.give(input.clone());
            assert_eq!(&log, self.script.log(), "twice is not once: {input:?}");
        }
    }

    pub(crate) fn run(&mut self, step: &Step) {
        if let Step::Start { .. } | Step::SignalWithStart { .. } = step {
            return self.start(step);
        }
        let Some(current) = self.script.chain.current_id() else { return };
        let target = Some(self.script.target());
        match step {
            Step::Signal(request) => {
                let input = self.script.signal_input(&format!("signal-{request}"));
                self.give_twice(input);
            }
            Step::Cancel => {
                let request = api::RequestCancelWorkflowExecutionRequest { workflow_execution: target, ..Default::default() };
                self.give_twice(Input::RequestCancel(Box::new(RequestCancel {
                    request,
                    from: None,
                    child_workflow_only: false,
                })));
            }
            Step::Terminate => {
                let request = api::TerminateWorkflowExecutionRequest { workflow_execution: target, ..Default::default() };
                self.give_twice(Input::Terminate(Box::new(Terminate { request, from_parent: None })));
            }
            Step::Delete => self.give_twice(Input::Delete(None)),
            Step::Deleted => {
                let gone = self.script.chain.tasks().into_iter().find_map(|task| match task {
                    Task::DeleteRun { run } => Some(run),
                    _ => None,
                });
                if let Some(run) = gone {
                    self.give_twice(Input::Deleted(run));
                }
            }
            Step::Pass(seconds) => {
                self.script.pass(Duration::from_millis(u64::from(*seconds) * 100));
            }
            Step::Wake => {
                self.script.must(Input::Wake);
                let due = self.script.chain.next_wake().is_some_and(|at| at <= self.script.now);
                assert!(!due, "still due after a wake\n{}", self.script.transcript());
            }
            Step::Crash => {
                self.script.crash();
            }
            Step::FirstTask => self.give_twice(Input::ScheduleFirstWorkflowTask(current)),
            Step::WriteVolatile => self.give_twice(Input::WriteVolatile(current)),
            Step::ResetSticky => self.give_twice(Input::ResetStickyQueue(None)),
            _ => self.work(step),
        }
    }

    fn start(&mut self, step: &Step) {
        match step {
            Step::Start { request, conflict, reuse, eager, delay, cron } => {
                let mut start = api::StartWorkflowExecutionRequest {
                    workflow_id_conflict_policy: *conflict,
                    workflow_id_reuse_policy: *reuse,
                    request_eager_execution: *eager,
                    workflow_run_timeout: eager.then(|| c::seconds_of(90)),
                    retry_policy: delay.then(proto::temporal::api::common::v1::RetryPolicy::default),
                    on_conflict_options: Some(proto::temporal::api::workflow::v1::OnConflictOptions {
                        attach_request_id: *delay,
                        ..Default::default()
                    }),
                    ..self.script.start_request(&format!("start-{request}"))
                };
                if *cron {
                    start.cron_schedule = "@every 30s".to_owned();
                } else if *delay {
                    start.workflow_start_delay = Some(c::seconds_of(3));
                }
                let parent = (*request == 3).then(|| history_engine::Parent {
                    namespace_id: String::new(),
                    namespace: "default".to_owned(),
                    execution: proto::temporal::api::common::v1::WorkflowExecution {
                        workflow_id: "parent".to_owned(),
                        run_id: RunId::new(uuid(9)).to_string(),
                    },
                    initiated_event_id: 5,
                    initiated_event_version: 0,
                    root: Default::default(),
                });
                let input = Input::Start(Box::new(Start { request: start, parent }));
                if let Some(Answer::Started(answer)) = self.give(input) {
                    self.handouts.extend(answer.eager_task);
                }
            }
            Step::SignalWithStart { request, conflict } => {
                let start = self.script.start_request(&format!("both-{request}"));
                self.give_twice(Input::SignalWithStart(Box::new(api::SignalWithStartWorkflowExecutionRequest {
                    workflow_id: start.workflow_id,
                    workflow_type: start.workflow_type,
                    task_queue: start.task_queue,
                    request_id: start.request_id,
                    workflow_id_conflict_policy: *conflict,
                    signal_name: "go".to_owned(),
                    ..Default::default()
                })));
            }
            _ => {}
        }
    }

    fn work(&mut self, step: &Step) {
        let owed = self.script.chain.tasks().into_iter().any(|task| matches!(task, Task::WorkflowTask { .. }));
        match step {
            Step::Poll { sticky_worker } if owed => {
                let mut offered = self.script.offered();
                if !sticky_worker && let Some(queue) = &mut offered.poll.task_queue {
                    queue.kind = 1;
                    queue.name = "orders".to_owned();
                }
                let input = Input::StartWorkflowTask(Box::new(offered));
                if let Some(Answer::WorkflowTask(handout)) = self.give(input.clone()) {
                    let again = self.give(input.clone());
                    assert_eq!(again, Some(Answer::WorkflowTask(handout.clone())), "the same poll gets the same task");
                    self.handouts.push(*handout);
                    self.polls.push(input);
                }
            }
            Step::PollAgain(which) => {
                if let Some(input) = pick(&self.polls, *which) {
                    self.give_twice(input);
                }
            }
            Step::Complete { task, commands, sticky: stay, force, in_answer } => {
                // Mostly the newest hand-out, now and then an old one.
                let newest = if *task < 200 { self.handouts.last().cloned() } else { pick(&self.handouts, *task) };
                let Some(handout) = newest else { return };
                let request = api::RespondWorkflowTaskCompletedRequest {
                    commands: commands.iter().map(|what| self.command(*what)).collect(),
                    sticky_attributes: if *stay { sticky() } else { None },
                    force_create_new_workflow_task: *force,
                    return_new_workflow_task: *in_answer,
                    ..completion()
                };
                if let Ok(answer) = self.script.try_complete(&handout, request) {
                    self.handouts.extend(answer.new_task);
                }
            }
            Step::Fail(task) => {
                if let Some(handout) = pick(&self.handouts, *task) {
                    let request = api::RespondWorkflowTaskFailedRequest::default();
                    let task = testkit::script::reference(&handout);
                    self.give_twice(Input::FailWorkflowTask(Box::new(history_engine::FailWorkflowTask { task, request })));
                }
            }
            Step::Offered | Step::Spilled if owed => {
                let of = self.script.offered();
                let of = WorkflowTaskAttempt { run: of.run, scheduled_event_id: of.scheduled_event_id, attempt: of.attempt };
                let offered = matches!(step, Step::Offered);
                self.give_twice(if offered { Input::WorkflowTaskOffered(of) } else { Input::WorkflowTaskSpilled(of) });
            }
            Step::Activity { which, what } => self.activity(*which, *what),
            Step::Child { which, what } => self.child(*which, *what),
            Step::External(which) => self.external(*which),
            Step::Owed(which) => self.settle(*which),
            _ => {}
        }
    }

    fn command(&self, what: u8) -> Command {
        let id = format!("{}", what / 64);
        match what % 32 {
            0 => c::complete("done"),
            1 => c::fail("no"),
            2 => c::continue_as_new("next"),
            3 => c::cancel(),
            4 => c::marker("m"),
            5 | 6 | 16..=18 => c::schedule_activity(&id),
            7 | 19 | 20 => c::start_timer(&id, i64::from(what / 8)),
            8 | 21..=23 => c::cancel_timer(&id),
            9 | 24 | 25 => c::start_child(&format!("child-{id}")),
            26 => {
                let of = command::ModifyWorkflowPropertiesCommandAttributes {
                    upserted_memo: Some(proto::temporal::api::common::v1::Memo {
                        fields: [(id, c::payload("x"))].into_iter().collect(),
                    }),
                };
                c::command(CommandType::ModifyWorkflowProperties, Attributes::ModifyWorkflowPropertiesCommandAttributes(of))
            }
            10 => c::signal_external("other"),
            11 | 27..=29 => {
                let run = self.script.chain.current();
                let pending: Vec<i64> = run.map(|run| run.activities().keys().copied().collect()).unwrap_or_default();
                let scheduled_event_id = pick(&pending, what / 32).unwrap_or(4);
                let of = command::RequestCancelActivityTaskCommandAttributes { scheduled_event_id };
                c::command(CommandType::RequestCancelActivityTask, Attributes::RequestCancelActivityTaskCommandAttributes(of))
            }
            12 => {
                let of = command::UpsertWorkflowSearchAttributesCommandAttributes {
                    search_attributes: Some(proto::temporal::api::common::v1::SearchAttributes {
                        indexed_fields: [(id, c::payload("x"))].into_iter().collect(),
                    }),
                };
                let attributes = Attributes::UpsertWorkflowSearchAttributesCommandAttributes(of);
                c::command(CommandType::UpsertWorkflowSearchAttributes, attributes)
            }
            13 => {
                let of = command::RequestCancelExternalWorkflowExecutionCommandAttributes {
                    workflow_id: "other".to_owned(),
                    ..Default::default()
                };
                let attributes = Attributes::RequestCancelExternalWorkflowExecutionCommandAttributes(of);
                c::command(CommandType::RequestCancelExternalWorkflowExecution, attributes)
            }
            14 => Command { command_type: CommandType::StartTimer as i32, ..Command::default() },
            _ => Command { command_type: i32::from(what), ..Command::default() },
        }
    }

    fn activity(&mut self, which: u8, what: u8) {
        let run = self.script.run();
        let state = self.script.chain.current().expect("it is current");
        let pending: Vec<_> = state.activities().values().cloned().collect();
        let Some(activity) = pick(&pending, which) else { return };
        let attempt = ActivityAttempt { run, scheduled_event_id: activity.scheduled_event_id, attempt: activity.attempt };
        let token = ActivityRef::Token(attempt);
        let identity = "worker".to_owned();
        match what % 8 {
            0..=2 => self.give_twice(Input::StartActivityTask(Box::new(StartActivityTask {
                attempt,
                stamp: activity.stamp,
                request_id: format!("a-{what}"),
                poll: Default::default(),
            }))),
            3 => self.give_twice(Input::CompleteActivity(Box::new(CompleteActivity { activity: token, result: None, identity }))),
            4 => self.give_twice(Input::FailActivity(Box::new(FailActivity {
                activity: token,
                failure: Some(c::application_failure("no", what & 64 == 0)),
                last_heartbeat_details: Some(c::payloads("half")),
                identity,
            }))),
            5 => self.give_twice(Input::CancelActivity(Box::new(CancelActivity { activity: token, details: None, identity }))),
            6 => {
                let details = (what > 100).then(|| c::payloads("half"));
                let _ = self.give(Input::Heartbeat(Box::new(Heartbeat { activity: token, details, identity })));
            }
            _ => self.give_twice(Input::ActivitySpilled(attempt)),
        }
    }

    fn child(&mut self, which: u8, what: u8) {
        let runs: Vec<RunId> = self.script.chain.runs().map(history_engine::Run::id).collect();
        let Some(run) = pick(&runs, what) else { return };
        let state = self.script.chain.run(run).expect("it is in memory");
        let pending: Vec<i64> = state.children().keys().chain(state.children_to_close().keys()).copied().collect();
        let Some(initiated_event_id) = pick(&pending, which) else { return };
        let to = ToInitiator { run, initiated_event_id };
        let initiated = state.children().get(&initiated_event_id).and_then(|child| child.initiated_event.clone());
        let workflow_id = match initiated.and_then(|event| event.attributes) {
            Some(A::StartChildWorkflowExecutionInitiatedEventAttributes(of)) => of.workflow_id,
            _ => "child".to_owned(),
        };
        let run_id = RunId::new(uuid(1)).to_string();
        let child = proto::temporal::api::common::v1::WorkflowExecution { workflow_id, run_id };
        match what % 6 {
            0 | 1 => self.give_twice(Input::ChildStarted(Box::new(ChildStarted { to, outcome: Ok(RunId::new(uuid(1))) }))),
            2 => self.give_twice(Input::ChildStarted(Box::new(ChildStarted {
                to,
                outcome: Err(StartChildWorkflowExecutionFailedCause::WorkflowAlreadyExists),
            }))),
            3 => self.give_twice(Input::ChildFirstTaskScheduled(to)),
            4 => {
                let attributes = WorkflowExecutionCompletedEventAttributes::default();
                let close_event = HistoryEvent {
                    attributes: Some(A::WorkflowExecutionCompletedEventAttributes(attributes)),
                    ..HistoryEvent::default()
                };
                self.give_twice(Input::ChildClosed(Box::new(ChildClosed {
                    to,
                    first_run_id: child.run_id.clone(),
                    child,
                    workflow_type: "Child".to_owned(),
                    close_event,
                })));
            }
            _ => self.give_twice(Input::ChildClosePolicyApplied(to)),
        }
    }

    fn external(&mut self, which: u8) {
        let run = self.script.run();
        let state = self.script.chain.current().expect("it is current");
        let signal = state.external_signals().keys().next().copied();
        let cancel = state.external_cancels().keys().next().copied();
        if let Some(initiated_event_id) = signal {
            let cause = proto::temporal::api::enums::v1::SignalExternalWorkflowExecutionFailedCause::NamespaceNotFound;
            let outcome = if which.is_multiple_of(2) { Ok(()) } else { Err(cause) };
            let to = ToInitiator { run, initiated_event_id };
            self.give_twice(Input::ExternalSignaled(Box::new(ExternalSignaled { to, outcome })));
        }
        if let Some(initiated_event_id) = cancel {
            let cause = proto::temporal::api::enums::v1::CancelExternalWorkflowExecutionFailedCause::NamespaceNotFound;
            let outcome = if which.is_multiple_of(2) { Ok(()) } else { Err(cause) };
            let to = ToInitiator { run, initiated_event_id };
            self.give_twice(Input::ExternalCanceled(Box::new(ExternalCanceled { to, outcome })));
        }
    }

    /// Does something that is owed.
    fn settle(&mut self, which: u8) {
        let Some(task) = pick(&self.script.chain.tasks(), which) else { return };
        match task {
            Task::FlushBuffer { run } => self.give_twice(Input::FlushBuffer(run)),
            Task::ReportToParent { run } => self.give_twice(Input::ParentReported(run)),
            Task::ScheduleChildFirstTask { run, initiated_event_id } => {
                self.give_twice(Input::ChildFirstTaskScheduled(ToInitiator { run, initiated_event_id }));
            }
            Task::CloseChild { run, initiated_event_id } => {
                self.give_twice(Input::ChildClosePolicyApplied(ToInitiator { run, initiated_event_id }));
            }
            _ => return,
        }
        assert!(!self.script.chain.tasks().contains(&task), "done, and still owed: {task:?}");
    }
}

pub(crate) fn uuid(number: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(number + 1)
}
