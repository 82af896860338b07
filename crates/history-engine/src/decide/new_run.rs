//! A run begins: the same facts for a user's start, a child, a signal-with-start and the next run of a chain.

use std::time::Duration;

use model::{RunId, Timestamp};
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::common::v1::{Link, Memo, SearchAttributes};
use proto::temporal::api::history::v1::{WorkflowExecutionStartedEventAttributes, history_event::Attributes as A};
use proto::temporal::api::sdk::v1::UserMetadata;
use stored::mark::Kind as M;

use super::workflow_task::{self, HandOut};
use crate::decision::WorkflowTaskHandout;
use crate::state::is_nothing;
use crate::time::{duration, proto_timestamp, timestamp_opt};
use crate::turn::{EventDraft, Turn};

/// What a run begins with.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewRun {
    /// Its first event; the backoff of the first workflow task and the timeouts are read from it.
    pub(crate) start: WorkflowExecutionStartedEventAttributes,
    /// Dedupes the start.
    pub(crate) request_id: String,
    pub(crate) user_metadata: Option<UserMetadata>,
    pub(crate) links: Vec<Link>,
    /// A signal that the first workflow task sees.
    pub(crate) signal: Option<EventDraft>,
    /// The parent schedules the first workflow task.
    pub(crate) waits_for_parent: bool,
    /// Request ids taken over from the run before.
    pub(crate) inherited_requests: Vec<stored::RequestSeen>,
    /// The first workflow task goes to the caller at once.
    pub(crate) eager: bool,
}

/// Writes the first turn of a run; it is the current one of its chain from here on.
pub(crate) fn create(turn: &mut Turn<'_>, run: RunId, mut new: NewRun) -> Option<WorkflowTaskHandout> {
    let now = turn.env.now;
    let backoff = duration(new.start.first_workflow_task_backoff.as_ref());
    if let Some(old) = turn.chain.current_id() {
        turn.mark(old, M::CurrentReplaced(stored::CurrentReplaced { new_run_id: run.to_string() }));
    }
    let execution_expiration = timestamp_opt(new.start.workflow_execution_expiration_time.as_ref());
    let run_timeout = duration(new.start.workflow_run_timeout.as_ref());
    let created = stored::RunCreated {
        namespace_id: turn.env.namespace.id.clone(),
        workflow_id: turn.chain.key().id.as_str().to_owned(),
        run_id: run.to_string(),
        create_request_id: new.request_id.clone(),
        version: turn.env.namespace.version,
        branch_id: turn.new_id().to_string(),
        inherited_requests: std::mem::take(&mut new.inherited_requests),
        execution_expiration: execution_expiration.map(proto_timestamp),
        run_expiration: run_expiration(now, backoff, run_timeout, execution_expiration).map(proto_timestamp),
        execution_time: Some(proto_timestamp(now + backoff)),
        waits_for_parent: new.waits_for_parent && backoff.is_zero(),
    };
    turn.mark(run, M::RunCreated(created));
    new.start.workflow_id = turn.chain.key().id.as_str().to_owned();
    new.start.memo = new.start.memo.map(without_nothing_memo);
    new.start.search_attributes = new.start.search_attributes.map(without_nothing_attributes);
    let eager = new.eager && backoff.is_zero() && !new.waits_for_parent;
    new.start.eager_execution_accepted = eager;
    let identity = new.start.identity.clone();
    turn.event(
        run,
        EventDraft {
            attributes: Some(A::WorkflowExecutionStartedEventAttributes(Box::new(new.start))),
            user_metadata: new.user_metadata,
            links: new.links,
            ..EventDraft::default()
        },
    );
    if let Some(signal) = new.signal {
        turn.event(run, signal);
    }
    if !backoff.is_zero() || new.waits_for_parent {
        return None;
    }
    workflow_task::schedule(turn, run);
    let by = HandOut { request_id: new.request_id, identity, logged: true, ..HandOut::default() };
    eager.then(|| workflow_task::hand_out(turn, run, by)).flatten()
}

/// Backoff and run timeout from now, never beyond the whole execution's end.
fn run_expiration(
    now: Timestamp,
    backoff: Duration,
    run_timeout: Duration,
    execution_expiration: Option<Timestamp>,
) -> Option<Timestamp> {
    if run_timeout.is_zero() {
        return None;
    }
    let own = now + backoff + run_timeout;
    Some(execution_expiration.map_or(own, |end| own.min(end)))
}

fn without_nothing_memo(mut memo: Memo) -> Memo {
    memo.fields.retain(|_, payload| !is_nothing(payload));
    memo
}

fn without_nothing_attributes(mut attributes: SearchAttributes) -> SearchAttributes {
    attributes.indexed_fields.retain(|_, payload| !is_nothing(payload));
    attributes
}

/// Timeouts of a run by the rules of `semantics.md` 1.2: (run, workflow task).
pub(crate) fn timeouts(turn: &Turn<'_>, execution: Duration, run: Duration, task: Duration) -> (Duration, Duration) {
    let run = match (execution.is_zero(), run.is_zero()) {
        (true, _) => run,
        (false, true) => execution,
        (false, false) => run.min(execution),
    };
    let limits = &turn.env.limits;
    let task = if task.is_zero() { limits.default_workflow_task_timeout } else { task };
    let task = task.min(limits.max_workflow_task_timeout);
    (run, if run.is_zero() { task } else { task.min(run) })
}
