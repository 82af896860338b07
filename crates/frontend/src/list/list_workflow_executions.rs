//! ListWorkflowExecutions: the newest first, by a query.

use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use super::page::{self, Found};
use crate::api::Api;
use crate::gate::Call;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::ListWorkflowExecutionsRequest,
) -> Result<wire::ListWorkflowExecutionsResponse, Error> {
    let Found { executions, next_page_token } =
        page::by_query(api, call, request.page_size, &request.next_page_token, &request.query).await?;
    Ok(wire::ListWorkflowExecutionsResponse { executions, next_page_token })
}
