//! A pending workflow task changes its place: to the normal queue, into a task queue's memory or backlog.

use model::RunId;
use proto::aevum::persistence::v1 as stored;
use stored::mark::Kind as M;

use super::{target, workflow_task};
use crate::decision::{Answer, Decision};
use crate::input::WorkflowTaskAttempt;
use crate::record::Volatile;
use crate::rejection::Rejection;
use crate::turn::Turn;

/// ResetStickyTaskQueue, or the sticky worker is gone.
pub(crate) fn to_the_normal_queue(mut turn: Turn<'_>, run: Option<RunId>) -> Result<Decision, Rejection> {
    let run = target::current(&turn, run)?;
    let state = turn.run(run)?;
    if !state.is_open() {
        return Err(Rejection::closed());
    }
    if state.state().sticky_queue.is_some() {
        turn.mark(run, M::StickyQueue(stored::StickyQueue::default()));
    }
    Ok(turn.done(Answer::Done))
}

/// The first workflow task of a child, on behalf of its parent. Nothing where there was one, or where it waits for its time.
pub(crate) fn first(mut turn: Turn<'_>, run: RunId) -> Result<Decision, Rejection> {
    let state = turn.run(run)?;
    if !state.is_open() {
        return Err(Rejection::closed());
    }
    if !state.state().workflow_task_ever_scheduled {
        workflow_task::ensure(&mut turn, run);
    }
    Ok(turn.done(Answer::Done))
}

/// The owner of the task queue holds it in memory.
pub(crate) fn offered(mut turn: Turn<'_>, of: &WorkflowTaskAttempt) -> Result<Decision, Rejection> {
    if is_waiting(&turn, of)? {
        let fact = Volatile::WorkflowTaskOffered { scheduled_event_id: of.scheduled_event_id, attempt: of.attempt };
        turn.volatile(of.run, fact);
    }
    Ok(turn.done(Answer::Done))
}

/// Matching stored it: no crash makes it owed again. A sticky queue is no place to keep it.
pub(crate) fn spilled(mut turn: Turn<'_>, of: &WorkflowTaskAttempt) -> Result<Decision, Rejection> {
    if is_waiting(&turn, of)? && turn.run(of.run)?.state().sticky_queue.is_none() {
        let mark = stored::WorkflowTaskSpilled { scheduled_event_id: of.scheduled_event_id, attempt: of.attempt };
        turn.mark(of.run, M::WorkflowTaskSpilled(mark));
    }
    Ok(turn.done(Answer::Done))
}

fn is_waiting(turn: &Turn<'_>, of: &WorkflowTaskAttempt) -> Result<bool, Rejection> {
    let state = turn.run(of.run)?;
    let task = state.state().workflow_task.as_ref();
    let same =
        task.is_some_and(|task| task.scheduled_event_id == of.scheduled_event_id && task.attempt == of.attempt && !task.spilled);
    Ok(same && !state.workflow_task_is_started())
}
