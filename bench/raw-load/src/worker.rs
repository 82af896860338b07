//! The worker half: keeps polls open, decides from each task's history, and answers as an SDK's worker does, with
//! sticky attributes, a request for the next task in the answer, and a request for eager activities.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use proto::temporal::api::command::v1::command::Attributes;
use proto::temporal::api::command::v1::{
    Command, CompleteWorkflowExecutionCommandAttributes, ScheduleActivityTaskCommandAttributes, StartTimerCommandAttributes,
};
use proto::temporal::api::common::v1::{ActivityType, Header, MeteringMetadata};
use proto::temporal::api::enums::v1::{CommandType, TaskQueueKind, TaskQueueType};
use proto::temporal::api::history::v1::history_event::Attributes as Event;
use proto::temporal::api::taskqueue::v1::{StickyExecutionAttributes, TaskQueue};
use proto::temporal::api::workflowservice::v1::respond_workflow_task_completed_request::Capabilities;
use proto::temporal::api::workflowservice::v1::{
    PollActivityTaskQueueRequest, PollActivityTaskQueueResponse, PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse,
    RespondActivityTaskCompletedRequest, RespondWorkflowTaskCompletedRequest, ShutdownWorkerRequest,
};
use tokio::task::JoinSet;
use tonic::Code;
use uuid::Uuid;

use crate::wire::{POLL, UNARY, Wire, duration, normal_queue, payloads, within};

const THIRTY_DAYS_S: i64 = 30 * 24 * 60 * 60;
/// How long a broken poll waits before it is tried again.
const PAUSE: Duration = Duration::from_millis(10);

/// What every workflow of a run does.
#[derive(Clone, Copy)]
pub(crate) enum Script {
    /// So many activities, one after the other, then completion.
    Activities(u32),
    /// One 30-day timer.
    Park,
}

/// A running worker; dropping it cancels its polls.
pub(crate) struct Worker {
    core: Arc<Core>,
    pollers: JoinSet<()>,
}

impl Worker {
    /// Opens `pollers` polls of each kind on the queue.
    pub(crate) fn start(wire: Arc<Wire>, queue: &str, script: Script, pollers: usize) -> Self {
        let core = Arc::new(Core {
            wire,
            queue: queue.to_owned(),
            sticky: format!("{queue}-sticky-{}", Uuid::new_v4()),
            instance: Uuid::new_v4().to_string(),
            script,
            answered: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            first_error: Mutex::new(None),
        });
        let mut set = JoinSet::new();
        for _ in 0..pollers.max(1) {
            set.spawn(Arc::clone(&core).poll_workflow_tasks(normal_queue(queue)));
            set.spawn(Arc::clone(&core).poll_workflow_tasks(core.sticky_queue()));
            if matches!(script, Script::Activities(_)) {
                set.spawn(Arc::clone(&core).poll_activity_tasks());
            }
        }
        Self { core, pollers: set }
    }

    /// Workflow tasks answered so far.
    pub(crate) fn answered(&self) -> u64 {
        self.core.answered.load(Ordering::Relaxed)
    }

    /// Failed calls so far, and the first of them.
    pub(crate) fn errors(&self) -> (u64, Option<String>) {
        let first = self.core.first_error.lock().ok().and_then(|first| first.clone());
        (self.core.errors.load(Ordering::Relaxed), first)
    }

    /// Tells the server that the worker goes, as the SDKs do, and cancels the polls.
    pub(crate) async fn stop(mut self) {
        let core = &self.core;
        let request = ShutdownWorkerRequest {
            namespace: core.wire.namespace.clone(),
            sticky_task_queue: core.sticky.clone(),
            identity: core.wire.identity.clone(),
            reason: "graceful shutdown".to_owned(),
            worker_instance_key: core.instance.clone(),
            task_queue: core.queue.clone(),
            task_queue_types: vec![TaskQueueType::Workflow.into(), TaskQueueType::Activity.into()],
            ..Default::default()
        };
        // A server without this call is told by the cancelled polls.
        let _ = core.wire.service().shutdown_worker(within(UNARY, request)).await;
        self.pollers.shutdown().await;
    }
}

struct Core {
    wire: Arc<Wire>,
    queue: String,
    sticky: String,
    instance: String,
    script: Script,
    answered: AtomicU64,
    errors: AtomicU64,
    first_error: Mutex<Option<String>>,
}

impl Core {
    fn sticky_queue(&self) -> TaskQueue {
        TaskQueue { name: self.sticky.clone(), kind: TaskQueueKind::Sticky.into(), normal_name: self.queue.clone() }
    }

    fn failed(&self, error: &anyhow::Error) {
        self.errors.fetch_add(1, Ordering::Relaxed);
        if let Ok(mut first) = self.first_error.lock() {
            first.get_or_insert_with(|| format!("{error:#}"));
        }
    }

    async fn poll_workflow_tasks(self: Arc<Self>, queue: TaskQueue) {
        let mut tasks = JoinSet::new();
        loop {
            let request = PollWorkflowTaskQueueRequest {
                namespace: self.wire.namespace.clone(),
                task_queue: Some(queue.clone()),
                identity: self.wire.identity.clone(),
                worker_instance_key: self.instance.clone(),
                ..Default::default()
            };
            match self.wire.service().poll_workflow_task_queue(within(POLL, request)).await {
                Ok(answer) if answer.get_ref().task_token.is_empty() => {}
                Ok(answer) => {
                    let core = Arc::clone(&self);
                    tasks.spawn(async move {
                        if let Err(error) = core.work(answer.into_inner()).await {
                            core.failed(&error);
                        }
                    });
                }
                Err(status) => self.poll_failed(status).await,
            }
            while tasks.try_join_next().is_some() {}
        }
    }

    async fn poll_activity_tasks(self: Arc<Self>) {
        let mut tasks = JoinSet::new();
        loop {
            let request = PollActivityTaskQueueRequest {
                namespace: self.wire.namespace.clone(),
                task_queue: Some(normal_queue(&self.queue)),
                identity: self.wire.identity.clone(),
                worker_instance_key: self.instance.clone(),
                ..Default::default()
            };
            match self.wire.service().poll_activity_task_queue(within(POLL, request)).await {
                Ok(answer) if answer.get_ref().task_token.is_empty() => {}
                Ok(answer) => {
                    let core = Arc::clone(&self);
                    tasks.spawn(async move {
                        if let Err(error) = core.act(answer.into_inner()).await {
                            core.failed(&error);
                        }
                    });
                }
                Err(status) => self.poll_failed(status).await,
            }
            while tasks.try_join_next().is_some() {}
        }
    }

    async fn poll_failed(&self, status: tonic::Status) {
        if status.code() != Code::DeadlineExceeded {
            self.failed(&anyhow::Error::from(status).context("poll"));
        }
        tokio::time::sleep(PAUSE).await;
    }

    /// Answers a workflow task, runs the activities that came back with the answer, and goes on with the next task if
    /// that came back too.
    async fn work(&self, mut task: PollWorkflowTaskQueueResponse) -> Result<()> {
        loop {
            let commands = self.decide(&task)?;
            let request = RespondWorkflowTaskCompletedRequest {
                task_token: task.task_token,
                commands,
                identity: self.wire.identity.clone(),
                sticky_attributes: Some(StickyExecutionAttributes {
                    worker_task_queue: Some(self.sticky_queue()),
                    schedule_to_start_timeout: Some(duration(5)),
                }),
                return_new_workflow_task: true,
                namespace: self.wire.namespace.clone(),
                metering_metadata: Some(MeteringMetadata::default()),
                capabilities: Some(Capabilities { discard_speculative_workflow_task_with_events: true }),
                worker_instance_key: self.instance.clone(),
                ..Default::default()
            };
            let answer = self.wire.service().respond_workflow_task_completed(within(UNARY, request)).await;
            let answer = answer.context("complete a workflow task")?.into_inner();
            self.answered.fetch_add(1, Ordering::Relaxed);
            for activity in answer.activity_tasks {
                self.act(activity).await?;
            }
            match answer.workflow_task {
                Some(next) if !next.task_token.is_empty() => task = next,
                _ => return Ok(()),
            }
        }
    }

    async fn act(&self, task: PollActivityTaskQueueResponse) -> Result<()> {
        let request = RespondActivityTaskCompletedRequest {
            task_token: task.task_token,
            result: Some(payloads("item-0")),
            identity: self.wire.identity.clone(),
            namespace: self.wire.namespace.clone(),
            ..Default::default()
        };
        let answer = self.wire.service().respond_activity_task_completed(within(UNARY, request)).await;
        answer.context("complete an activity task")?;
        Ok(())
    }

    fn decide(&self, task: &PollWorkflowTaskQueueResponse) -> Result<Vec<Command>> {
        if !task.next_page_token.is_empty() {
            bail!("a task's history came in pages, which these short histories never should");
        }
        Ok(match self.script {
            Script::Park => vec![park()],
            Script::Activities(wanted) => match Progress::read(task)? {
                Progress::Waiting => vec![],
                Progress::Done(n) if n >= wanted => vec![complete()],
                Progress::Done(n) => vec![self.schedule(n + 1)],
            },
        })
    }

    fn schedule(&self, number: u32) -> Command {
        let attributes = ScheduleActivityTaskCommandAttributes {
            activity_id: number.to_string(),
            activity_type: Some(ActivityType { name: "Echo".to_owned() }),
            task_queue: Some(normal_queue(&self.queue)),
            header: Some(Header::default()),
            input: Some(payloads("item-0")),
            schedule_to_close_timeout: Some(duration(0)),
            schedule_to_start_timeout: Some(duration(0)),
            start_to_close_timeout: Some(duration(60)),
            heartbeat_timeout: Some(duration(0)),
            request_eager_execution: true,
            use_workflow_build_id: true,
            ..Default::default()
        };
        command(CommandType::ScheduleActivityTask, Attributes::ScheduleActivityTaskCommandAttributes(attributes))
    }
}

/// How far a workflow is, by the events since its last task. Activities are numbered by their ids and run one at a
/// time, so the last one scheduled says it all, whether the history came whole or, to the sticky queue, in part.
enum Progress {
    /// So many activities are done and nothing is open.
    Done(u32),
    /// An activity is open.
    Waiting,
}

impl Progress {
    fn read(task: &PollWorkflowTaskQueueResponse) -> Result<Self> {
        let mut progress = Self::Done(0);
        let mut last = 0;
        let events = task.history.iter().flat_map(|history| &history.events);
        for event in events {
            match &event.attributes {
                Some(Event::ActivityTaskScheduledEventAttributes(scheduled)) => {
                    last = scheduled.activity_id.parse().context("an activity id is not the number that was sent")?;
                    progress = Self::Waiting;
                }
                Some(Event::ActivityTaskCompletedEventAttributes(_)) => progress = Self::Done(last),
                Some(Event::ActivityTaskFailedEventAttributes(_) | Event::ActivityTaskTimedOutEventAttributes(_)) => {
                    bail!("an activity failed or timed out");
                }
                _ => {}
            }
        }
        Ok(progress)
    }
}

fn park() -> Command {
    let attributes =
        StartTimerCommandAttributes { timer_id: "1".to_owned(), start_to_fire_timeout: Some(duration(THIRTY_DAYS_S)) };
    command(CommandType::StartTimer, Attributes::StartTimerCommandAttributes(attributes))
}

fn complete() -> Command {
    let attributes = CompleteWorkflowExecutionCommandAttributes { result: Some(payloads("item-0")) };
    command(CommandType::CompleteWorkflowExecution, Attributes::CompleteWorkflowExecutionCommandAttributes(attributes))
}

fn command(kind: CommandType, attributes: Attributes) -> Command {
    Command { command_type: kind.into(), attributes: Some(attributes), ..Default::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::temporal::api::history::v1::{
        ActivityTaskCompletedEventAttributes, ActivityTaskFailedEventAttributes, ActivityTaskScheduledEventAttributes, History,
        HistoryEvent,
    };

    fn task(events: Vec<Event>) -> PollWorkflowTaskQueueResponse {
        let events = events.into_iter().map(|event| HistoryEvent { attributes: Some(event), ..Default::default() }).collect();
        PollWorkflowTaskQueueResponse { history: Some(History { events }), ..Default::default() }
    }

    fn scheduled(id: &str) -> Event {
        let attributes = ActivityTaskScheduledEventAttributes { activity_id: id.to_owned(), ..Default::default() };
        Event::ActivityTaskScheduledEventAttributes(attributes)
    }

    fn completed() -> Event {
        Event::ActivityTaskCompletedEventAttributes(ActivityTaskCompletedEventAttributes::default())
    }

    #[test]
    fn progress_is_read_from_whole_and_from_partial_histories() {
        let table = [
            (vec![], Some(0)),
            (vec![scheduled("1")], None),
            (vec![scheduled("1"), completed()], Some(1)),
            (vec![scheduled("7"), completed()], Some(7)),
            (vec![scheduled("1"), completed(), scheduled("2")], None),
        ];
        for (events, done) in table {
            let found = match Progress::read(&task(events.clone())).unwrap() {
                Progress::Done(n) => Some(n),
                Progress::Waiting => None,
            };
            assert_eq!(found, done, "{events:?}");
        }
    }

    #[test]
    fn an_activity_that_failed_fails_the_load() {
        let failed = Event::ActivityTaskFailedEventAttributes(ActivityTaskFailedEventAttributes::default());
        assert!(Progress::read(&task(vec![scheduled("1"), failed])).is_err());
        assert!(Progress::read(&task(vec![scheduled("one")])).is_err());
    }
}
