//! One run: its durable state ([`stored::RunState`], which is also the snapshot), and what is volatile beside it.
//!
//! `evolve` lives beside the state it changes: one module per noun below.

pub(crate) mod activities;
mod buffered;
pub(crate) mod children;
mod execution;
pub(crate) mod externals;
mod pending;
mod requests;
mod search_attributes;
mod shared_map;
mod timers;
mod workflow_task;

pub(crate) use search_attributes::{is_nothing, merge};
pub use shared_map::SharedMap;

use model::{RunId, Timestamp};
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::enums::v1::WorkflowExecutionStatus;
use proto::temporal::api::history::v1::{HistoryEvent, history_event::Attributes as A};
use stored::mark::Kind as M;

use crate::chain::Corrupt;
use crate::record::{Fact, Volatile};
use crate::task::Task;
use crate::time::timestamp_opt;

/// One run of a chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    id: RunId,
    /// Without what is in `pending`, `activities`, `timers` and `requests`: the fields of those are empty here.
    state: stored::RunState,
    pending: pending::Pending,
    activities: activities::Activities,
    timers: timers::Timers,
    requests: requests::Requests,
    /// The hand-out of the pending workflow task, where its start is not logged.
    started: Option<stored::WorkflowTaskStarted>,
    /// The offer that a task queue took (scheduled event, attempt), so that it is not owed now.
    offered: Option<(i64, i32)>,
    /// Deadlines that only a worker can meet count from here at the earliest; `None` after a recovery, until the first wake.
    deadlines_from: Option<Timestamp>,
}

impl Run {
    /// A run at its first fact.
    pub(crate) fn create(created: &stored::RunCreated) -> Option<Self> {
        let id = RunId::parse(&created.run_id).ok()?;
        let state = stored::RunState {
            format: 1,
            namespace_id: created.namespace_id.clone(),
            workflow_id: created.workflow_id.clone(),
            run_id: created.run_id.clone(),
            lifecycle: stored::Lifecycle::Created as i32,
            status: WorkflowExecutionStatus::Running as i32,
            next_event_id: 1,
            version: created.version,
            branch_id: created.branch_id.clone(),
            create_request_id: created.create_request_id.clone(),
            requests: created.inherited_requests.clone(),
            execution_time: created.execution_time,
            execution_expiration: created.execution_expiration,
            run_expiration: created.run_expiration,
            waits_for_parent: created.waits_for_parent,
            next_workflow_task_attempt: 1,
            ..stored::RunState::default()
        };
        let mut run = Self::of(id, state);
        run.deadlines_from = Some(Timestamp::EPOCH);
        Some(run)
    }

    /// A run in this state; nothing volatile is known of it.
    fn of(id: RunId, mut state: stored::RunState) -> Self {
        let mut run = Self {
            id,
            pending: pending::Pending::take(&mut state),
            activities: activities::Activities::take(&mut state),
            timers: timers::Timers::take(&mut state),
            requests: requests::Requests::take(&mut state),
            state,
            started: None,
            offered: None,
            deadlines_from: None,
        };
        run.order_activities();
        run
    }

    /// The whole durable state: for snapshots.
    pub fn snapshot(&self) -> stored::RunState {
        let mut state = self.state.clone();
        self.pending.put(&mut state);
        state.activities = self.activities.all().to_map();
        state.timers = self.timers.all().to_map();
        state.requests = self.requests.iter().cloned().collect();
        state
    }

    /// Bytes of the durable state.
    pub(crate) fn stored_bytes(&self) -> usize {
        self.pending_bytes() + prost::Message::encoded_len(&self.state)
    }

    /// Bytes in memory, estimated, of everything but what events say of the execution itself.
    pub const fn memory(&self) -> usize {
        size_of::<Self>() + self.pending.memory() + self.activities.memory() + self.timers.memory() + self.requests.memory()
    }

    /// Bytes of what grows without history: what the run waits for, and the requests that it remembers.
    pub(crate) fn pending_bytes(&self) -> usize {
        self.pending.bytes() + self.activities.all().bytes() + self.timers.all().bytes() + self.requests.bytes()
    }

    /// Snapshot and fold.
    pub(crate) fn restore(run: stored_run::StoredRun) -> Result<Self, Corrupt> {
        stored_run::restore(run)
    }

    /// Makes a fact true; returns what became owed.
    pub(crate) fn evolve(&mut self, fact: &Fact) -> Vec<Task> {
        match fact {
            Fact::Logged(stored::Entry { kind: Some(stored::entry::Kind::Event(event)) }) => self.evolve_event(event),
            Fact::Logged(stored::Entry { kind: Some(stored::entry::Kind::Mark(mark)) }) => {
                mark.kind.as_ref().map(|kind| self.evolve_mark(kind)).unwrap_or_default()
            }
            Fact::Logged(_) => Vec::new(),
            Fact::Volatile(fact) => self.evolve_volatile(fact),
        }
    }

    /// One arm per event that changes more than the counters.
    fn evolve_event(&mut self, event: &HistoryEvent) -> Vec<Task> {
        let Some(attributes) = &event.attributes else { return Vec::new() };
        if event.event_id != self.state.next_event_id {
            return Vec::new();
        }
        self.event_counted(event);
        match attributes {
            A::WorkflowExecutionStartedEventAttributes(of) => self.execution_started(event, of),
            A::WorkflowTaskScheduledEventAttributes(of) => self.workflow_task_scheduled(event, of),
            A::WorkflowTaskStartedEventAttributes(of) => self.workflow_task_started(event, of),
            A::WorkflowTaskCompletedEventAttributes(of) => self.workflow_task_completed(of),
            A::WorkflowTaskFailedEventAttributes(_) | A::WorkflowTaskTimedOutEventAttributes(_) => self.workflow_task_ended(),
            A::WorkflowExecutionSignaledEventAttributes(of) => self.signaled(event, of),
            A::WorkflowExecutionOptionsUpdatedEventAttributes(of) => self.options_updated(event, of),
            A::WorkflowExecutionCancelRequestedEventAttributes(_) => self.cancel_requested(),
            A::UpsertWorkflowSearchAttributesEventAttributes(of) => self.search_attributes_upserted(of),
            A::WorkflowPropertiesModifiedEventAttributes(of) => self.properties_modified(of),
            A::WorkflowExecutionCompletedEventAttributes(_)
            | A::WorkflowExecutionFailedEventAttributes(_)
            | A::WorkflowExecutionTimedOutEventAttributes(_)
            | A::WorkflowExecutionCanceledEventAttributes(_)
            | A::WorkflowExecutionTerminatedEventAttributes(_)
            | A::WorkflowExecutionContinuedAsNewEventAttributes(_) => self.closed(event),
            // What the run waits for; markers and the like are history alone.
            _ => self.pending_event(event),
        }
    }

    /// One arm per mark.
    fn evolve_mark(&mut self, mark: &M) -> Vec<Task> {
        match mark {
            M::WorkflowTaskScheduled(of) => self.workflow_task_marked_scheduled(of),
            M::WorkflowTaskStarted(of) => self.workflow_task_marked_started(of),
            M::WorkflowTaskAttemptFailed(of) => self.workflow_task_attempt_failed(of),
            M::WorkflowTaskDropped(_) => self.workflow_task_ended(),
            M::WorkflowTaskSpilled(of) => self.workflow_task_spilled(of),
            M::StickyQueue(of) => self.sticky_queue_set(of),
            M::CloseAttempted(of) => self.close_was_attempted(of),
            M::EventBuffered(of) => self.event_buffered(of),
            M::BufferFlushed(_) => self.buffer_flushed(),
            M::ResetPoint(of) => self.reset_point_noted(of),
            M::RequestSeen(of) => self.request_seen(of),
            M::ParentReported(_) => self.parent_reported(),
            M::DeletionRequested(_) => self.deletion_requested(),
            M::TurnCounted(of) => self.turn_counted(of),
            _ => self.pending_mark(mark),
        }
    }

    /// One arm per volatile fact.
    fn evolve_volatile(&mut self, fact: &Volatile) -> Vec<Task> {
        match fact {
            Volatile::WorkflowTaskStarted(of) => self.workflow_task_handed_out(of),
            Volatile::WorkflowTaskOffered { scheduled_event_id, attempt } => {
                self.workflow_task_offered(*scheduled_event_id, *attempt)
            }
            Volatile::Recovered { time } => self.deadlines_start_afresh(*time),
            _ => self.pending_volatile(fact),
        }
    }

    /// Everything owed.
    pub fn tasks(&self) -> Vec<Task> {
        let mut tasks = Vec::new();
        tasks.extend(self.workflow_task_owed());
        tasks.extend(self.flush_owed());
        tasks.extend(self.close_owed());
        tasks.extend(self.pending_owed());
        tasks
    }

    /// Whether this is owed.
    pub fn owes(&self, task: &Task) -> bool {
        match task {
            Task::WorkflowTask { .. } => self.workflow_task_owed().as_ref() == Some(task),
            Task::FlushBuffer { .. } => self.flush_owed().as_ref() == Some(task),
            Task::ReportToParent { .. } | Task::CloseChild { .. } | Task::DeleteRun { .. } => self.closed_owes(task),
            _ => self.pending_owes(task),
        }
    }

    /// When something falls due by itself: the earliest over all nouns. [`Timestamp::EPOCH`] means now.
    pub fn next_wake(&self) -> Option<Timestamp> {
        if !self.is_open() {
            return None;
        }
        [self.workflow_task_deadline(), self.execution_deadline(), self.first_task_due(), self.pending_wake()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Drops what a crash would.
    pub(crate) fn forget_volatile(&mut self) {
        self.started = None;
        self.offered = None;
        self.deadlines_from = None;
        self.forget_seen_activities();
        self.reoffer_on_the_normal_queue();
    }

    /// Its id.
    pub const fn id(&self) -> RunId {
        self.id
    }

    /// The durable state, but for what the run waits for and remembers (see [`Run::activities`] and its neighbours): for describe
    /// and dispatch. Read only; it changes by records alone.
    pub const fn state(&self) -> &stored::RunState {
        &self.state
    }

    /// The volatile hand-out of the pending workflow task.
    pub const fn started(&self) -> Option<&stored::WorkflowTaskStarted> {
        self.started.as_ref()
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        matches!(self.state.lifecycle(), stored::Lifecycle::Created | stored::Lifecycle::Running)
    }

    /// How it stands.
    pub fn status(&self) -> WorkflowExecutionStatus {
        self.state.status()
    }

    /// The id of the next event.
    pub const fn next_event_id(&self) -> i64 {
        self.state.next_event_id
    }

    /// Failover version of new events.
    pub const fn version(&self) -> i64 {
        self.state.version
    }

    /// The time of the last event; new ones are never earlier.
    pub fn last_event_time(&self) -> Timestamp {
        timestamp_opt(self.state.last_event_time.as_ref()).unwrap_or(Timestamp::from_nanos(i64::MIN))
    }

    /// Whether memory knows something that has to be written before the run leaves it.
    pub fn has_unwritten(&self) -> bool {
        self.started.is_some() || self.unwritten_beats().next().is_some()
    }

    /// Whether a workflow task is with a worker (durably or not).
    pub fn workflow_task_is_started(&self) -> bool {
        self.started.is_some() || self.state.workflow_task.as_ref().is_some_and(|task| task.started_event_id != 0)
    }
}

pub(crate) mod stored_run {
    //! Reading a run back.

    use super::{Corrupt, Run, RunId};
    pub(crate) use crate::chain::StoredRun;
    use crate::record::Fact;
    use proto::aevum::persistence::v1 as stored;

    pub(super) fn restore(run: StoredRun) -> Result<Run, Corrupt> {
        let mut turns = run.turns.into_iter().flat_map(|turn| turn.entries);
        let mut restored = match run.snapshot {
            Some(state) => {
                let id = RunId::parse(&state.run_id).map_err(|error| Corrupt(format!("snapshot: {error}")))?;
                Run::of(id, state)
            }
            None => first_entry(turns.next())?,
        };
        for entry in turns {
            restored.evolve(&Fact::Logged(entry));
        }
        restored.forget_volatile();
        Ok(restored)
    }

    fn first_entry(entry: Option<stored::Entry>) -> Result<Run, Corrupt> {
        if let Some(stored::Entry { kind: Some(stored::entry::Kind::Mark(mark)) }) = entry
            && let Some(stored::mark::Kind::RunCreated(created)) = mark.kind
        {
            return Run::create(&created).ok_or_else(|| Corrupt("its creation names no run".to_owned()));
        }
        Err(Corrupt("the first row does not create the run".to_owned()))
    }
}
