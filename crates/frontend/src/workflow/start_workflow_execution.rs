//! StartWorkflowExecution: makes the request definite, then asks the chain's owner.

use proto::temporal::api::enums::v1::WorkflowIdConflictPolicy;
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::policy::Policies;
use crate::gate::validate::{duration, execution, failure, start};

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    mut request: wire::StartWorkflowExecutionRequest,
) -> Result<wire::StartWorkflowExecutionResponse, Error> {
    let policies = Policies::read(request.workflow_id_reuse_policy, request.workflow_id_conflict_policy)?
        .with_defaults(WorkflowIdConflictPolicy::Fail);
    request.set_workflow_id_reuse_policy(policies.reuse);
    request.set_workflow_id_conflict_policy(policies.conflict);
    let parts = start::Start {
        workflow_id: &request.workflow_id,
        workflow_type: request.workflow_type.as_ref(),
        task_queue: request.task_queue.as_mut(),
        input: request.input.as_ref(),
        execution_timeout: &mut request.workflow_execution_timeout,
        run_timeout: &mut request.workflow_run_timeout,
        task_timeout: &mut request.workflow_task_timeout,
        identity: &request.identity,
        request_id: &mut request.request_id,
        policies,
        retry_policy: &mut request.retry_policy,
        cron_schedule: &request.cron_schedule,
        memo: request.memo.as_ref(),
        search_attributes: request.search_attributes.as_mut(),
        header: request.header.as_ref(),
        start_delay: &mut request.workflow_start_delay,
        user_metadata: request.user_metadata.as_ref(),
        links: &request.links,
        on_conflict: request.on_conflict_options.as_ref(),
        priority: request.priority.as_ref(),
    };
    start::normalize(api, call, parts)?;
    failure::bound(request.continued_failure.as_mut());
    request.workflow_start_delay.take_if(|delay| !duration::is_set(Some(delay)));
    let chain = execution::by_workflow_id(call.reference().id, &request.workflow_id, &call.limits)?;
    api.ports.history.owner(&chain)?.start_workflow(&call.context, call.reference(), request, None).await
}
