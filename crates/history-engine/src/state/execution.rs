//! The run itself: its counters, its first and its last event, and what it owes once closed.

use model::Timestamp;
use prost::Message;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::enums::v1::{ParentClosePolicy, WorkflowExecutionStatus};
use proto::temporal::api::history::v1::{HistoryEvent, WorkflowExecutionStartedEventAttributes, history_event::Attributes as A};

use super::Run;
use super::children::initiated;
use crate::task::Task;
use crate::time::{duration, proto_timestamp, timestamp_opt};

/// Automatic reset points kept. Source: Temporal's `MaxAutoResetPoints`.
const RESET_POINTS: usize = 20;

impl Run {
    /// Counters that every event moves.
    pub(super) fn event_counted(&mut self, event: &HistoryEvent) {
        self.state.next_event_id = event.event_id.saturating_add(1);
        // A Started event of an activity is written late, with the time at which it happened.
        let time = timestamp_opt(event.event_time.as_ref()).unwrap_or(Timestamp::EPOCH);
        self.state.last_event_time = Some(proto_timestamp(time.max(self.last_event_time())));
        self.state.history_size_bytes =
            self.state.history_size_bytes.saturating_add(i64::try_from(event.encoded_len()).unwrap_or(i64::MAX));
    }

    pub(super) fn execution_started(&mut self, event: &HistoryEvent, of: &WorkflowExecutionStartedEventAttributes) -> Vec<Task> {
        self.state.memo = of.memo.clone().unwrap_or_default().fields;
        self.state.search_attributes = of.search_attributes.clone().unwrap_or_default().indexed_fields;
        self.state.reset_points = of.prev_auto_reset_points.clone().unwrap_or_default().points;
        self.state.started_event = Some(Box::new(event.clone()));
        self.state.visibility_version += 1;
        Vec::new()
    }

    pub(super) fn turn_counted(&mut self, of: &stored::TurnCounted) -> Vec<Task> {
        self.state.state_transition_count = self.state.state_transition_count.saturating_add(of.transitions);
        Vec::new()
    }

    pub(super) fn reset_point_noted(&mut self, of: &stored::ResetPoint) -> Vec<Task> {
        if self.state.reset_points.len() >= RESET_POINTS {
            self.state.reset_points.remove(0);
        }
        self.state.reset_points.extend(of.point.clone());
        Vec::new()
    }

    pub(super) fn cancel_requested(&mut self) -> Vec<Task> {
        self.state.cancel_requested = true;
        Vec::new()
    }

    pub(super) fn deletion_requested(&mut self) -> Vec<Task> {
        self.state.deletion_requested = true;
        self.deletion_owed().into_iter().collect()
    }

    pub(super) fn parent_reported(&mut self) -> Vec<Task> {
        self.state.parent_report_owed = false;
        self.deletion_owed().into_iter().collect()
    }

    /// The last event: what is pending goes, what is owed to parent and children stays.
    pub(super) fn closed(&mut self, event: &HistoryEvent) -> Vec<Task> {
        if !self.is_open() {
            return Vec::new();
        }
        let Some((status, new_run_id)) = event.attributes.as_ref().and_then(outcome) else { return Vec::new() };
        self.state.set_lifecycle(stored::Lifecycle::Completed);
        self.state.set_status(status);
        self.state.close_event = Some(Box::new(event.clone()));
        self.state.close_time = event.event_time;
        self.state.new_run_id = new_run_id.to_owned();
        self.state.visibility_version += 1;
        self.workflow_task_gone();
        self.state.sticky_queue = None;
        self.state.buffered_events.clear();
        self.activities = super::activities::Activities::default();
        self.timers = super::timers::Timers::default();
        self.pending.external_signals.clear();
        self.pending.external_cancels.clear();
        self.state.parent_report_owed = new_run_id.is_empty() && self.parent().is_some();
        let children = std::mem::take(&mut self.pending.children).to_map();
        let (abandoned, to_close): (Vec<_>, Vec<_>) = children.into_iter().partition(|(_, child)| abandoned(child));
        self.pending.children_to_close = to_close.into_iter().collect();
        // An abandoned child that has started still needs its first workflow task; so does one whose start may be on its way.
        let last_task = event.attributes.as_ref().map_or(0, completed_task);
        let gets_going =
            |child: &stored::Child| child.first_task_owed || (child.started_event_id == 0 && !is_of(child, last_task));
        self.pending.children = abandoned.into_iter().filter(|(_, child)| gets_going(child)).collect();
        self.close_owed()
    }

    /// What a closed run owes its parent, its children and who wants it deleted.
    pub(super) fn close_owed(&self) -> Vec<Task> {
        if self.is_open() {
            return Vec::new();
        }
        let run = self.id;
        let report = self.state.parent_report_owed.then_some(Task::ReportToParent { run });
        let children = self.pending.children_to_close.keys().map(|id| Task::CloseChild { run, initiated_event_id: *id });
        report.into_iter().chain(children).chain(self.deletion_owed()).collect()
    }

    /// Whether a closed run owes this.
    pub(super) fn closed_owes(&self, task: &Task) -> bool {
        match task {
            Task::ReportToParent { .. } => !self.is_open() && self.state.parent_report_owed,
            Task::CloseChild { initiated_event_id, .. } => {
                !self.is_open() && self.pending.children_to_close.contains_key(initiated_event_id)
            }
            _ => self.deletion_owed().as_ref() == Some(task),
        }
    }

    /// The deletion of a closed run waits until nobody needs it any more.
    pub(super) fn deletion_owed(&self) -> Option<Task> {
        let settled = !self.is_open()
            && !self.state.parent_report_owed
            && self.pending.children.is_empty()
            && self.pending.children_to_close.is_empty();
        (settled && self.state.deletion_requested).then_some(Task::DeleteRun { run: self.id })
    }

    /// When the run or its execution times out.
    pub(crate) fn execution_deadline(&self) -> Option<Timestamp> {
        let run = timestamp_opt(self.state.run_expiration.as_ref());
        let execution = timestamp_opt(self.state.execution_expiration.as_ref());
        run.into_iter().chain(execution).min()
    }

    /// When the first workflow task is to be scheduled, where it waits for its time.
    pub(crate) fn first_task_due(&self) -> Option<Timestamp> {
        self.waits_for_first_task().then(|| timestamp_opt(self.state.execution_time.as_ref())).flatten()
    }

    /// Whether the first workflow task waits for a start delay, a cron time or a retry's backoff.
    pub(crate) fn waits_for_first_task(&self) -> bool {
        !self.state.workflow_task_ever_scheduled
            && !duration(self.start_attributes().first_workflow_task_backoff.as_ref()).is_zero()
    }

    /// What the Started event says.
    pub fn start_attributes(&self) -> &WorkflowExecutionStartedEventAttributes {
        static NONE: std::sync::LazyLock<WorkflowExecutionStartedEventAttributes> =
            std::sync::LazyLock::new(WorkflowExecutionStartedEventAttributes::default);
        match self.state.started_event.as_ref().and_then(|event| event.attributes.as_ref()) {
            Some(A::WorkflowExecutionStartedEventAttributes(of)) => of,
            _ => &NONE,
        }
    }

    /// The parent's run, where there is one.
    pub fn parent(&self) -> Option<&proto::temporal::api::common::v1::WorkflowExecution> {
        self.start_attributes().parent_workflow_execution.as_ref()
    }
}

/// How a closing event ends the run, and the run that follows.
fn outcome(attributes: &A) -> Option<(WorkflowExecutionStatus, &str)> {
    use WorkflowExecutionStatus as S;
    Some(match attributes {
        A::WorkflowExecutionCompletedEventAttributes(of) => (S::Completed, &of.new_execution_run_id),
        A::WorkflowExecutionFailedEventAttributes(of) => (S::Failed, &of.new_execution_run_id),
        A::WorkflowExecutionTimedOutEventAttributes(of) => (S::TimedOut, &of.new_execution_run_id),
        A::WorkflowExecutionContinuedAsNewEventAttributes(of) => (S::ContinuedAsNew, &of.new_execution_run_id),
        A::WorkflowExecutionCanceledEventAttributes(_) => (S::Canceled, ""),
        A::WorkflowExecutionTerminatedEventAttributes(_) => (S::Terminated, ""),
        _ => return None,
    })
}

/// The Completed event of the workflow task whose worker ended the run; 0 where nobody did.
const fn completed_task(last: &A) -> i64 {
    match last {
        A::WorkflowExecutionCompletedEventAttributes(of) => of.workflow_task_completed_event_id,
        A::WorkflowExecutionFailedEventAttributes(of) => of.workflow_task_completed_event_id,
        A::WorkflowExecutionCanceledEventAttributes(of) => of.workflow_task_completed_event_id,
        A::WorkflowExecutionContinuedAsNewEventAttributes(of) => of.workflow_task_completed_event_id,
        _ => 0,
    }
}

fn abandoned(child: &stored::Child) -> bool {
    initiated(child).is_some_and(|of| of.parent_close_policy() == ParentClosePolicy::Abandon)
}

/// Whether the child was asked for by that workflow task.
fn is_of(child: &stored::Child, task: i64) -> bool {
    initiated(child).is_some_and(|of| of.workflow_task_completed_event_id == task)
}
