//! A run, or the whole execution, took too long; and the workflow task did.

use model::RunId;
use proto::temporal::api::enums::v1::{RetryState, TimeoutType};
use proto::temporal::api::history::v1::{WorkflowExecutionTimedOutEventAttributes, history_event::Attributes as A};

use super::next_run::{self, Follow};
use super::{close, terminate, workflow_task};
use crate::failure;
use crate::time::timestamp_opt;
use crate::turn::Turn;

/// Ends a run whose time is over. A run that timed out may be followed by another one, an execution may not.
pub(crate) fn run(turn: &mut Turn<'_>, run: RunId) {
    terminate::force_close(turn, run);
    let Some(state) = turn.chain.run(run) else { return };
    let run_expiration = timestamp_opt(state.state().run_expiration.as_ref());
    let execution_expiration = timestamp_opt(state.state().execution_expiration.as_ref());
    let follows = !state.start_attributes().continued_execution_run_id.is_empty();
    let whole_execution = match (execution_expiration, run_expiration) {
        (Some(execution), Some(run)) => follows && execution <= run,
        (Some(_), None) => true,
        _ => false,
    };
    let (retry_state, follow) = if whole_execution {
        (RetryState::Timeout, None)
    } else {
        let failure = failure::timeout("workflow timeout".to_owned(), TimeoutType::StartToClose);
        next_run::after_failure(turn, run, &failure, execution_expiration.is_some_and(|end| end <= turn.env.now))
    };
    let attributes = WorkflowExecutionTimedOutEventAttributes {
        retry_state: retry_state as i32,
        new_execution_run_id: follow.as_ref().map(Follow::run_id).unwrap_or_default(),
    };
    close::close(turn, run, A::WorkflowExecutionTimedOutEventAttributes(attributes));
    if let Some(follow) = follow {
        follow.create(turn, run);
    }
}

/// Ends a workflow task that waited too long in a sticky queue, or with a worker; another one follows.
pub(crate) fn workflow_task(turn: &mut Turn<'_>, run: RunId) {
    if turn.chain.run(run).is_some_and(|state| state.workflow_task_is_started()) {
        workflow_task::time_out_started(turn, run);
    } else {
        workflow_task::time_out_sticky(turn, run);
    }
    workflow_task::schedule(turn, run);
}
