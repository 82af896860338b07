//! Which run a request means, and whether the sender may reach it.

use model::RunId;
use proto::temporal::api::common::v1::WorkflowExecution;

use crate::rejection::Rejection;
use crate::state::Run;
use crate::turn::Turn;

/// The run that is named; none named means the current one.
pub(crate) fn run(turn: &Turn<'_>, execution: Option<&WorkflowExecution>) -> Result<RunId, Rejection> {
    let named = execution.map(|of| of.run_id.as_str()).unwrap_or_default();
    if named.is_empty() {
        return current(turn, None);
    }
    let id = RunId::parse(named).map_err(|_| Rejection::InvalidArgument("Invalid RunId.".to_owned()))?;
    current(turn, Some(id))
}

/// The given run, or the current one.
pub(crate) fn current(turn: &Turn<'_>, run: Option<RunId>) -> Result<RunId, Rejection> {
    let id = run.or_else(|| turn.chain.current_id());
    let id = id.ok_or_else(|| Rejection::no_workflow(turn.chain.key().id.as_str()))?;
    turn.run(id).map(Run::id)
}

/// The run that is named; the current one where the sender means a chain of runs, by its first.
pub(crate) fn in_chain(
    turn: &Turn<'_>,
    execution: Option<&WorkflowExecution>,
    first_execution_run_id: &str,
) -> Result<RunId, Rejection> {
    if first_execution_run_id.is_empty() { run(turn, execution) } else { current(turn, None) }
}

/// Whether the run belongs to the chain of runs that the sender means.
pub(crate) fn is_of_chain(run: &Run, first_execution_run_id: &str) -> Result<(), Rejection> {
    if first_execution_run_id.is_empty() || run.start_attributes().first_execution_run_id == first_execution_run_id {
        return Ok(());
    }
    Err(Rejection::NotFound("workflow execution not found".to_owned()))
}

/// Whether the sender is the run's parent.
pub(crate) fn is_child_of(run: &Run, parent: &WorkflowExecution) -> Result<(), Rejection> {
    if run.parent() == Some(parent) {
        return Ok(());
    }
    Err(Rejection::NotFound("workflow parent does not match".to_owned()))
}
