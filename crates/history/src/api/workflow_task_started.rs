//! A workflow task met a poller: the poller's whole answer.

use std::sync::Arc;

use history_engine::{Answer, Input, StartWorkflowTask};
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;
use rpc::services::history::WorkflowTaskStart;

use super::workflow_task;
use crate::chain::Class;
use crate::shell::Shell;

pub(crate) async fn call(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    start: WorkflowTaskStart,
) -> Result<api::PollWorkflowTaskQueueResponse, rpc::Error> {
    let key = start.key.chain;
    let input = Input::StartWorkflowTask(Box::new(StartWorkflowTask {
        run: start.key.run,
        scheduled_event_id: start.scheduled_event_id,
        attempt: start.attempt,
        request_id: start.request_id,
        poll: start.poll,
    }));
    let answer = shell.turn(&key, &input, Class::Ongoing).await?;
    let Answer::WorkflowTask(handout) = answer else { return Err(super::unexpected()) };
    workflow_task::compose(shell, namespace, &key, *handout, true).await
}
