//! What a workflow knows from its history.

use std::collections::{BTreeMap, BTreeSet};

use model::RunId;
use proto::temporal::api::history::v1::{HistoryEvent, WorkflowExecutionStartedEventAttributes, history_event::Attributes as A};

/// A history, folded as an SDK would.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) run_id: RunId,
    pub(crate) workflow_id: String,
    pub(crate) workflow_type: String,
    /// How many workflow tasks it has completed.
    pub(crate) step: u64,
    /// The newest event.
    pub(crate) last: i64,
    /// Which link of a chain of continue-as-new it is; from its input.
    pub(crate) generation: u64,
    /// 0 for a workflow without a parent.
    pub(crate) depth: usize,
    pub(crate) cancel_requested: bool,
    /// Names of signals, in order.
    pub(crate) signals: Vec<String>,
    /// Activity ids by scheduled event.
    pub(crate) activities: BTreeMap<i64, String>,
    /// Timer ids by started event.
    pub(crate) timers: BTreeMap<i64, String>,
    /// Workflow ids of children by initiated event.
    pub(crate) children: BTreeMap<i64, String>,
    pub(crate) externals: BTreeSet<i64>,
    pub(crate) fired: u64,
    /// How many activities have completed.
    pub(crate) completed: u64,
    pub(crate) task_queue: String,
}

impl View {
    pub(crate) fn new(run_id: RunId, workflow_id: &str, events: &[HistoryEvent]) -> Self {
        let mut view = Self {
            run_id,
            workflow_id: workflow_id.to_owned(),
            workflow_type: String::new(),
            step: 0,
            last: 0,
            generation: 0,
            depth: workflow_id.matches('/').count(),
            cancel_requested: false,
            signals: Vec::new(),
            activities: BTreeMap::new(),
            timers: BTreeMap::new(),
            children: BTreeMap::new(),
            externals: BTreeSet::new(),
            fired: 0,
            completed: 0,
            task_queue: String::new(),
        };
        for event in events {
            view.last = event.event_id;
            if let Some(attributes) = &event.attributes {
                view.fold(event.event_id, attributes);
            }
        }
        view
    }

    /// Whether something will give it another task by itself, when so many of its timers are cancelled.
    pub(crate) fn waits(&self, canceled: usize) -> bool {
        let others = self.activities.len() + self.children.len() + self.externals.len();
        others > 0 || self.timers.len() > canceled
    }

    /// A child that is under way.
    pub(crate) fn a_child(&self) -> Option<String> {
        self.children.values().next().cloned()
    }

    fn fold(&mut self, id: i64, attributes: &A) {
        match attributes {
            A::WorkflowExecutionStartedEventAttributes(of) => self.started(of),
            A::WorkflowTaskCompletedEventAttributes(_) => self.step += 1,
            A::WorkflowExecutionCancelRequestedEventAttributes(_) => self.cancel_requested = true,
            A::WorkflowExecutionSignaledEventAttributes(of) => self.signals.push(of.signal_name.clone()),
            A::ActivityTaskScheduledEventAttributes(of) => drop(self.activities.insert(id, of.activity_id.clone())),
            A::ActivityTaskCompletedEventAttributes(of) => {
                self.completed += 1;
                self.activities.remove(&of.scheduled_event_id);
            }
            A::ActivityTaskFailedEventAttributes(of) => drop(self.activities.remove(&of.scheduled_event_id)),
            A::ActivityTaskTimedOutEventAttributes(of) => drop(self.activities.remove(&of.scheduled_event_id)),
            A::ActivityTaskCanceledEventAttributes(of) => drop(self.activities.remove(&of.scheduled_event_id)),
            A::TimerStartedEventAttributes(of) => drop(self.timers.insert(id, of.timer_id.clone())),
            A::TimerFiredEventAttributes(of) => {
                self.fired += 1;
                self.timers.remove(&of.started_event_id);
            }
            A::TimerCanceledEventAttributes(of) => drop(self.timers.remove(&of.started_event_id)),
            A::StartChildWorkflowExecutionInitiatedEventAttributes(of) => {
                self.children.insert(id, of.workflow_id.clone());
            }
            A::StartChildWorkflowExecutionFailedEventAttributes(of) => drop(self.children.remove(&of.initiated_event_id)),
            A::ChildWorkflowExecutionCompletedEventAttributes(of) => drop(self.children.remove(&of.initiated_event_id)),
            A::ChildWorkflowExecutionFailedEventAttributes(of) => drop(self.children.remove(&of.initiated_event_id)),
            A::ChildWorkflowExecutionCanceledEventAttributes(of) => drop(self.children.remove(&of.initiated_event_id)),
            A::ChildWorkflowExecutionTimedOutEventAttributes(of) => drop(self.children.remove(&of.initiated_event_id)),
            A::ChildWorkflowExecutionTerminatedEventAttributes(of) => drop(self.children.remove(&of.initiated_event_id)),
            A::SignalExternalWorkflowExecutionInitiatedEventAttributes(_)
            | A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(_) => drop(self.externals.insert(id)),
            A::SignalExternalWorkflowExecutionFailedEventAttributes(of) => drop(self.externals.remove(&of.initiated_event_id)),
            A::ExternalWorkflowExecutionSignaledEventAttributes(of) => drop(self.externals.remove(&of.initiated_event_id)),
            A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(of) => {
                self.externals.remove(&of.initiated_event_id);
            }
            A::ExternalWorkflowExecutionCancelRequestedEventAttributes(of) => {
                self.externals.remove(&of.initiated_event_id);
            }
            _ => {}
        }
    }

    fn started(&mut self, of: &WorkflowExecutionStartedEventAttributes) {
        self.workflow_type = of.workflow_type.as_ref().map(|of| of.name.clone()).unwrap_or_default();
        self.task_queue = of.task_queue.as_ref().map(|of| of.name.clone()).unwrap_or_default();
        let input = of.input.iter().flat_map(|input| &input.payloads).next();
        let text = input.map(|payload| String::from_utf8_lossy(&payload.data).into_owned()).unwrap_or_default();
        self.generation = text.trim_matches('"').parse().unwrap_or(0);
    }
}
