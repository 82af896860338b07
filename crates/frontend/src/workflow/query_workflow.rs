//! QueryWorkflow: waits for a worker's answer until the caller's deadline.

use proto::temporal::api::enums::v1::QueryRejectCondition;
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;
use tokio::time::{Instant, timeout_at};

use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::{execution, size, text, wrong};

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    mut request: wire::QueryWorkflowRequest,
) -> Result<wire::QueryWorkflowResponse, Error> {
    let limits = &call.limits;
    let chain = execution::chain(call.reference().id, request.execution.as_ref(), limits)?;
    let query = request.query.as_ref().ok_or_else(|| wrong("WorkflowQuery is not set on request."))?;
    text::required("QueryType", &query.query_type, limits)?;
    size::blob(query.query_args.as_ref(), limits)?;
    size::header(query.header.as_ref(), limits)?;
    let condition = QueryRejectCondition::try_from(request.query_reject_condition)
        .map_err(|_| wrong(format!("Unknown QueryRejectCondition: {}.", request.query_reject_condition)))?;
    if condition == QueryRejectCondition::Unspecified {
        request.set_query_reject_condition(QueryRejectCondition::None);
    }
    // A caller without a deadline would wait for ever for a worker that does not come.
    let mut context = call.context.clone();
    let deadline = *context.deadline.get_or_insert_with(|| Instant::now() + api.options.query);
    let history = api.ports.history.owner(&chain)?;
    let answer = history.query_workflow(&context, call.reference(), request);
    match timeout_at(deadline, answer).await {
        Ok(answer) => answer,
        Err(_) => Err(Error::DeadlineExceeded("query timed out before a worker could process it".to_owned())),
    }
}
