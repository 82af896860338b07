//! The two public services: for every built RPC, gate and file. An RPC without a line here is refused by the table.

use proto::temporal::api::operatorservice::v1 as operator_wire;
use proto::temporal::api::operatorservice::v1::operator_service_server::OperatorService;
use proto::temporal::api::workflowservice::v1 as wire;
use proto::temporal::api::workflowservice::v1::workflow_service_server::WorkflowService;

use crate::gate::{self, quota::Quotas};
use crate::options::Options;
use crate::ports::Ports;
use crate::{cluster, list, namespace, operator, task_queue, workflow};

/// What the RPCs share.
pub(crate) struct Api {
    pub(crate) options: Options,
    pub(crate) ports: Ports,
    pub(crate) quotas: Quotas,
}

impl Api {
    pub(crate) fn new(options: Options, ports: Ports) -> Self {
        Self { options, ports, quotas: Quotas::new() }
    }
}

/// `namespaced` calls pass all steps of the gate and get a [`gate::Call`]; `cluster` calls only quota and fields.
macro_rules! serve {
    ($service:ident, $wire:ident; $($step:ident $method:ident($name:literal: $request:ident) -> $response:ident = $handler:path;)*) => {
        #[tonic::async_trait]
        impl $service for Api {
            $(
                async fn $method(
                    &self,
                    request: tonic::Request<$wire::$request>,
                ) -> Result<tonic::Response<$wire::$response>, tonic::Status> {
                    let (visit, message) = gate::enter(request);
                    let work = async move { serve!(@$step self, $name, visit, message, $handler) };
                    self.leave(work.await)
                }
            )*
        }
    };
    (@namespaced $api:expr, $name:literal, $visit:ident, $message:ident, $handler:path) => {{
        let call = $api.admit($name, $visit, &$message).await?;
        $handler($api, &call, $message).await
    }};
    (@cluster $api:expr, $name:literal, $visit:ident, $message:ident, $handler:path) => {{
        let context = $api.admit_cluster($name, $visit, &$message)?;
        $handler($api, &context, $message).await
    }};
}

serve! { WorkflowService, wire;
    namespaced start_workflow_execution("StartWorkflowExecution": StartWorkflowExecutionRequest)
        -> StartWorkflowExecutionResponse = workflow::start_workflow_execution::call;
    namespaced signal_with_start_workflow_execution("SignalWithStartWorkflowExecution": SignalWithStartWorkflowExecutionRequest)
        -> SignalWithStartWorkflowExecutionResponse = workflow::signal_with_start_workflow_execution::call;
    namespaced signal_workflow_execution("SignalWorkflowExecution": SignalWorkflowExecutionRequest)
        -> SignalWorkflowExecutionResponse = workflow::signal_workflow_execution::call;
    namespaced request_cancel_workflow_execution("RequestCancelWorkflowExecution": RequestCancelWorkflowExecutionRequest)
        -> RequestCancelWorkflowExecutionResponse = workflow::request_cancel_workflow_execution::call;
    namespaced terminate_workflow_execution("TerminateWorkflowExecution": TerminateWorkflowExecutionRequest)
        -> TerminateWorkflowExecutionResponse = workflow::terminate_workflow_execution::call;
    namespaced delete_workflow_execution("DeleteWorkflowExecution": DeleteWorkflowExecutionRequest)
        -> DeleteWorkflowExecutionResponse = workflow::delete_workflow_execution::call;
    namespaced describe_workflow_execution("DescribeWorkflowExecution": DescribeWorkflowExecutionRequest)
        -> DescribeWorkflowExecutionResponse = workflow::describe_workflow_execution::call;
    namespaced get_workflow_execution_history("GetWorkflowExecutionHistory": GetWorkflowExecutionHistoryRequest)
        -> GetWorkflowExecutionHistoryResponse = workflow::get_workflow_execution_history::call;
    namespaced get_workflow_execution_history_reverse(
        "GetWorkflowExecutionHistoryReverse": GetWorkflowExecutionHistoryReverseRequest)
        -> GetWorkflowExecutionHistoryReverseResponse = workflow::get_workflow_execution_history_reverse::call;
    namespaced query_workflow("QueryWorkflow": QueryWorkflowRequest)
        -> QueryWorkflowResponse = workflow::query_workflow::call;
    namespaced reset_sticky_task_queue("ResetStickyTaskQueue": ResetStickyTaskQueueRequest)
        -> ResetStickyTaskQueueResponse = workflow::reset_sticky_task_queue::call;

    namespaced poll_workflow_task_queue("PollWorkflowTaskQueue": PollWorkflowTaskQueueRequest)
        -> PollWorkflowTaskQueueResponse = workflow::poll_workflow_task_queue::call;
    namespaced poll_activity_task_queue("PollActivityTaskQueue": PollActivityTaskQueueRequest)
        -> PollActivityTaskQueueResponse = workflow::poll_activity_task_queue::call;
    namespaced respond_workflow_task_completed("RespondWorkflowTaskCompleted": RespondWorkflowTaskCompletedRequest)
        -> RespondWorkflowTaskCompletedResponse = workflow::respond_workflow_task_completed::call;
    namespaced respond_workflow_task_failed("RespondWorkflowTaskFailed": RespondWorkflowTaskFailedRequest)
        -> RespondWorkflowTaskFailedResponse = workflow::respond_workflow_task_failed::call;
    namespaced respond_query_task_completed("RespondQueryTaskCompleted": RespondQueryTaskCompletedRequest)
        -> RespondQueryTaskCompletedResponse = workflow::respond_query_task_completed::call;
    namespaced respond_activity_task_completed("RespondActivityTaskCompleted": RespondActivityTaskCompletedRequest)
        -> RespondActivityTaskCompletedResponse = workflow::respond_activity_task_completed::call;
    namespaced respond_activity_task_completed_by_id("RespondActivityTaskCompletedById": RespondActivityTaskCompletedByIdRequest)
        -> RespondActivityTaskCompletedByIdResponse = workflow::respond_activity_task_completed_by_id::call;
    namespaced respond_activity_task_failed("RespondActivityTaskFailed": RespondActivityTaskFailedRequest)
        -> RespondActivityTaskFailedResponse = workflow::respond_activity_task_failed::call;
    namespaced respond_activity_task_failed_by_id("RespondActivityTaskFailedById": RespondActivityTaskFailedByIdRequest)
        -> RespondActivityTaskFailedByIdResponse = workflow::respond_activity_task_failed_by_id::call;
    namespaced respond_activity_task_canceled("RespondActivityTaskCanceled": RespondActivityTaskCanceledRequest)
        -> RespondActivityTaskCanceledResponse = workflow::respond_activity_task_canceled::call;
    namespaced respond_activity_task_canceled_by_id("RespondActivityTaskCanceledById": RespondActivityTaskCanceledByIdRequest)
        -> RespondActivityTaskCanceledByIdResponse = workflow::respond_activity_task_canceled_by_id::call;
    namespaced record_activity_task_heartbeat("RecordActivityTaskHeartbeat": RecordActivityTaskHeartbeatRequest)
        -> RecordActivityTaskHeartbeatResponse = workflow::record_activity_task_heartbeat::call;
    namespaced record_activity_task_heartbeat_by_id("RecordActivityTaskHeartbeatById": RecordActivityTaskHeartbeatByIdRequest)
        -> RecordActivityTaskHeartbeatByIdResponse = workflow::record_activity_task_heartbeat_by_id::call;

    namespaced shutdown_worker("ShutdownWorker": ShutdownWorkerRequest)
        -> ShutdownWorkerResponse = task_queue::shutdown_worker::call;
    namespaced record_worker_heartbeat("RecordWorkerHeartbeat": RecordWorkerHeartbeatRequest)
        -> RecordWorkerHeartbeatResponse = task_queue::record_worker_heartbeat::call;
    namespaced describe_task_queue("DescribeTaskQueue": DescribeTaskQueueRequest)
        -> DescribeTaskQueueResponse = task_queue::describe_task_queue::call;
    namespaced list_task_queue_partitions("ListTaskQueuePartitions": ListTaskQueuePartitionsRequest)
        -> ListTaskQueuePartitionsResponse = task_queue::list_task_queue_partitions::call;

    namespaced list_workflow_executions("ListWorkflowExecutions": ListWorkflowExecutionsRequest)
        -> ListWorkflowExecutionsResponse = list::list_workflow_executions::call;
    namespaced scan_workflow_executions("ScanWorkflowExecutions": ScanWorkflowExecutionsRequest)
        -> ScanWorkflowExecutionsResponse = list::scan_workflow_executions::call;
    namespaced count_workflow_executions("CountWorkflowExecutions": CountWorkflowExecutionsRequest)
        -> CountWorkflowExecutionsResponse = list::count_workflow_executions::call;
    namespaced list_open_workflow_executions("ListOpenWorkflowExecutions": ListOpenWorkflowExecutionsRequest)
        -> ListOpenWorkflowExecutionsResponse = list::list_open_workflow_executions::call;
    namespaced list_closed_workflow_executions("ListClosedWorkflowExecutions": ListClosedWorkflowExecutionsRequest)
        -> ListClosedWorkflowExecutionsResponse = list::list_closed_workflow_executions::call;
    namespaced list_archived_workflow_executions("ListArchivedWorkflowExecutions": ListArchivedWorkflowExecutionsRequest)
        -> ListArchivedWorkflowExecutionsResponse = list::list_archived_workflow_executions::call;

    cluster get_search_attributes("GetSearchAttributes": GetSearchAttributesRequest)
        -> GetSearchAttributesResponse = cluster::get_search_attributes::call;
    cluster get_system_info("GetSystemInfo": GetSystemInfoRequest)
        -> GetSystemInfoResponse = cluster::get_system_info::call;
    cluster get_cluster_info("GetClusterInfo": GetClusterInfoRequest)
        -> GetClusterInfoResponse = cluster::get_cluster_info::call;

    cluster register_namespace("RegisterNamespace": RegisterNamespaceRequest)
        -> RegisterNamespaceResponse = namespace::register_namespace::call;
    namespaced describe_namespace("DescribeNamespace": DescribeNamespaceRequest)
        -> DescribeNamespaceResponse = namespace::describe_namespace::call;
    cluster list_namespaces("ListNamespaces": ListNamespacesRequest)
        -> ListNamespacesResponse = namespace::list_namespaces::call;
    namespaced update_namespace("UpdateNamespace": UpdateNamespaceRequest)
        -> UpdateNamespaceResponse = namespace::update_namespace::call;
    namespaced deprecate_namespace("DeprecateNamespace": DeprecateNamespaceRequest)
        -> DeprecateNamespaceResponse = namespace::deprecate_namespace::call;
}

serve! { OperatorService, operator_wire;
    namespaced add_search_attributes("AddSearchAttributes": AddSearchAttributesRequest)
        -> AddSearchAttributesResponse = operator::add_search_attributes::call;
    namespaced remove_search_attributes("RemoveSearchAttributes": RemoveSearchAttributesRequest)
        -> RemoveSearchAttributesResponse = operator::remove_search_attributes::call;
    namespaced list_search_attributes("ListSearchAttributes": ListSearchAttributesRequest)
        -> ListSearchAttributesResponse = operator::list_search_attributes::call;
}
