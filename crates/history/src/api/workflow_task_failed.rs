//! RespondWorkflowTaskFailed.

use std::sync::Arc;

use history_engine::{FailWorkflowTask, Input, WorkflowTaskRef};
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;

use super::token;
use crate::chain::Class;
use crate::shell::Shell;

pub(crate) async fn call(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    request: api::RespondWorkflowTaskFailedRequest,
) -> Result<(), rpc::Error> {
    let (key, run, of) = token::workflow_task(namespace, &request.task_token)?;
    let task = WorkflowTaskRef {
        run,
        scheduled_event_id: of.scheduled_event_id,
        started_event_id: of.started_event_id,
        attempt: of.attempt,
        handout_id: of.handout_id,
    };
    tracing::info!(chain = %key, %run, cause = request.cause().as_str_name(), identity = request.identity, "a workflow task failed");
    let input = Input::FailWorkflowTask(Box::new(FailWorkflowTask { task, request }));
    shell.turn(&key, &input, Class::Ongoing).await.map(|_| ())
}
