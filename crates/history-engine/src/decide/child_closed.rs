//! A child tells its parent how it ended.

use proto::temporal::api::common::v1::{WorkflowExecution, WorkflowType};
use proto::temporal::api::history::v1::{
    ChildWorkflowExecutionCanceledEventAttributes, ChildWorkflowExecutionCompletedEventAttributes,
    ChildWorkflowExecutionFailedEventAttributes, ChildWorkflowExecutionTerminatedEventAttributes,
    ChildWorkflowExecutionTimedOutEventAttributes, StartChildWorkflowExecutionInitiatedEventAttributes,
    history_event::Attributes as A,
};

use super::child_started::{pending, started};
use super::workflow_task;
use crate::decision::{Answer, Decision};
use crate::input::ChildClosed;
use crate::rejection::Rejection;
use crate::turn::Turn;

pub(crate) fn decide(mut turn: Turn<'_>, input: &ChildClosed) -> Result<Decision, Rejection> {
    let (run, initiated_event_id) = (input.to.run, input.to.initiated_event_id);
    let (of, mut started_event_id) = pending(&turn.chain, input.to)?;
    let known_run = turn.run(run)?.child(initiated_event_id).map(|child| child.run_id.as_str()).unwrap_or_default();
    let another = !known_run.is_empty() && !input.first_run_id.is_empty() && known_run != input.first_run_id;
    if another || of.workflow_id != input.child.workflow_id {
        return Err(Rejection::NotFound("Pending child execution not found.".to_owned()));
    }
    let ending = Ending { of: &of, child: &input.child, workflow_type: child_type(&of, input), initiated_event_id };
    // A child can end before its parent hears that it has started.
    if started_event_id == 0 {
        let first = if input.first_run_id.is_empty() { &input.child.run_id } else { &input.first_run_id };
        started_event_id = turn.event_or_buffer(run, started(&of, initiated_event_id, first.clone()));
    }
    let event = ending
        .event(input.close_event.attributes.as_ref(), started_event_id)
        .ok_or_else(|| Rejection::InvalidArgument("a child is reported with the event that closed it".to_owned()))?;
    turn.event_or_buffer(run, event);
    workflow_task::ensure(&mut turn, run);
    Ok(turn.done(Answer::Done))
}

/// The type that the parent asked for; a child that continued as another type keeps it.
fn child_type(of: &StartChildWorkflowExecutionInitiatedEventAttributes, input: &ChildClosed) -> Option<WorkflowType> {
    of.workflow_type.clone().or_else(|| Some(WorkflowType { name: input.workflow_type.clone() }))
}

struct Ending<'a> {
    of: &'a StartChildWorkflowExecutionInitiatedEventAttributes,
    child: &'a WorkflowExecution,
    workflow_type: Option<WorkflowType>,
    initiated_event_id: i64,
}

impl Ending<'_> {
    /// The parent's event for the child's last one; `None` where that is none.
    fn event(self, closing: Option<&A>, started_event_id: i64) -> Option<A> {
        let Self { of, child, workflow_type, initiated_event_id } = self;
        let (namespace, namespace_id) = (of.namespace.clone(), of.namespace_id.clone());
        let workflow_execution = Some(child.clone());
        Some(match closing? {
            A::WorkflowExecutionCompletedEventAttributes(end) => {
                A::ChildWorkflowExecutionCompletedEventAttributes(ChildWorkflowExecutionCompletedEventAttributes {
                    result: end.result.clone(),
                    namespace,
                    namespace_id,
                    workflow_execution,
                    workflow_type,
                    initiated_event_id,
                    started_event_id,
                })
            }
            A::WorkflowExecutionFailedEventAttributes(end) => {
                A::ChildWorkflowExecutionFailedEventAttributes(ChildWorkflowExecutionFailedEventAttributes {
                    failure: end.failure.clone(),
                    namespace,
                    namespace_id,
                    workflow_execution,
                    workflow_type,
                    initiated_event_id,
                    started_event_id,
                    retry_state: end.retry_state,
                })
            }
            A::WorkflowExecutionCanceledEventAttributes(end) => {
                A::ChildWorkflowExecutionCanceledEventAttributes(ChildWorkflowExecutionCanceledEventAttributes {
                    details: end.details.clone(),
                    namespace,
                    namespace_id,
                    workflow_execution,
                    workflow_type,
                    initiated_event_id,
                    started_event_id,
                })
            }
            A::WorkflowExecutionTimedOutEventAttributes(end) => {
                A::ChildWorkflowExecutionTimedOutEventAttributes(ChildWorkflowExecutionTimedOutEventAttributes {
                    namespace,
                    namespace_id,
                    workflow_execution,
                    workflow_type,
                    initiated_event_id,
                    started_event_id,
                    retry_state: end.retry_state,
                })
            }
            A::WorkflowExecutionTerminatedEventAttributes(_) => {
                A::ChildWorkflowExecutionTerminatedEventAttributes(ChildWorkflowExecutionTerminatedEventAttributes {
                    namespace,
                    namespace_id,
                    workflow_execution,
                    workflow_type,
                    initiated_event_id,
                    started_event_id,
                })
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests;
