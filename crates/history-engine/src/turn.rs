//! The turn being decided: a working copy of the chain, and what was written on it so far.
//!
//! Every record goes through [`Chain::evolve`] at once, so that later steps of the same turn see it exactly as a recovery
//! will.

use std::collections::{BTreeMap, BTreeSet};

use model::{RunId, Timestamp};
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::command::v1::Command;
use proto::temporal::api::enums::v1::EventType;
use proto::temporal::api::history::v1::{HistoryEvent, history_event::Attributes};
use proto::temporal::api::sdk::v1::UserMetadata;

use crate::chain::Chain;
use crate::decide::limits;
use crate::decision::{Answer, Decision, Effect};
use crate::env::Env;
use crate::record::{Fact, Record, Volatile};
use crate::rejection::Rejection;
use crate::state::Run;
use crate::time::proto_timestamp;

/// The id of an event that waits in the buffer. Source: Temporal's `BufferedEventID`.
pub(crate) const BUFFERED_EVENT_ID: i64 = -123;

/// A turn under construction.
pub(crate) struct Turn<'a> {
    pub(crate) chain: Chain,
    pub(crate) env: &'a Env,
    records: Vec<Record>,
    effects: Vec<Effect>,
    ids: u64,
    late_starts: BTreeMap<RunId, i64>,
    original: &'a Chain,
}

/// An event to be written: attributes, and what rides on the event itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct EventDraft {
    pub(crate) attributes: Option<Attributes>,
    pub(crate) user_metadata: Option<UserMetadata>,
    pub(crate) links: Vec<proto::temporal::api::common::v1::Link>,
    /// The time where it is not now (a late Started event).
    pub(crate) time: Option<Timestamp>,
    pub(crate) worker_may_ignore: bool,
    pub(crate) event_group_markers: Vec<proto::temporal::api::sdk::v1::EventGroupMarker>,
}

impl From<Attributes> for EventDraft {
    fn from(attributes: Attributes) -> Self {
        Self { attributes: Some(attributes), ..Self::default() }
    }
}

impl EventDraft {
    /// The event of a worker's command, with what the command carries for it.
    pub(crate) fn of_command(command: &Command, attributes: Attributes) -> Self {
        Self {
            attributes: Some(attributes),
            user_metadata: command.user_metadata.clone(),
            event_group_markers: command.event_group_markers.clone(),
            ..Self::default()
        }
    }
}

impl<'a> Turn<'a> {
    pub(crate) fn new(chain: &'a Chain, env: &'a Env) -> Self {
        Self {
            chain: chain.clone(),
            env,
            // As many as an ordinary turn has; they are large to move.
            records: Vec::with_capacity(8),
            effects: Vec::new(),
            ids: 0,
            late_starts: BTreeMap::new(),
            original: chain,
        }
    }

    /// A new id, derived from the seed.
    pub(crate) fn new_id(&mut self) -> uuid::Uuid {
        self.ids += 1;
        self.env.id(self.ids)
    }

    /// The run, which the caller has checked to be in memory.
    pub(crate) fn run(&self, id: RunId) -> Result<&Run, Rejection> {
        self.chain.run(id).ok_or(Rejection::RunNotLoaded(id))
    }

    /// The chain as it was before this turn.
    pub(crate) const fn original(&self) -> &Chain {
        self.original
    }

    /// The runs that something is logged of in this turn.
    pub(crate) fn touched(&self) -> BTreeSet<RunId> {
        self.records.iter().filter(|record| record.logged().is_some()).map(|record| record.run).collect()
    }

    /// Notes that the start of a workflow task, volatile so far, is logged in this turn.
    pub(crate) fn count_late_start(&mut self, run: RunId) {
        *self.late_starts.entry(run).or_default() += 1;
    }

    /// Forgets everything written so far (a failing command discards its workflow task's changes).
    pub(crate) fn discard(&mut self) {
        self.chain = self.original.clone();
        self.records.clear();
        self.effects.clear();
        self.late_starts.clear();
    }

    /// Writes an event with the next id, now; returns the id. Zero where the run is not in memory.
    pub(crate) fn event(&mut self, run: RunId, draft: impl Into<EventDraft>) -> i64 {
        let Some(state) = self.chain.run(run) else { return 0 };
        let event = self.build(state, state.next_event_id(), draft.into());
        #[cfg(feature = "planted-bugs")]
        let event = if event.event_type() == EventType::MarkerRecorded && model::planted::Bug::SkippedEventId.is_planted() {
            HistoryEvent { event_id: event.event_id + 1, ..event }
        } else {
            event
        };
        let id = event.event_id;
        self.log(run, stored::entry::Kind::Event(event));
        id
    }

    /// Writes the event of a worker's command, with what the command carries for it.
    pub(crate) fn command_event(&mut self, run: RunId, command: &Command, attributes: Attributes) -> i64 {
        self.event(run, EventDraft::of_command(command, attributes))
    }

    /// Writes an event, or buffers it while a workflow task is started; returns its id or [`BUFFERED_EVENT_ID`].
    pub(crate) fn event_or_buffer(&mut self, run: RunId, draft: impl Into<EventDraft>) -> i64 {
        let Some(state) = self.chain.run(run) else { return 0 };
        if !state.workflow_task_is_started() {
            return self.event(run, draft);
        }
        self.buffer(run, draft)
    }

    /// Buffers an event: it is written when the buffer is flushed. Returns [`BUFFERED_EVENT_ID`].
    pub(crate) fn buffer(&mut self, run: RunId, draft: impl Into<EventDraft>) -> i64 {
        let Some(state) = self.chain.run(run) else { return 0 };
        let event = self.build(state, BUFFERED_EVENT_ID, draft.into());
        self.mark(run, stored::mark::Kind::EventBuffered(stored::EventBuffered { event: Some(Box::new(event)) }));
        BUFFERED_EVENT_ID
    }

    /// Writes an event that was built before (a flushed or a late one), with the next id; its own time is kept.
    pub(crate) fn rewrite(&mut self, run: RunId, mut event: HistoryEvent) -> i64 {
        let Some(state) = self.chain.run(run) else { return 0 };
        event.event_id = state.next_event_id();
        let id = event.event_id;
        self.log(run, stored::entry::Kind::Event(event));
        id
    }

    /// Writes a mark.
    pub(crate) fn mark(&mut self, run: RunId, kind: stored::mark::Kind) {
        self.log(run, stored::entry::Kind::Mark(stored::Mark { kind: Some(kind) }));
    }

    /// Notes something that is not stored.
    pub(crate) fn volatile(&mut self, run: RunId, fact: Volatile) {
        self.push(Record { run, fact: Fact::Volatile(fact) });
    }

    /// Adds an effect.
    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// The turn with its answer.
    pub(crate) fn done(mut self, answer: Answer) -> Decision {
        let refusal = limits::enforce(&mut self);
        self.count();
        if let Some(why) = refusal {
            return Decision { records: self.records, effects: self.effects, answer: Err(why) };
        }
        Decision { records: self.records, effects: self.effects, answer: Ok(answer) }
    }

    /// The turn with an error as its answer: committed all the same.
    pub(crate) fn refused(mut self, why: Rejection) -> Decision {
        let why = limits::enforce(&mut self).unwrap_or(why);
        self.count();
        Decision { records: self.records, effects: self.effects, answer: Err(why) }
    }

    /// The event as it would be written with this id.
    pub(crate) fn build(&self, run: &Run, event_id: i64, draft: EventDraft) -> HistoryEvent {
        let time = draft.time.unwrap_or_else(|| self.env.now.max(run.last_event_time()));
        HistoryEvent {
            event_id,
            event_time: Some(proto_timestamp(time)),
            event_type: draft.attributes.as_ref().map_or(EventType::Unspecified, event_type) as i32,
            version: run.version(),
            task_id: 0,
            worker_may_ignore: draft.worker_may_ignore,
            user_metadata: draft.user_metadata,
            links: draft.links,
            event_group_markers: draft.event_group_markers,
            attributes: draft.attributes,
            ..HistoryEvent::default()
        }
    }

    /// Ends the turn: one state transition for each run that it logs something of, and one more for a start of a workflow task
    /// that was not logged when it happened.
    fn count(&mut self) {
        let mut transitions: BTreeMap<RunId, i64> = self.touched().into_iter().map(|run| (run, 1)).collect();
        for (run, late) in &self.late_starts {
            transitions.entry(*run).and_modify(|count| *count += late);
        }
        for (run, transitions) in transitions {
            if self.chain.run(run).is_some() {
                self.mark(run, stored::mark::Kind::TurnCounted(stored::TurnCounted { transitions }));
            }
        }
    }

    fn log(&mut self, run: RunId, kind: stored::entry::Kind) {
        self.push(Record { run, fact: Fact::Logged(stored::Entry { kind: Some(kind) }) });
    }

    fn push(&mut self, record: Record) {
        self.chain.evolve(&record);
        self.records.push(record);
    }
}

/// The type of an event, by its attributes.
pub(crate) fn event_type(attributes: &Attributes) -> EventType {
    use Attributes as A;
    use EventType as T;
    match attributes {
        A::WorkflowExecutionStartedEventAttributes(_) => T::WorkflowExecutionStarted,
        A::WorkflowExecutionCompletedEventAttributes(_) => T::WorkflowExecutionCompleted,
        A::WorkflowExecutionFailedEventAttributes(_) => T::WorkflowExecutionFailed,
        A::WorkflowExecutionTimedOutEventAttributes(_) => T::WorkflowExecutionTimedOut,
        A::WorkflowTaskScheduledEventAttributes(_) => T::WorkflowTaskScheduled,
        A::WorkflowTaskStartedEventAttributes(_) => T::WorkflowTaskStarted,
        A::WorkflowTaskCompletedEventAttributes(_) => T::WorkflowTaskCompleted,
        A::WorkflowTaskTimedOutEventAttributes(_) => T::WorkflowTaskTimedOut,
        A::WorkflowTaskFailedEventAttributes(_) => T::WorkflowTaskFailed,
        A::ActivityTaskScheduledEventAttributes(_) => T::ActivityTaskScheduled,
        A::ActivityTaskStartedEventAttributes(_) => T::ActivityTaskStarted,
        A::ActivityTaskCompletedEventAttributes(_) => T::ActivityTaskCompleted,
        A::ActivityTaskFailedEventAttributes(_) => T::ActivityTaskFailed,
        A::ActivityTaskTimedOutEventAttributes(_) => T::ActivityTaskTimedOut,
        A::ActivityTaskCancelRequestedEventAttributes(_) => T::ActivityTaskCancelRequested,
        A::ActivityTaskCanceledEventAttributes(_) => T::ActivityTaskCanceled,
        A::TimerStartedEventAttributes(_) => T::TimerStarted,
        A::TimerFiredEventAttributes(_) => T::TimerFired,
        A::TimerCanceledEventAttributes(_) => T::TimerCanceled,
        A::WorkflowExecutionCancelRequestedEventAttributes(_) => T::WorkflowExecutionCancelRequested,
        A::WorkflowExecutionCanceledEventAttributes(_) => T::WorkflowExecutionCanceled,
        A::MarkerRecordedEventAttributes(_) => T::MarkerRecorded,
        A::WorkflowExecutionSignaledEventAttributes(_) => T::WorkflowExecutionSignaled,
        A::WorkflowExecutionTerminatedEventAttributes(_) => T::WorkflowExecutionTerminated,
        A::WorkflowExecutionContinuedAsNewEventAttributes(_) => T::WorkflowExecutionContinuedAsNew,
        A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(_) => {
            T::RequestCancelExternalWorkflowExecutionInitiated
        }
        A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(_) => T::RequestCancelExternalWorkflowExecutionFailed,
        A::ExternalWorkflowExecutionCancelRequestedEventAttributes(_) => T::ExternalWorkflowExecutionCancelRequested,
        A::SignalExternalWorkflowExecutionInitiatedEventAttributes(_) => T::SignalExternalWorkflowExecutionInitiated,
        A::SignalExternalWorkflowExecutionFailedEventAttributes(_) => T::SignalExternalWorkflowExecutionFailed,
        A::ExternalWorkflowExecutionSignaledEventAttributes(_) => T::ExternalWorkflowExecutionSignaled,
        A::UpsertWorkflowSearchAttributesEventAttributes(_) => T::UpsertWorkflowSearchAttributes,
        A::WorkflowPropertiesModifiedEventAttributes(_) => T::WorkflowPropertiesModified,
        A::StartChildWorkflowExecutionInitiatedEventAttributes(_) => T::StartChildWorkflowExecutionInitiated,
        A::StartChildWorkflowExecutionFailedEventAttributes(_) => T::StartChildWorkflowExecutionFailed,
        A::ChildWorkflowExecutionStartedEventAttributes(_) => T::ChildWorkflowExecutionStarted,
        A::ChildWorkflowExecutionCompletedEventAttributes(_) => T::ChildWorkflowExecutionCompleted,
        A::ChildWorkflowExecutionFailedEventAttributes(_) => T::ChildWorkflowExecutionFailed,
        A::ChildWorkflowExecutionCanceledEventAttributes(_) => T::ChildWorkflowExecutionCanceled,
        A::ChildWorkflowExecutionTimedOutEventAttributes(_) => T::ChildWorkflowExecutionTimedOut,
        A::ChildWorkflowExecutionTerminatedEventAttributes(_) => T::ChildWorkflowExecutionTerminated,
        A::WorkflowExecutionOptionsUpdatedEventAttributes(_) => T::WorkflowExecutionOptionsUpdated,
        // Not written by what is built so far.
        _ => T::Unspecified,
    }
}
