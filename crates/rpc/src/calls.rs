//! The calls of both services that look alike, in one list each: what is sent to another host, what is served to one and what is
//! routed between them are written from it, so that none of the three can lack a call.
//!
//! `safe` calls may be sent again where nobody knows whether they happened: they read, or carry an id by which the second is the
//! first. `once` calls are the caller's to repeat. `poll` calls are safe, and answered empty where this process stops.

/// Hands the list of history's calls to a macro.
macro_rules! history_calls {
    ($apply:ident) => {
        $apply! {
            answered {
                safe start_workflow(StartWorkflowRequest: StartWorkflowExecutionRequest, parent) -> StartWorkflowExecutionResponse;
                safe signal_with_start_workflow(SignalWithStartWorkflowRequest: SignalWithStartWorkflowExecutionRequest)
                    -> SignalWithStartWorkflowExecutionResponse;
                once signal_workflow(SignalWorkflowRequest: SignalWorkflowExecutionRequest, from)
                    -> SignalWorkflowExecutionResponse;
                once request_cancel_workflow(RequestCancelWorkflowRequest: RequestCancelWorkflowExecutionRequest, from)
                    -> RequestCancelWorkflowExecutionResponse;
                once terminate_workflow(TerminateWorkflowRequest: TerminateWorkflowExecutionRequest, from)
                    -> TerminateWorkflowExecutionResponse;
                once delete_workflow(DeleteWorkflowRequest: DeleteWorkflowExecutionRequest) -> DeleteWorkflowExecutionResponse;
                safe describe_workflow(DescribeWorkflowRequest: DescribeWorkflowExecutionRequest)
                    -> DescribeWorkflowExecutionResponse;
                safe get_history(GetHistoryRequest: GetWorkflowExecutionHistoryRequest) -> GetWorkflowExecutionHistoryResponse;
                safe get_history_reverse(GetHistoryReverseRequest: GetWorkflowExecutionHistoryReverseRequest)
                    -> GetWorkflowExecutionHistoryReverseResponse;
                safe query_workflow(QueryWorkflowRequest: QueryWorkflowRequest) -> QueryWorkflowResponse;
                safe reset_sticky_task_queue(ResetStickyTaskQueueRequest: ResetStickyTaskQueueRequest)
                    -> ResetStickyTaskQueueResponse;
                once workflow_task_completed(WorkflowTaskCompletedRequest: RespondWorkflowTaskCompletedRequest)
                    -> RespondWorkflowTaskCompletedResponse;
            }
            told {
                once workflow_task_failed(WorkflowTaskFailedRequest: RespondWorkflowTaskFailedRequest);
                once activity_completed(ActivityCompletedRequest: RespondActivityTaskCompletedRequest);
                once activity_failed(ActivityFailedRequest: RespondActivityTaskFailedRequest);
                once activity_canceled(ActivityCanceledRequest: RespondActivityTaskCanceledRequest);
            }
        }
    };
}

/// Hands the list of matching's calls to a macro.
macro_rules! matching_calls {
    ($apply:ident) => {
        $apply! {
            answered {
                poll poll_workflow_task(PollWorkflowTaskRequest: PollWorkflowTaskQueueRequest) -> PollWorkflowTaskQueueResponse;
                poll poll_activity_task(PollActivityTaskRequest: PollActivityTaskQueueRequest) -> PollActivityTaskQueueResponse;
                safe describe_task_queue(DescribeTaskQueueRequest: DescribeTaskQueueRequest) -> DescribeTaskQueueResponse;
            }
            told {
                once query_answered(QueryAnsweredRequest: RespondQueryTaskCompletedRequest);
                safe shutdown_worker(ShutdownWorkerRequest: ShutdownWorkerRequest);
            }
        }
    };
}

pub(crate) use {history_calls, matching_calls};
