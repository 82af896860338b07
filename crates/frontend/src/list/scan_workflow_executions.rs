//! ScanWorkflowExecutions: what ListWorkflowExecutions answers; kept for old clients.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use super::page::{self, Found};
use crate::api::Api;
use crate::gate::Call;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::ScanWorkflowExecutionsRequest,
) -> Result<wire::ScanWorkflowExecutionsResponse, Error> {
    let Found { executions, next_page_token } =
        page::by_query(api, call, request.page_size, &request.next_page_token, &request.query).await?;
    Ok(wire::ScanWorkflowExecutionsResponse { executions, next_page_token })
}
