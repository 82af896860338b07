//! SignalWithStartWorkflowExecution: a start and a signal in one, so both are checked.

use proto::temporal::api::enums::v1::WorkflowIdConflictPolicy;
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::policy::Policies;
use crate::gate::validate::{duration, execution, size, start, text, wrong};

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    mut request: wire::SignalWithStartWorkflowExecutionRequest,
) -> Result<wire::SignalWithStartWorkflowExecutionResponse, Error> {
    text::required("WorkflowId", &request.workflow_id, &call.limits)?;
    text::required("SignalName", &request.signal_name, &call.limits)?;
    let policies = Policies::read(request.workflow_id_reuse_policy, request.workflow_id_conflict_policy)?;
    if policies.conflict == WorkflowIdConflictPolicy::Fail {
        return Err(wrong(
            "Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for this operation.",
        ));
    }
    let policies = policies.with_defaults(WorkflowIdConflictPolicy::UseExisting);
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
        on_conflict: None,
        priority: request.priority.as_ref(),
    };
    start::normalize(api, call, parts)?;
    size::blob(request.signal_input.as_ref(), &call.limits)?;
    request.workflow_start_delay.take_if(|delay| !duration::is_set(Some(delay)));
    let chain = execution::by_workflow_id(call.reference().id, &request.workflow_id, &call.limits)?;
    api.ports.history.owner(&chain)?.signal_with_start_workflow(&call.context, call.reference(), request).await
}
