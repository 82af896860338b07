//! Which codes each RPC may answer nonsense with. INTERNAL, UNKNOWN, UNAVAILABLE and DATA_LOSS stand nowhere.

use tonic::Code::{
    self, AlreadyExists, DeadlineExceeded, FailedPrecondition, InvalidArgument, NotFound, Ok, PermissionDenied,
    ResourceExhausted, Unimplemented,
};

/// Questions: nothing exists already. UNIMPLEMENTED is what a field that is not built gets.
const ASKS: &[Code] = &[Ok, InvalidArgument, NotFound, FailedPrecondition, PermissionDenied, ResourceExhausted, Unimplemented];
/// Changes.
const CHANGES: &[Code] =
    &[Ok, InvalidArgument, NotFound, FailedPrecondition, PermissionDenied, ResourceExhausted, Unimplemented, AlreadyExists];
/// Calls that wait for something, and are called with a short deadline.
const WAITS: &[Code] =
    &[Ok, InvalidArgument, NotFound, FailedPrecondition, PermissionDenied, ResourceExhausted, Unimplemented, DeadlineExceeded];
/// What is not built yet; a request too large to be read is refused before.
const LATER: &[Code] = &[Unimplemented, InvalidArgument, ResourceExhausted];

const TABLE: &[(&[Code], &[&str])] = &[
    (
        ASKS,
        &[
            "CountWorkflowExecutions",
            "DescribeNamespace",
            "DescribeTaskQueue",
            "DescribeWorkflowExecution",
            "GetClusterInfo",
            "GetSearchAttributes",
            "GetSystemInfo",
            "GetWorkflowExecutionHistoryReverse",
            "ListArchivedWorkflowExecutions",
            "ListClosedWorkflowExecutions",
            "ListNamespaces",
            "ListOpenWorkflowExecutions",
            "ListSearchAttributes",
            "ListTaskQueuePartitions",
            "ListWorkflowExecutions",
            "ScanWorkflowExecutions",
        ],
    ),
    (
        CHANGES,
        &[
            "AddSearchAttributes",
            "DeleteWorkflowExecution",
            "DeprecateNamespace",
            "RecordActivityTaskHeartbeat",
            "RecordActivityTaskHeartbeatById",
            "RecordWorkerHeartbeat",
            "RegisterNamespace",
            "RemoveSearchAttributes",
            "RequestCancelWorkflowExecution",
            "ResetStickyTaskQueue",
            "RespondActivityTaskCanceled",
            "RespondActivityTaskCanceledById",
            "RespondActivityTaskCompleted",
            "RespondActivityTaskCompletedById",
            "RespondActivityTaskFailed",
            "RespondActivityTaskFailedById",
            "RespondQueryTaskCompleted",
            "RespondWorkflowTaskCompleted",
            "RespondWorkflowTaskFailed",
            "ShutdownWorker",
            "SignalWithStartWorkflowExecution",
            "SignalWorkflowExecution",
            "StartWorkflowExecution",
            "TerminateWorkflowExecution",
            "UpdateNamespace",
        ],
    ),
    (WAITS, &["GetWorkflowExecutionHistory", "PollActivityTaskQueue", "PollWorkflowTaskQueue", "QueryWorkflow"]),
    (LATER, LATER_NAMES),
];

const LATER_NAMES: &[&str] = &[
    "AddOrUpdateRemoteCluster",
    "CountActivityExecutions",
    "CountNexusOperationExecutions",
    "CountSchedules",
    "CountWorkers",
    "CreateNexusEndpoint",
    "CreateSchedule",
    "CreateWorkerDeployment",
    "CreateWorkerDeploymentVersion",
    "CreateWorkflowRule",
    "DeleteActivityExecution",
    "DeleteNamespace",
    "DeleteNexusEndpoint",
    "DeleteNexusOperationExecution",
    "DeleteSchedule",
    "DeleteWorkerDeployment",
    "DeleteWorkerDeploymentVersion",
    "DeleteWorkflowRule",
    "DescribeActivityExecution",
    "DescribeBatchOperation",
    "DescribeDeployment",
    "DescribeNexusOperationExecution",
    "DescribeSchedule",
    "DescribeWorker",
    "DescribeWorkerDeployment",
    "DescribeWorkerDeploymentVersion",
    "DescribeWorkflowRule",
    "ExecuteMultiOperation",
    "FetchWorkerConfig",
    "GetCurrentDeployment",
    "GetDeploymentReachability",
    "GetNexusEndpoint",
    "GetWorkerBuildIdCompatibility",
    "GetWorkerTaskReachability",
    "GetWorkerVersioningRules",
    "ListActivityExecutions",
    "ListBatchOperations",
    "ListClusters",
    "ListDeployments",
    "ListNexusEndpoints",
    "ListNexusOperationExecutions",
    "ListScheduleMatchingTimes",
    "ListSchedules",
    "ListWorkerDeployments",
    "ListWorkers",
    "ListWorkflowRules",
    "PatchSchedule",
    "PauseActivity",
    "PauseActivityExecution",
    "PauseWorkflowExecution",
    "PollActivityExecution",
    "PollNexusOperationExecution",
    "PollNexusTaskQueue",
    "PollWorkflowExecutionTimeSkipping",
    "PollWorkflowExecutionUpdate",
    "RemoveRemoteCluster",
    "RequestCancelActivityExecution",
    "RequestCancelNexusOperationExecution",
    "ResetActivity",
    "ResetActivityExecution",
    "ResetWorkflowExecution",
    "RespondNexusTaskCompleted",
    "RespondNexusTaskFailed",
    "SetCurrentDeployment",
    "SetWorkerDeploymentCurrentVersion",
    "SetWorkerDeploymentManager",
    "SetWorkerDeploymentRampingVersion",
    "StartActivityExecution",
    "StartBatchOperation",
    "StartNexusOperationExecution",
    "StopBatchOperation",
    "TerminateActivityExecution",
    "TerminateNexusOperationExecution",
    "TriggerWorkflowRule",
    "UnpauseActivity",
    "UnpauseActivityExecution",
    "UnpauseWorkflowExecution",
    "UpdateActivityExecutionOptions",
    "UpdateActivityOptions",
    "UpdateNexusEndpoint",
    "UpdateSchedule",
    "UpdateTaskQueueConfig",
    "UpdateWorkerBuildIdCompatibility",
    "UpdateWorkerConfig",
    "UpdateWorkerDeploymentVersionComputeConfig",
    "UpdateWorkerDeploymentVersionMetadata",
    "UpdateWorkerVersioningRules",
    "UpdateWorkflowExecution",
    "UpdateWorkflowExecutionOptions",
    "ValidateWorkerDeploymentVersionComputeConfig",
];

/// Every RPC in the table.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().flat_map(|(_, names)| *names).copied()
}

/// The codes that an RPC may answer nonsense with; none for one that is not in the table.
pub(super) fn allowed(name: &str) -> &'static [Code] {
    TABLE.iter().find(|(_, names)| names.contains(&name)).map_or(&[], |(codes, _)| *codes)
}
