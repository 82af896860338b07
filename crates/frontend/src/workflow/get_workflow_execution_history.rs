//! GetWorkflowExecutionHistory: pages, long polls, the close event alone.

use proto::temporal::api::enums::v1::HistoryEventFilterType;
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::{execution, wrong};

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    mut request: wire::GetWorkflowExecutionHistoryRequest,
) -> Result<wire::GetWorkflowExecutionHistoryResponse, Error> {
    let chain = execution::chain(call.reference().id, request.execution.as_ref(), &call.limits)?;
    let filter = HistoryEventFilterType::try_from(request.history_event_filter_type)
        .map_err(|_| wrong(format!("Unknown HistoryEventFilterType: {}.", request.history_event_filter_type)))?;
    if filter == HistoryEventFilterType::Unspecified {
        request.set_history_event_filter_type(HistoryEventFilterType::AllEvent);
    }
    api.ports.history.owner(&chain)?.get_history(&call.context, call.reference(), request).await
}
