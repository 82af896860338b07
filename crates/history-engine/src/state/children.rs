//! Children of a run: until the parent knows how each ended, and what the parent owes them.

use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::history::v1::{
    HistoryEvent, StartChildWorkflowExecutionInitiatedEventAttributes, history_event::Attributes as A,
};

use super::Run;
use crate::task::Task;

/// What was initiated.
pub(crate) fn initiated(child: &stored::Child) -> Option<&StartChildWorkflowExecutionInitiatedEventAttributes> {
    match child.initiated_event.as_ref()?.attributes.as_ref()? {
        A::StartChildWorkflowExecutionInitiatedEventAttributes(of) => Some(of),
        _ => None,
    }
}

impl Run {
    /// The request id of what an initiated event asks of another workflow: the receiver dedupes by it.
    pub(super) fn request_id_of(&self, initiated: &HistoryEvent) -> String {
        format!("{}:{}:{}", self.id, initiated.event_id, initiated.version)
    }

    pub(super) fn child_initiated(&mut self, event: &HistoryEvent) -> Vec<Task> {
        let child = stored::Child {
            initiated_event_id: event.event_id,
            initiated_event: Some(Box::new(event.clone())),
            request_id: self.request_id_of(event),
            last_update: event.event_id,
            ..stored::Child::default()
        };
        self.pending.children.insert(event.event_id, child);
        vec![Task::StartChild { run: self.id, initiated_event_id: event.event_id }]
    }

    /// It has started (the event may be buffered first, and come again with its id).
    pub(super) fn child_started(
        &mut self,
        event: &HistoryEvent,
        initiated_event_id: i64,
        execution: Option<&WorkflowExecution>,
    ) -> Vec<Task> {
        let is_news = self.pending.children.update(&initiated_event_id, |child| {
            let is_news = child.started_event_id == 0;
            child.started_event_id = event.event_id;
            child.run_id = execution.map(|execution| execution.run_id.clone()).unwrap_or_default();
            child.first_task_owed |= is_news;
            is_news
        });
        if is_news == Some(true) { vec![Task::ScheduleChildFirstTask { run: self.id, initiated_event_id }] } else { Vec::new() }
    }

    /// It could not start, or it ended.
    pub(super) fn child_ended(&mut self, initiated_event_id: i64) -> Vec<Task> {
        self.pending.children.remove(&initiated_event_id);
        Vec::new()
    }

    pub(super) fn child_first_task_scheduled(&mut self, of: &stored::ChildFirstTaskScheduled) -> Vec<Task> {
        if !self.is_open() {
            // A closed run keeps a child only for this.
            self.pending.children.remove(&of.initiated_event_id);
            return self.deletion_owed().into_iter().collect();
        }
        self.pending.children.update(&of.initiated_event_id, |child| child.first_task_owed = false);
        Vec::new()
    }

    pub(super) fn child_close_policy_applied(&mut self, of: &stored::ChildClosePolicyApplied) -> Vec<Task> {
        let had = self.pending.children_to_close.remove(&of.initiated_event_id).is_some();
        self.deletion_owed().filter(|_| had).into_iter().collect()
    }

    /// Children to start, and started ones that wait for their first workflow task: of a closed run these are all it keeps.
    /// (What else it owes its children is listed with its other debts.)
    pub(super) fn children_owed(&self) -> impl Iterator<Item = Task> {
        self.pending.children.values().filter_map(|child| self.child_owed(child))
    }

    pub(super) fn child_owed(&self, child: &stored::Child) -> Option<Task> {
        let (run, initiated_event_id) = (self.id, child.initiated_event_id);
        if child.first_task_owed {
            return Some(Task::ScheduleChildFirstTask { run, initiated_event_id });
        }
        (child.started_event_id == 0).then_some(Task::StartChild { run, initiated_event_id })
    }

    /// A child that the parent has not heard the end of.
    pub fn child(&self, initiated_event_id: i64) -> Option<&stored::Child> {
        self.pending.children.get(&initiated_event_id)
    }
}
