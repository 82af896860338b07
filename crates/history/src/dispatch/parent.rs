//! A child that ended tells its parent.

use std::sync::Arc;

use history_engine::{Input, Task};
use model::{RunId, RunKey};
use rpc::services::history::ChildClose;

use super::children::first_run_id;
use super::{Done, context, is_final, owed, target_namespace, tell};
use crate::chain::Cell;
use crate::shell::Shell;

/// Reports the end of a run.
pub(super) async fn report(shell: &Arc<Shell>, cell: &Arc<Cell>, task: &Task, run: RunId) -> Done {
    let read = owed(cell, task, |child| {
        let of = crate::visibility::started(child)?;
        let parent = of.parent_workflow_execution.as_ref()?;
        let namespace = target_namespace(shell, cell, &of.parent_workflow_namespace_id);
        let close = (
            parent.clone(),
            of.parent_initiated_event_id,
            first_run_id(child),
            of.workflow_type.as_ref().map(|of| of.name.clone()).unwrap_or_default(),
            child.state().close_event.clone()?,
        );
        Some((namespace, close))
    });
    let Some((namespace, (parent, initiated_event_id, first_run_id, workflow_type, close_event))) = read else {
        return Done::Yes;
    };
    let known = Input::ParentReported(run);
    #[cfg(feature = "planted-bugs")]
    if model::planted::Bug::ChildCloseNotReported.is_planted() {
        return tell(shell, cell, known).await;
    }
    let Some(namespace) = namespace else { return tell(shell, cell, known).await };
    let chain = crate::wire::chain(&namespace, &parent.workflow_id);
    let (Ok(chain), Ok(parent_run)) = (chain, RunId::parse(&parent.run_id)) else { return tell(shell, cell, known).await };
    let close = ChildClose {
        parent: RunKey { chain, run: parent_run },
        initiated_event_id,
        child: crate::wire::execution_of(&cell.key, run),
        first_run_id,
        workflow_type,
        close_event: *close_event,
    };
    let Ok(peer) = shell.ports.history.owner(&close.parent.chain) else { return Done::Retry };
    match peer.child_closed(&context(), &namespace, close).await {
        Ok(()) => tell(shell, cell, known).await,
        Err(error) if is_final(&error) => tell(shell, cell, known).await,
        Err(_) => Done::Retry,
    }
}
