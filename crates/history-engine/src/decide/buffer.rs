//! Buffered events get their ids: first the others, then outcomes of activities and children, as Temporal orders them.

use std::collections::BTreeMap;

use model::RunId;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::history::v1::{HistoryEvent, history_event::Attributes as A};
use stored::mark::Kind as M;

use crate::decision::{Answer, Decision};
use crate::rejection::Rejection;
use crate::turn::Turn;

/// After a recovery: nobody has the workflow task that the events waited for. Every turn begins with that flush.
pub(crate) fn decide(turn: Turn<'_>, run: RunId) -> Result<Decision, Rejection> {
    turn.run(run)?;
    Ok(turn.done(Answer::Done))
}

/// Writes events that waited for a workflow task which a crash took from its worker. The task itself is still pending.
pub(crate) fn flush_left_over(turn: &mut Turn<'_>) {
    let left: Vec<RunId> = turn.chain.runs().filter(|run| run.flush_owed().is_some()).map(crate::state::Run::id).collect();
    for run in left {
        flush(turn, run);
    }
}

/// Writes the buffered events, unless a workflow task is started; true where there were any.
pub(crate) fn flush(turn: &mut Turn<'_>, run: RunId) -> bool {
    let Some(state) = turn.chain.run(run) else { return false };
    if state.workflow_task_is_started() || state.state().buffered_events.is_empty() || !state.is_open() {
        return false;
    }
    let (outcomes, others): (Vec<_>, Vec<_>) = state.state().buffered_events.iter().cloned().partition(is_outcome);
    turn.mark(run, M::BufferFlushed(stored::BufferFlushed {}));
    let mut started = Started::default();
    #[cfg(feature = "planted-bugs")]
    let outcomes =
        if model::planted::Bug::LostBufferedEvent.is_planted() { outcomes.into_iter().skip(1).collect() } else { outcomes };
    for mut event in others.into_iter().chain(outcomes) {
        started.rewire(&mut event);
        let attributes = event.attributes.clone();
        let id = turn.rewrite(run, event);
        started.note(attributes.as_ref(), id);
    }
    true
}

/// Whether an event ends an activity or a child.
fn is_outcome(event: &HistoryEvent) -> bool {
    matches!(
        event.attributes,
        Some(
            A::ActivityTaskCompletedEventAttributes(_)
                | A::ActivityTaskFailedEventAttributes(_)
                | A::ActivityTaskTimedOutEventAttributes(_)
                | A::ActivityTaskCanceledEventAttributes(_)
                | A::ChildWorkflowExecutionCompletedEventAttributes(_)
                | A::ChildWorkflowExecutionFailedEventAttributes(_)
                | A::ChildWorkflowExecutionTimedOutEventAttributes(_)
                | A::ChildWorkflowExecutionCanceledEventAttributes(_)
                | A::ChildWorkflowExecutionTerminatedEventAttributes(_)
        )
    )
}

/// Started events that got their id in this flush: outcomes that waited with them name it.
#[derive(Default)]
struct Started {
    activities: BTreeMap<i64, i64>,
    children: BTreeMap<i64, i64>,
}

impl Started {
    fn note(&mut self, attributes: Option<&A>, id: i64) {
        match attributes {
            Some(A::ActivityTaskStartedEventAttributes(of)) => {
                self.activities.insert(of.scheduled_event_id, id);
            }
            Some(A::ChildWorkflowExecutionStartedEventAttributes(of)) => {
                self.children.insert(of.initiated_event_id, id);
            }
            _ => {}
        }
    }

    fn rewire(&self, event: &mut HistoryEvent) {
        let (began, of, started) = match &mut event.attributes {
            Some(A::ActivityTaskCompletedEventAttributes(a)) => (&self.activities, a.scheduled_event_id, &mut a.started_event_id),
            Some(A::ActivityTaskFailedEventAttributes(a)) => (&self.activities, a.scheduled_event_id, &mut a.started_event_id),
            Some(A::ActivityTaskTimedOutEventAttributes(a)) => (&self.activities, a.scheduled_event_id, &mut a.started_event_id),
            Some(A::ActivityTaskCanceledEventAttributes(a)) => (&self.activities, a.scheduled_event_id, &mut a.started_event_id),
            Some(A::ChildWorkflowExecutionCompletedEventAttributes(a)) => {
                (&self.children, a.initiated_event_id, &mut a.started_event_id)
            }
            Some(A::ChildWorkflowExecutionFailedEventAttributes(a)) => {
                (&self.children, a.initiated_event_id, &mut a.started_event_id)
            }
            Some(A::ChildWorkflowExecutionTimedOutEventAttributes(a)) => {
                (&self.children, a.initiated_event_id, &mut a.started_event_id)
            }
            Some(A::ChildWorkflowExecutionCanceledEventAttributes(a)) => {
                (&self.children, a.initiated_event_id, &mut a.started_event_id)
            }
            Some(A::ChildWorkflowExecutionTerminatedEventAttributes(a)) => {
                (&self.children, a.initiated_event_id, &mut a.started_event_id)
            }
            _ => return,
        };
        if let Some(id) = began.get(&of) {
            *started = *id;
        }
    }
}
