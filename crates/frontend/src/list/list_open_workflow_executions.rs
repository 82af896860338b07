//! ListOpenWorkflowExecutions: the older list of open executions.

use model::visibility::ExecutionStatus;
use proto::temporal::api::workflowservice::v1 as wire;
use proto::temporal::api::workflowservice::v1::list_open_workflow_executions_request::Filters;
use rpc::Error;
use visibility::Comparison;
use visibility::attribute::SystemAttribute;

use super::legacy::Conditions;
use super::page::{self, Ask, Found};
use crate::api::Api;
use crate::gate::Call;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::ListOpenWorkflowExecutionsRequest,
) -> Result<wire::ListOpenWorkflowExecutionsResponse, Error> {
    let mut conditions = Conditions::new(Comparison::Equal, ExecutionStatus::Running);
    conditions.between(SystemAttribute::StartTime, request.start_time_filter.as_ref())?;
    match request.filters {
        Some(Filters::ExecutionFilter(filter)) => {
            conditions.text(SystemAttribute::WorkflowId, filter.workflow_id);
            conditions.text(SystemAttribute::RunId, filter.run_id);
        }
        Some(Filters::TypeFilter(filter)) => conditions.text(SystemAttribute::WorkflowType, filter.name),
        None => {}
    }
    let (filter, question) = conditions.finish();
    let ask = Ask { page_size: request.maximum_page_size, token: &request.next_page_token, question: &question };
    let Found { executions, next_page_token } = page::by_filter(api, call, ask, &filter).await?;
    Ok(wire::ListOpenWorkflowExecutionsResponse { executions, next_page_token })
}
