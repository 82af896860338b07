//! The rows: every RPC of the public API in the order of its service, built or with what to expect.

use super::{Rpc, built, unbuilt};

const UPDATES: &str = "workflow updates are not built yet; use a signal, and a query for its effect";
const SCHEDULES: &str = "schedules are not built yet; start the workflow with a cron schedule instead";
const BUILD_IDS: &str =
    "worker versioning by build id sets and rules is deprecated and will not be built; worker deployments come later";
const OLD_DEPLOYMENTS: &str = "pre-release deployments are deprecated and will not be built; worker deployments come later";
const DEPLOYMENTS: &str = "worker deployments are not built yet; all workers of a task queue are treated alike";
const BATCH: &str = "batch operations are not built yet; list the workflows and call for each";
const NEXUS: &str = "Nexus is not built yet; use an activity or a child workflow";
const ACTIVITY_OPTIONS: &str =
    "changing pending activities is not built yet; cancel the workflow or let the activity's retry policy decide";
const RULES: &str = "workflow rules are not built yet";
const WORKERS: &str = "the registry of workers is not built yet; DescribeTaskQueue lists the pollers of a queue";
const ACTIVITIES: &str = "stand-alone activities are not built yet; run the activity from a workflow";
const PAUSE: &str = "pausing workflows is not built yet";
const WORKER_CONFIG: &str = "configuring workers from the server is not built yet; configure them where they start";
const CLUSTERS: &str = "several clusters are not built yet; this cluster stands alone";
const MULTI: &str = "workflow updates are not built yet; use SignalWithStartWorkflowExecution";
const RESET: &str = "reset is not built yet; terminate the workflow and start it again";
const QUEUE_CONFIG: &str = "stored limits of task queues are not built yet; set TaskQueueActivitiesPerSecond on the worker";
const OPTIONS: &str = "changing the options of a workflow is not built yet; they are set at its start";
const TIME_SKIPPING: &str = "time skipping is not built yet; test with the SDK's test environment";
const DELETE_NAMESPACE: &str = "deleting a namespace is not built yet; DeprecateNamespace keeps new workflows out of it";

/// `temporal.api.workflowservice.v1.WorkflowService`.
pub(super) const WORKFLOW: [Rpc; 123] = [
    built("RegisterNamespace"),
    built("DescribeNamespace"),
    built("ListNamespaces"),
    built("UpdateNamespace"),
    built("DeprecateNamespace"),
    built("StartWorkflowExecution"),
    unbuilt("ExecuteMultiOperation", MULTI),
    built("GetWorkflowExecutionHistory"),
    built("GetWorkflowExecutionHistoryReverse"),
    built("PollWorkflowTaskQueue"),
    built("RespondWorkflowTaskCompleted"),
    built("RespondWorkflowTaskFailed"),
    built("PollActivityTaskQueue"),
    built("RecordActivityTaskHeartbeat"),
    built("RecordActivityTaskHeartbeatById"),
    built("RespondActivityTaskCompleted"),
    built("RespondActivityTaskCompletedById"),
    built("RespondActivityTaskFailed"),
    built("RespondActivityTaskFailedById"),
    built("RespondActivityTaskCanceled"),
    built("RespondActivityTaskCanceledById"),
    built("RequestCancelWorkflowExecution"),
    built("SignalWorkflowExecution"),
    built("SignalWithStartWorkflowExecution"),
    unbuilt("ResetWorkflowExecution", RESET),
    built("TerminateWorkflowExecution"),
    built("DeleteWorkflowExecution"),
    built("ListOpenWorkflowExecutions"),
    built("ListClosedWorkflowExecutions"),
    built("ListWorkflowExecutions"),
    built("ListArchivedWorkflowExecutions"),
    built("ScanWorkflowExecutions"),
    built("CountWorkflowExecutions"),
    built("GetSearchAttributes"),
    built("RespondQueryTaskCompleted"),
    built("ResetStickyTaskQueue"),
    built("ShutdownWorker"),
    built("QueryWorkflow"),
    built("DescribeWorkflowExecution"),
    built("DescribeTaskQueue"),
    built("GetClusterInfo"),
    built("GetSystemInfo"),
    built("ListTaskQueuePartitions"),
    unbuilt("CreateSchedule", SCHEDULES),
    unbuilt("DescribeSchedule", SCHEDULES),
    unbuilt("UpdateSchedule", SCHEDULES),
    unbuilt("PatchSchedule", SCHEDULES),
    unbuilt("ListScheduleMatchingTimes", SCHEDULES),
    unbuilt("DeleteSchedule", SCHEDULES),
    unbuilt("ListSchedules", SCHEDULES),
    unbuilt("CountSchedules", SCHEDULES),
    unbuilt("UpdateWorkerBuildIdCompatibility", BUILD_IDS),
    unbuilt("GetWorkerBuildIdCompatibility", BUILD_IDS),
    unbuilt("UpdateWorkerVersioningRules", BUILD_IDS),
    unbuilt("GetWorkerVersioningRules", BUILD_IDS),
    unbuilt("GetWorkerTaskReachability", BUILD_IDS),
    unbuilt("DescribeDeployment", OLD_DEPLOYMENTS),
    unbuilt("DescribeWorkerDeploymentVersion", DEPLOYMENTS),
    unbuilt("ListDeployments", OLD_DEPLOYMENTS),
    unbuilt("GetDeploymentReachability", OLD_DEPLOYMENTS),
    unbuilt("GetCurrentDeployment", OLD_DEPLOYMENTS),
    unbuilt("SetCurrentDeployment", OLD_DEPLOYMENTS),
    unbuilt("SetWorkerDeploymentCurrentVersion", DEPLOYMENTS),
    unbuilt("DescribeWorkerDeployment", DEPLOYMENTS),
    unbuilt("DeleteWorkerDeployment", DEPLOYMENTS),
    unbuilt("DeleteWorkerDeploymentVersion", DEPLOYMENTS),
    unbuilt("SetWorkerDeploymentRampingVersion", DEPLOYMENTS),
    unbuilt("ListWorkerDeployments", DEPLOYMENTS),
    unbuilt("CreateWorkerDeployment", DEPLOYMENTS),
    unbuilt("CreateWorkerDeploymentVersion", DEPLOYMENTS),
    unbuilt("UpdateWorkerDeploymentVersionComputeConfig", DEPLOYMENTS),
    unbuilt("ValidateWorkerDeploymentVersionComputeConfig", DEPLOYMENTS),
    unbuilt("UpdateWorkerDeploymentVersionMetadata", DEPLOYMENTS),
    unbuilt("SetWorkerDeploymentManager", DEPLOYMENTS),
    unbuilt("UpdateWorkflowExecution", UPDATES),
    unbuilt("PollWorkflowExecutionUpdate", UPDATES),
    unbuilt("StartBatchOperation", BATCH),
    unbuilt("StopBatchOperation", BATCH),
    unbuilt("DescribeBatchOperation", BATCH),
    unbuilt("ListBatchOperations", BATCH),
    unbuilt("PollNexusTaskQueue", NEXUS),
    unbuilt("RespondNexusTaskCompleted", NEXUS),
    unbuilt("RespondNexusTaskFailed", NEXUS),
    unbuilt("UpdateActivityOptions", ACTIVITY_OPTIONS),
    unbuilt("UpdateWorkflowExecutionOptions", OPTIONS),
    unbuilt("PauseActivity", ACTIVITY_OPTIONS),
    unbuilt("UnpauseActivity", ACTIVITY_OPTIONS),
    unbuilt("ResetActivity", ACTIVITY_OPTIONS),
    unbuilt("CreateWorkflowRule", RULES),
    unbuilt("DescribeWorkflowRule", RULES),
    unbuilt("DeleteWorkflowRule", RULES),
    unbuilt("ListWorkflowRules", RULES),
    unbuilt("TriggerWorkflowRule", RULES),
    built("RecordWorkerHeartbeat"),
    unbuilt("ListWorkers", WORKERS),
    unbuilt("CountWorkers", WORKERS),
    unbuilt("UpdateTaskQueueConfig", QUEUE_CONFIG),
    unbuilt("FetchWorkerConfig", WORKER_CONFIG),
    unbuilt("UpdateWorkerConfig", WORKER_CONFIG),
    unbuilt("DescribeWorker", WORKERS),
    unbuilt("PauseWorkflowExecution", PAUSE),
    unbuilt("UnpauseWorkflowExecution", PAUSE),
    unbuilt("StartActivityExecution", ACTIVITIES),
    unbuilt("StartNexusOperationExecution", NEXUS),
    unbuilt("DescribeActivityExecution", ACTIVITIES),
    unbuilt("DescribeNexusOperationExecution", NEXUS),
    unbuilt("PollActivityExecution", ACTIVITIES),
    unbuilt("PollNexusOperationExecution", NEXUS),
    unbuilt("ListActivityExecutions", ACTIVITIES),
    unbuilt("ListNexusOperationExecutions", NEXUS),
    unbuilt("CountActivityExecutions", ACTIVITIES),
    unbuilt("CountNexusOperationExecutions", NEXUS),
    unbuilt("RequestCancelActivityExecution", ACTIVITIES),
    unbuilt("RequestCancelNexusOperationExecution", NEXUS),
    unbuilt("TerminateActivityExecution", ACTIVITIES),
    unbuilt("DeleteActivityExecution", ACTIVITIES),
    unbuilt("PauseActivityExecution", ACTIVITY_OPTIONS),
    unbuilt("ResetActivityExecution", ACTIVITY_OPTIONS),
    unbuilt("UnpauseActivityExecution", ACTIVITY_OPTIONS),
    unbuilt("UpdateActivityExecutionOptions", ACTIVITY_OPTIONS),
    unbuilt("TerminateNexusOperationExecution", NEXUS),
    unbuilt("DeleteNexusOperationExecution", NEXUS),
    unbuilt("PollWorkflowExecutionTimeSkipping", TIME_SKIPPING),
];

/// `temporal.api.operatorservice.v1.OperatorService`.
pub(super) const OPERATOR: [Rpc; 12] = [
    built("AddSearchAttributes"),
    built("RemoveSearchAttributes"),
    built("ListSearchAttributes"),
    unbuilt("DeleteNamespace", DELETE_NAMESPACE),
    unbuilt("AddOrUpdateRemoteCluster", CLUSTERS),
    unbuilt("RemoveRemoteCluster", CLUSTERS),
    unbuilt("ListClusters", CLUSTERS),
    unbuilt("GetNexusEndpoint", NEXUS),
    unbuilt("CreateNexusEndpoint", NEXUS),
    unbuilt("UpdateNexusEndpoint", NEXUS),
    unbuilt("DeleteNexusEndpoint", NEXUS),
    unbuilt("ListNexusEndpoints", NEXUS),
];
