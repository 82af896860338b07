//! CountWorkflowExecutions: one number, or one per group.

use proto::temporal::api::workflowservice::v1 as wire;
use proto::temporal::api::workflowservice::v1::count_workflow_executions_response::AggregationGroup;
use rpc::Error;
use visibility::{Group, payload, query};

use super::page::store_error;
use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::wrong;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::CountWorkflowExecutionsRequest,
) -> Result<wire::CountWorkflowExecutionsResponse, Error> {
    let attributes = &call.namespace.search_attributes;
    let filter = query::parse_count(&request.query, attributes).map_err(|error| wrong(error.to_string()))?;
    let count = api.ports.visibility.count(call.reference().id, &filter).await.map_err(store_error)?;
    let group =
        |group: Group| AggregationGroup { group_values: group.value.iter().map(payload::encode).collect(), count: group.count };
    Ok(wire::CountWorkflowExecutionsResponse { count: count.total, groups: count.groups.into_iter().map(group).collect() })
}
