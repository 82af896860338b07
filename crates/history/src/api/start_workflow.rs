//! StartWorkflowExecution, by a user or a parent.

use std::sync::Arc;

use history_engine::{Answer, Input, Parent, Start};
use proto::temporal::api::enums::v1::EventType;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::Context;
use rpc::services::NamespaceRef;
use rpc::services::history::Initiator;

use super::{link, workflow_task};
use crate::chain::Class;
use crate::shell::Shell;

pub(crate) async fn call(
    shell: &Arc<Shell>,
    _context: &Context,
    namespace: &NamespaceRef,
    request: api::StartWorkflowExecutionRequest,
    parent: Option<Initiator>,
) -> Result<api::StartWorkflowExecutionResponse, rpc::Error> {
    let key = crate::wire::chain(namespace, &request.workflow_id)?;
    let class = if parent.is_some() { Class::Ongoing } else { Class::New };
    let attached = request.on_conflict_options.is_some_and(|of| of.attach_request_id).then(|| request.request_id.clone());
    let start = Start { request, parent: parent.map(sender) };
    let answer = shell.turn(&key, &Input::Start(Box::new(start)), class).await?;
    let Answer::Started(answer) = answer else { return Err(super::unexpected()) };
    let eager_workflow_task = match answer.eager_task {
        Some(handout) => Some(workflow_task::compose(shell, namespace, &key, handout, false).await?),
        None => None,
    };
    Ok(api::StartWorkflowExecutionResponse {
        link: Some(match attached.filter(|_| !answer.started) {
            Some(request_id) => {
                let event = EventType::WorkflowExecutionOptionsUpdated;
                link::to_request(namespace, &key, answer.run_id, request_id, event)
            }
            None => link::to_start(namespace, &key, answer.run_id),
        }),
        run_id: answer.run_id.to_string(),
        first_execution_run_id: answer.first_execution_run_id,
        started: answer.started,
        status: answer.status as i32,
        eager_workflow_task,
    })
}

/// The parent as the engine takes it.
fn sender(from: Initiator) -> Parent {
    Parent {
        namespace_id: from.namespace.id.to_string(),
        namespace: from.namespace.name.to_string(),
        execution: from.execution,
        initiated_event_id: from.initiated_event_id,
        initiated_event_version: from.initiated_event_version,
        root: from.root,
    }
}
