//! The table from events and marks to what a run waits for: activities, timers, children, other workflows.

use model::Timestamp;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::history::v1::HistoryEvent;
use stored::mark::Kind as M;

use super::{A, Run, SharedMap};
use crate::record::Volatile;
use crate::task::Task;

/// Children, and signals to and cancel requests for other workflows, by the event that began them.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Pending {
    pub(super) children: SharedMap<i64, stored::Child>,
    pub(super) children_to_close: SharedMap<i64, stored::Child>,
    pub(super) external_signals: SharedMap<i64, stored::ExternalSignal>,
    pub(super) external_cancels: SharedMap<i64, stored::ExternalCancel>,
}

impl Pending {
    /// Takes it out of a stored state.
    pub(super) fn take(state: &mut stored::RunState) -> Self {
        Self {
            children: std::mem::take(&mut state.children).into_iter().collect(),
            children_to_close: std::mem::take(&mut state.children_to_close).into_iter().collect(),
            external_signals: std::mem::take(&mut state.external_signals).into_iter().collect(),
            external_cancels: std::mem::take(&mut state.external_cancels).into_iter().collect(),
        }
    }

    /// Puts it into a state that is to be stored.
    pub(super) fn put(&self, state: &mut stored::RunState) {
        state.children = self.children.to_map();
        state.children_to_close = self.children_to_close.to_map();
        state.external_signals = self.external_signals.to_map();
        state.external_cancels = self.external_cancels.to_map();
    }

    pub(super) const fn memory(&self) -> usize {
        self.children.memory() + self.children_to_close.memory() + self.external_signals.memory() + self.external_cancels.memory()
    }

    pub(super) const fn bytes(&self) -> usize {
        self.children.bytes() + self.children_to_close.bytes() + self.external_signals.bytes() + self.external_cancels.bytes()
    }
}

impl Run {
    /// Children that the parent has not heard the end of, by their initiated events.
    pub const fn children(&self) -> &SharedMap<i64, stored::Child> {
        &self.pending.children
    }

    /// Children of a closed parent whose close policy is still to be applied.
    pub const fn children_to_close(&self) -> &SharedMap<i64, stored::Child> {
        &self.pending.children_to_close
    }

    /// Signals to other workflows that are under way, by their initiated events.
    pub const fn external_signals(&self) -> &SharedMap<i64, stored::ExternalSignal> {
        &self.pending.external_signals
    }

    /// Cancel requests for other workflows that are under way, by their initiated events.
    pub const fn external_cancels(&self) -> &SharedMap<i64, stored::ExternalCancel> {
        &self.pending.external_cancels
    }

    /// What an event changes in what the run waits for. An outcome counts as soon as it is buffered and changes nothing when
    /// it comes again out of the buffer, so this may be called for both.
    pub(super) fn pending_event(&mut self, event: &HistoryEvent) -> Vec<Task> {
        let Some(attributes) = &event.attributes else { return Vec::new() };
        match attributes {
            A::ActivityTaskScheduledEventAttributes(_) => self.activity_scheduled(event),
            A::ActivityTaskCancelRequestedEventAttributes(of) => self.activity_cancel_requested(event, of),
            A::ActivityTaskCompletedEventAttributes(of) => self.activity_ended(of.scheduled_event_id),
            A::ActivityTaskFailedEventAttributes(of) => self.activity_ended(of.scheduled_event_id),
            A::ActivityTaskTimedOutEventAttributes(of) => self.activity_ended(of.scheduled_event_id),
            A::ActivityTaskCanceledEventAttributes(of) => self.activity_ended(of.scheduled_event_id),
            A::TimerStartedEventAttributes(of) => self.timer_started(event, of),
            A::TimerFiredEventAttributes(of) => self.timer_ended(&of.timer_id, of.started_event_id),
            A::TimerCanceledEventAttributes(of) => self.timer_ended(&of.timer_id, of.started_event_id),
            _ => self.pending_elsewhere(event, attributes),
        }
    }

    fn pending_elsewhere(&mut self, event: &HistoryEvent, attributes: &A) -> Vec<Task> {
        match attributes {
            A::StartChildWorkflowExecutionInitiatedEventAttributes(_) => self.child_initiated(event),
            A::ChildWorkflowExecutionStartedEventAttributes(of) => {
                self.child_started(event, of.initiated_event_id, of.workflow_execution.as_ref())
            }
            A::StartChildWorkflowExecutionFailedEventAttributes(of) => self.child_ended(of.initiated_event_id),
            A::ChildWorkflowExecutionCompletedEventAttributes(of) => self.child_ended(of.initiated_event_id),
            A::ChildWorkflowExecutionFailedEventAttributes(of) => self.child_ended(of.initiated_event_id),
            A::ChildWorkflowExecutionCanceledEventAttributes(of) => self.child_ended(of.initiated_event_id),
            A::ChildWorkflowExecutionTimedOutEventAttributes(of) => self.child_ended(of.initiated_event_id),
            A::ChildWorkflowExecutionTerminatedEventAttributes(of) => self.child_ended(of.initiated_event_id),
            A::SignalExternalWorkflowExecutionInitiatedEventAttributes(_) => self.external_signal_initiated(event),
            A::SignalExternalWorkflowExecutionFailedEventAttributes(of) => self.external_signal_ended(of.initiated_event_id),
            A::ExternalWorkflowExecutionSignaledEventAttributes(of) => self.external_signal_ended(of.initiated_event_id),
            A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(_) => self.external_cancel_initiated(event),
            A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(of) => {
                self.external_cancel_ended(of.initiated_event_id)
            }
            A::ExternalWorkflowExecutionCancelRequestedEventAttributes(of) => self.external_cancel_ended(of.initiated_event_id),
            _ => Vec::new(),
        }
    }

    /// What a mark changes in what the run waits for.
    pub(super) fn pending_mark(&mut self, mark: &M) -> Vec<Task> {
        match mark {
            M::ActivityStarted(of) => self.activity_started(of),
            M::ActivityRetried(of) => self.activity_retried(of),
            M::ActivityHeartbeat(of) => self.activity_heartbeat(of),
            M::ActivitySpilled(of) => self.activity_spilled(of),
            M::BufferedEventRemoved(of) => self.buffered_event_removed(of),
            M::ChildFirstTaskScheduled(of) => self.child_first_task_scheduled(of),
            M::ChildClosePolicyApplied(of) => self.child_close_policy_applied(of),
            _ => Vec::new(),
        }
    }

    /// What a volatile fact changes in what the run waits for.
    pub(super) fn pending_volatile(&mut self, fact: &Volatile) -> Vec<Task> {
        match fact {
            Volatile::ActivityAlive { scheduled_event_id, time } => self.activity_alive(*scheduled_event_id, *time),
            Volatile::ActivityDue { scheduled_event_id, attempt } => self.activity_due(*scheduled_event_id, *attempt),
            _ => Vec::new(),
        }
    }

    /// What is owed to get on with what the run waits for.
    pub(super) fn pending_owed(&self) -> impl Iterator<Item = Task> {
        self.activities_owed().chain(self.children_owed()).chain(self.externals_owed())
    }

    /// Whether a task of these is owed.
    pub(super) fn pending_owes(&self, task: &Task) -> bool {
        match task {
            Task::ActivityTask { scheduled_event_id, .. } => self.activity_owed(*scheduled_event_id).as_ref() == Some(task),
            Task::StartChild { initiated_event_id, .. } | Task::ScheduleChildFirstTask { initiated_event_id, .. } => {
                self.child(*initiated_event_id).and_then(|child| self.child_owed(child)).as_ref() == Some(task)
            }
            Task::SignalExternal { initiated_event_id, .. } => self.pending.external_signals.contains_key(initiated_event_id),
            Task::CancelExternal { initiated_event_id, .. } => self.pending.external_cancels.contains_key(initiated_event_id),
            _ => false,
        }
    }

    /// When something of it falls due.
    pub(super) fn pending_wake(&self) -> Option<Timestamp> {
        self.activity_wake().into_iter().chain(self.timer_wake()).min()
    }
}
