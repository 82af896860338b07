//! ListClosedWorkflowExecutions: the older list of closed executions. Its time filter is about when they ended.

use model::visibility::ExecutionStatus;
use proto::temporal::api::workflowservice::v1 as wire;
use proto::temporal::api::workflowservice::v1::list_closed_workflow_executions_request::Filters;
use rpc::Error;
use visibility::attribute::SystemAttribute;
use visibility::{Comparison, Value};

use super::legacy::Conditions;
use super::page::{self, Ask, Found};
use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::wrong;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::ListClosedWorkflowExecutionsRequest,
) -> Result<wire::ListClosedWorkflowExecutionsResponse, Error> {
    let mut conditions = Conditions::new(Comparison::NotEqual, ExecutionStatus::Running);
    conditions.between(SystemAttribute::CloseTime, request.start_time_filter.as_ref())?;
    match request.filters {
        Some(Filters::ExecutionFilter(filter)) => {
            conditions.text(SystemAttribute::WorkflowId, filter.workflow_id);
            conditions.text(SystemAttribute::RunId, filter.run_id);
        }
        Some(Filters::TypeFilter(filter)) => conditions.text(SystemAttribute::WorkflowType, filter.name),
        Some(Filters::StatusFilter(filter)) => {
            let status = ExecutionStatus::from_number(filter.status).filter(|status| *status != ExecutionStatus::Running);
            let status = status.ok_or_else(|| wrong("StatusFilter must be specified and must be not Running."))?;
            conditions.compare(SystemAttribute::ExecutionStatus, Comparison::Equal, Value::Status(status));
        }
        None => {}
    }
    let (filter, question) = conditions.finish();
    let ask = Ask { page_size: request.maximum_page_size, token: &request.next_page_token, question: &question };
    let Found { executions, next_page_token } = page::by_filter(api, call, ask, &filter).await?;
    Ok(wire::ListClosedWorkflowExecutionsResponse { executions, next_page_token })
}
