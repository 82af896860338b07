//! What chains tell each other, and small questions about a chain.

use std::sync::Arc;

use history_engine::{ChildClosed, Input, ToInitiator};
use model::{RunId, RunKey};
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;
use rpc::services::history::ChildClose;

use crate::chain::Class;
use crate::error;
use crate::shell::Shell;

/// The parent knows that this child runs: its first workflow task may be scheduled.
pub(crate) async fn schedule_first_workflow_task(shell: &Arc<Shell>, child: RunKey) -> Result<(), rpc::Error> {
    shell.turn(&child.chain, &Input::ScheduleFirstWorkflowTask(child.run), Class::Ongoing).await.map(|_| ())
}

/// A child tells its parent how it ended.
pub(crate) async fn child_closed(shell: &Arc<Shell>, close: ChildClose) -> Result<(), rpc::Error> {
    let closed = ChildClosed {
        to: ToInitiator { run: close.parent.run, initiated_event_id: close.initiated_event_id },
        child: close.child,
        first_run_id: close.first_run_id,
        workflow_type: close.workflow_type,
        close_event: close.close_event,
    };
    shell.turn(&close.parent.chain, &Input::ChildClosed(Box::new(closed)), Class::Ongoing).await.map(|_| ())
}

/// The run that is current for a workflow id.
pub(crate) async fn current_run(shell: &Arc<Shell>, namespace: &NamespaceRef, workflow_id: &str) -> Result<RunId, rpc::Error> {
    let key = crate::wire::chain(namespace, workflow_id)?;
    shell.admit(&key, Class::Ongoing)?;
    let cell = shell.cache.cell(&key);
    shell.read(&cell, None, |_, run| run).await?.ok_or_else(|| error::no_workflow(workflow_id))
}

/// Forgets the sticky queue of a run.
pub(crate) async fn reset_sticky_task_queue(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    request: api::ResetStickyTaskQueueRequest,
) -> Result<api::ResetStickyTaskQueueResponse, rpc::Error> {
    let (key, run) = crate::wire::execution(namespace, request.execution.as_ref())?;
    shell.turn(&key, &Input::ResetStickyQueue(run), Class::Ongoing).await?;
    Ok(api::ResetStickyTaskQueueResponse::default())
}
