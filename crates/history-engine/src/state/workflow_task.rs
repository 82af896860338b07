//! The pending workflow task: scheduled, handed out (as a volatile fact or a logged one), gone.
//!
//! Every way in which it ends clears stickiness and the close attempt; a sticky queue that goes on is set again by a mark after
//! the completion. So no logged record depends on what a recovery made of stickiness.

use model::Timestamp;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::enums::v1::{EventType, TaskQueueKind};
use proto::temporal::api::history::v1::{
    HistoryEvent, WorkflowTaskCompletedEventAttributes, WorkflowTaskScheduledEventAttributes, WorkflowTaskStartedEventAttributes,
};
use proto::temporal::api::taskqueue::v1::TaskQueue;

use super::{A, Run};
use crate::task::Task;
use crate::time::{duration, timestamp_opt};

impl Run {
    pub(super) fn workflow_task_scheduled(
        &mut self,
        event: &HistoryEvent,
        of: &WorkflowTaskScheduledEventAttributes,
    ) -> Vec<Task> {
        self.pending(stored::WorkflowTask {
            scheduled_event_id: event.event_id,
            attempt: of.attempt,
            kind: stored::WorkflowTaskKind::Normal as i32,
            scheduled_time: event.event_time,
            original_scheduled_time: event.event_time,
            start_to_close_timeout: of.start_to_close_timeout,
            task_queue: of.task_queue.clone(),
            ..stored::WorkflowTask::default()
        })
    }

    /// A transient task, or the time that the event of the pending one does not say.
    pub(super) fn workflow_task_marked_scheduled(&mut self, of: &stored::WorkflowTaskScheduled) -> Vec<Task> {
        if let Some(task) = &mut self.state.workflow_task
            && task.scheduled_event_id == of.scheduled_event_id
        {
            task.original_scheduled_time = of.original_scheduled_time;
            return Vec::new();
        }
        let task_queue = Some(self.normal_task_queue());
        self.pending(stored::WorkflowTask {
            scheduled_event_id: of.scheduled_event_id,
            attempt: of.attempt,
            kind: of.kind,
            scheduled_time: of.scheduled_time,
            original_scheduled_time: of.original_scheduled_time,
            start_to_close_timeout: of.start_to_close_timeout,
            task_queue,
            ..stored::WorkflowTask::default()
        })
    }

    fn pending(&mut self, mut task: stored::WorkflowTask) -> Vec<Task> {
        let sticky = self.state.sticky_queue.as_ref().filter(|sticky| {
            task.task_queue.as_ref().is_some_and(|queue| queue.kind() == TaskQueueKind::Sticky && queue.name == sticky.name)
        });
        task.schedule_to_start_timeout = sticky.and_then(|sticky| sticky.schedule_to_start_timeout);
        if self.state.lifecycle() == stored::Lifecycle::Created {
            self.state.set_lifecycle(stored::Lifecycle::Running);
        }
        self.started = None;
        self.offered = None;
        self.state.workflow_task_ever_scheduled = true;
        self.state.next_workflow_task_attempt = task.attempt;
        self.state.workflow_task = Some(task);
        self.workflow_task_owed().into_iter().collect()
    }

    /// A logged start. Where it is not written right before the end, a mark follows that names the hand-out.
    pub(super) fn workflow_task_started(&mut self, event: &HistoryEvent, of: &WorkflowTaskStartedEventAttributes) -> Vec<Task> {
        let handout = stored::WorkflowTaskStarted {
            scheduled_event_id: of.scheduled_event_id,
            started_event_id: event.event_id,
            request_id: of.request_id.clone(),
            identity: of.identity.clone(),
            started_time: event.event_time,
            history_size_bytes: of.history_size_bytes,
            suggest_continue_as_new: of.suggest_continue_as_new,
            suggest_continue_as_new_reasons: of.suggest_continue_as_new_reasons.clone(),
            worker_version: started_by(of),
            ..stored::WorkflowTaskStarted::default()
        };
        if let Some(task) = &mut self.state.workflow_task
            && task.scheduled_event_id == of.scheduled_event_id
        {
            task.started_event_id = event.event_id;
            task.started = Some(handout);
            self.started = None;
        }
        Vec::new()
    }

    /// A logged hand-out: of a task whose Started event is written, or of a transient one, which has none yet.
    pub(super) fn workflow_task_marked_started(&mut self, of: &stored::WorkflowTaskStarted) -> Vec<Task> {
        if let Some(task) = &mut self.state.workflow_task
            && task.scheduled_event_id == of.scheduled_event_id
        {
            task.started_event_id = of.started_event_id;
            task.started = Some(of.clone());
            self.started = None;
            self.polled(of.sticky);
        }
        Vec::new()
    }

    /// A volatile hand-out.
    pub(super) fn workflow_task_handed_out(&mut self, of: &stored::WorkflowTaskStarted) -> Vec<Task> {
        let pending = self.state.workflow_task.as_ref();
        if pending.is_some_and(|task| task.scheduled_event_id == of.scheduled_event_id && task.started_event_id == 0) {
            self.started = Some(of.clone());
            self.polled(of.sticky);
        }
        Vec::new()
    }

    /// Who polls another queue than the sticky one ends stickiness.
    fn polled(&mut self, sticky: bool) {
        if !sticky {
            self.leave_sticky_queue();
        }
    }

    fn leave_sticky_queue(&mut self) {
        self.state.sticky_queue = None;
        let normal = self.normal_task_queue();
        if let Some(task) = &mut self.state.workflow_task {
            task.task_queue = Some(normal);
            task.schedule_to_start_timeout = None;
        }
    }

    pub(super) fn workflow_task_completed(&mut self, of: &WorkflowTaskCompletedEventAttributes) -> Vec<Task> {
        self.state.last_completed_started_event_id = of.started_event_id;
        self.state.workflow_task_ever_completed = true;
        self.state.last_workflow_task_failure = None;
        self.problems_solved();
        #[expect(deprecated, reason = "unversioned workers name their build here")]
        if of.worker_version.is_some() {
            self.state.most_recent_worker_version = of.worker_version.clone();
        }
        self.workflow_task_ended()
    }

    /// Failed, timed out or dropped: the next one is attempt 1, unless a mark says that attempts failed.
    pub(super) fn workflow_task_ended(&mut self) -> Vec<Task> {
        self.workflow_task_gone();
        self.state.next_workflow_task_attempt = 1;
        Vec::new()
    }

    pub(super) fn workflow_task_attempt_failed(&mut self, of: &stored::WorkflowTaskAttemptFailed) -> Vec<Task> {
        self.workflow_task_gone();
        self.state.next_workflow_task_attempt = of.attempt.saturating_add(1);
        self.state.last_workflow_task_failure = Some(of.clone());
        self.problem_reported(of);
        Vec::new()
    }

    pub(super) fn workflow_task_gone(&mut self) {
        self.started = None;
        self.offered = None;
        self.state.workflow_task = None;
        self.state.sticky_queue = None;
        self.state.close_attempted = false;
    }

    pub(super) fn close_was_attempted(&mut self, of: &stored::CloseAttempted) -> Vec<Task> {
        self.state.close_attempted = of.attempted;
        Vec::new()
    }

    /// The sticky queue from now on. Cleared, a task that waits there is offered on the normal queue.
    pub(super) fn sticky_queue_set(&mut self, of: &stored::StickyQueue) -> Vec<Task> {
        if !of.name.is_empty() {
            self.state.sticky_queue = Some(of.clone());
            return Vec::new();
        }
        self.leave_sticky_queue();
        if !self.workflow_task_is_started() {
            self.offered = None;
            if let Some(task) = &mut self.state.workflow_task {
                task.spilled = false;
            }
        }
        self.workflow_task_owed().into_iter().collect()
    }

    pub(super) fn workflow_task_offered(&mut self, scheduled_event_id: i64, attempt: i32) -> Vec<Task> {
        self.offered = Some((scheduled_event_id, attempt));
        Vec::new()
    }

    pub(super) fn workflow_task_spilled(&mut self, of: &stored::WorkflowTaskSpilled) -> Vec<Task> {
        if let Some(task) = &mut self.state.workflow_task
            && task.scheduled_event_id == of.scheduled_event_id
            && task.attempt == of.attempt
        {
            task.spilled = true;
        }
        Vec::new()
    }

    /// After a recovery nobody holds the task: it goes to the normal queue, since the sticky worker may be gone too.
    pub(super) fn reoffer_on_the_normal_queue(&mut self) {
        if self.state.workflow_task.as_ref().is_some_and(|task| task.started_event_id == 0) {
            self.leave_sticky_queue();
        }
    }

    /// The offer that is owed.
    pub(super) fn workflow_task_owed(&self) -> Option<Task> {
        let task = self.state.workflow_task.as_ref()?;
        let key = (task.scheduled_event_id, task.attempt);
        if self.workflow_task_is_started() || task.spilled || self.offered == Some(key) || !self.is_open() {
            return None;
        }
        Some(Task::WorkflowTask { run: self.id, scheduled_event_id: key.0, attempt: key.1 })
    }

    /// When the pending task times out: while it waits in a sticky queue, and while a worker has it.
    pub(crate) fn workflow_task_deadline(&self) -> Option<Timestamp> {
        let task = self.state.workflow_task.as_ref()?;
        let (from, timeout) = match self.workflow_task_handout() {
            Some(handout) => (handout.started_time.as_ref(), task.start_to_close_timeout.as_ref()),
            None => (task.scheduled_time.as_ref(), task.schedule_to_start_timeout.as_ref()),
        };
        let timeout = duration(timeout);
        if timeout.is_zero() {
            return None;
        }
        self.worker_deadline(timestamp_opt(from)?, timeout)
    }

    /// A deadline that only a worker can meet: after a recovery it starts afresh, at the first wake.
    pub(crate) fn worker_deadline(&self, from: Timestamp, timeout: std::time::Duration) -> Option<Timestamp> {
        Some(match self.deadlines_from {
            Some(earliest) => from.max(earliest) + timeout,
            None => Timestamp::EPOCH,
        })
    }

    pub(super) fn deadlines_start_afresh(&mut self, time: Timestamp) -> Vec<Task> {
        self.deadlines_from = Some(time);
        self.order_activities();
        Vec::new()
    }

    /// Since when workers could reach whoever holds this run: deadlines that only they can meet count from there at the earliest.
    pub(crate) fn in_reach_since(&mut self, time: Timestamp) {
        if self.deadlines_from.is_none() {
            self.deadlines_from = Some(time);
            self.order_activities();
        }
    }

    /// Whether deadlines that only a worker can meet wait for the first wake after a recovery.
    pub(crate) const fn is_just_recovered(&self) -> bool {
        self.deadlines_from.is_none()
    }

    /// The hand-out of the pending workflow task, logged or not.
    pub fn workflow_task_handout(&self) -> Option<&stored::WorkflowTaskStarted> {
        self.started.as_ref().or_else(|| self.state.workflow_task.as_ref().and_then(|task| task.started.as_ref()))
    }

    fn unwritten_scheduled(&self) -> Option<HistoryEvent> {
        let task = self.state.workflow_task.as_ref().filter(|task| task.scheduled_event_id >= self.next_event_id())?;
        let attributes = WorkflowTaskScheduledEventAttributes {
            task_queue: task.task_queue.clone(),
            start_to_close_timeout: task.start_to_close_timeout,
            attempt: task.attempt,
        };
        Some(HistoryEvent {
            event_id: task.scheduled_event_id,
            event_time: task.scheduled_time,
            event_type: EventType::WorkflowTaskScheduled as i32,
            version: self.version(),
            attributes: Some(A::WorkflowTaskScheduledEventAttributes(attributes)),
            ..HistoryEvent::default()
        })
    }

    /// Events of the pending workflow task that its worker and readers see, but history has not yet.
    pub fn unwritten_events(&self) -> Vec<HistoryEvent> {
        let mut events: Vec<_> = self.unwritten_scheduled().into_iter().collect();
        if let Some(started) = self.workflow_task_handout().filter(|of| of.started_event_id >= self.next_event_id()) {
            events.push(self.started_event(started));
        }
        events
    }

    /// The Started event of a hand-out.
    pub(crate) fn started_event(&self, started: &stored::WorkflowTaskStarted) -> HistoryEvent {
        #[expect(deprecated, reason = "unversioned workers name their build here")]
        let attributes = WorkflowTaskStartedEventAttributes {
            worker_version: started.worker_version.clone(),
            scheduled_event_id: started.scheduled_event_id,
            identity: started.identity.clone(),
            request_id: started.request_id.clone(),
            suggest_continue_as_new: started.suggest_continue_as_new,
            suggest_continue_as_new_reasons: started.suggest_continue_as_new_reasons.clone(),
            history_size_bytes: started.history_size_bytes,
            ..WorkflowTaskStartedEventAttributes::default()
        };
        HistoryEvent {
            event_id: started.started_event_id,
            event_time: started.started_time,
            event_type: EventType::WorkflowTaskStarted as i32,
            version: self.version(),
            attributes: Some(A::WorkflowTaskStartedEventAttributes(attributes)),
            ..HistoryEvent::default()
        }
    }

    /// The queue that the run was started on.
    pub fn normal_task_queue(&self) -> TaskQueue {
        let name = self.start_attributes().task_queue.as_ref().map(|queue| queue.name.clone()).unwrap_or_default();
        TaskQueue { name, kind: TaskQueueKind::Normal as i32, normal_name: String::new() }
    }
}

#[expect(deprecated, reason = "unversioned workers name their build here")]
fn started_by(of: &WorkflowTaskStartedEventAttributes) -> Option<proto::temporal::api::common::v1::WorkerVersionStamp> {
    of.worker_version.clone()
}
