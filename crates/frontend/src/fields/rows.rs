//! The rows: one per built RPC.

use super::Fields;

const CALLBACKS: &str = "completion callbacks are not built yet; wait for the result with GetWorkflowExecutionHistory";
const VERSIONING: &str = "worker versioning is not built yet; leave it out and run one version of a worker per task queue";
const TIME_SKIPPING: &str = "time skipping is not built yet; test with the SDK's test environment";
const UPDATES: &str = "workflow updates are not built yet, so a worker has no messages to send";
const PAGES: &str = "completions in pages are not built yet, and the namespace's capabilities do not offer them";
const ARCHIVAL: &str = "archival is not built yet; raise the retention period instead";
const BAD_BINARIES: &str = "bad binaries are not built, and deprecated; stop the bad worker";
const GLOBAL: &str = "Cannot register global namespace when not enabled";
const CLUSTERS: &str = "several clusters are not built yet; this cluster stands alone";

const HINT: &str = "a routing hint; the ids in the request decide";
const DISPLAY: &str = "sent by every worker; polls refuse a worker that asks to be versioned, so nothing depends on it here";
const WORKER_KEY: &str = "links calls to the registry of workers, which is not built";
const CONTROL_QUEUE: &str = "workers are not commanded by the server, and the namespace's capabilities say so";
const GROUPS: &str = "task queues have no poller groups here, and no answer tells a worker of one";
const OLD: &str = "deprecated, and without effect on the real server too";
const TOKEN: &str = "never had an effect";

const fn with_hint(operation: &'static str, built: &'static str) -> Fields {
    Fields { operation, built, refused: &[], ignored: &[("resource_id", HINT)] }
}

pub(super) const ROWS: &[Fields] = &[
    Fields {
        operation: "StartWorkflowExecution",
        built: "namespace workflow_id workflow_type task_queue input workflow_execution_timeout workflow_run_timeout \
                workflow_task_timeout identity request_id workflow_id_reuse_policy workflow_id_conflict_policy retry_policy \
                cron_schedule memo search_attributes header request_eager_execution continued_failure last_completion_result \
                workflow_start_delay user_metadata links on_conflict_options priority",
        refused: &[
            ("completion_callbacks", CALLBACKS),
            ("versioning_override", VERSIONING),
            ("time_skipping_config", TIME_SKIPPING),
            ("eager_worker_deployment_options", VERSIONING),
        ],
        ignored: &[],
    },
    Fields {
        operation: "SignalWithStartWorkflowExecution",
        built: "namespace workflow_id workflow_type task_queue input workflow_execution_timeout workflow_run_timeout \
                workflow_task_timeout identity request_id workflow_id_reuse_policy workflow_id_conflict_policy signal_name \
                signal_input retry_policy cron_schedule memo search_attributes header workflow_start_delay user_metadata links \
                priority",
        refused: &[("versioning_override", VERSIONING), ("time_skipping_config", TIME_SKIPPING)],
        ignored: &[("control", OLD)],
    },
    Fields {
        operation: "SignalWorkflowExecution",
        built: "namespace workflow_execution signal_name input identity request_id header links",
        refused: &[],
        ignored: &[("control", OLD)],
    },
    Fields::all_built(
        "RequestCancelWorkflowExecution",
        "namespace workflow_execution identity request_id first_execution_run_id reason links",
    ),
    Fields::all_built(
        "TerminateWorkflowExecution",
        "namespace workflow_execution reason details identity first_execution_run_id links",
    ),
    Fields::all_built("DeleteWorkflowExecution", "namespace workflow_execution"),
    Fields::all_built("DescribeWorkflowExecution", "namespace execution"),
    Fields {
        operation: "GetWorkflowExecutionHistory",
        built: "namespace execution maximum_page_size next_page_token wait_new_event history_event_filter_type",
        refused: &[],
        ignored: &[("skip_archival", "there is no archive to skip")],
    },
    Fields::all_built("GetWorkflowExecutionHistoryReverse", "namespace execution maximum_page_size next_page_token"),
    Fields::all_built("QueryWorkflow", "namespace execution query query_reject_condition"),
    Fields::all_built("ResetStickyTaskQueue", "namespace execution"),
    Fields {
        operation: "PollWorkflowTaskQueue",
        built: "namespace task_queue identity binary_checksum",
        refused: &[("worker_version_capabilities", VERSIONING), ("deployment_options", VERSIONING)],
        ignored: &[
            ("worker_instance_key", WORKER_KEY),
            ("worker_control_task_queue", CONTROL_QUEUE),
            ("poller_group_id", GROUPS),
        ],
    },
    Fields {
        operation: "PollActivityTaskQueue",
        built: "namespace task_queue identity task_queue_metadata",
        refused: &[("worker_version_capabilities", VERSIONING), ("deployment_options", VERSIONING)],
        ignored: &[
            ("worker_instance_key", WORKER_KEY),
            ("worker_control_task_queue", CONTROL_QUEUE),
            ("poller_group_id", GROUPS),
        ],
    },
    Fields {
        operation: "RespondWorkflowTaskCompleted",
        built: "task_token commands identity sticky_attributes return_new_workflow_task force_create_new_workflow_task \
                binary_checksum query_results namespace worker_version_stamp sdk_metadata metering_metadata",
        refused: &[
            ("messages", UPDATES),
            ("versioning_behavior", VERSIONING),
            ("page_number", PAGES),
            ("intermediate_page", PAGES),
        ],
        ignored: &[
            ("resource_id", HINT),
            ("capabilities", "tells of updates, which are not built; every SDK sends it"),
            ("deployment deployment_options", DISPLAY),
            ("worker_instance_key", WORKER_KEY),
            ("worker_control_task_queue", CONTROL_QUEUE),
        ],
    },
    Fields {
        operation: "RespondWorkflowTaskFailed",
        built: "task_token cause failure identity binary_checksum namespace",
        refused: &[("messages", UPDATES)],
        ignored: &[("resource_id", HINT), ("worker_version deployment deployment_options", DISPLAY)],
    },
    Fields {
        operation: "RespondQueryTaskCompleted",
        built: "task_token completed_type query_result error_message namespace failure",
        refused: &[],
        ignored: &[("cause", "it only labels metrics of the real server"), ("poller_group_id", GROUPS)],
    },
    Fields {
        operation: "RespondActivityTaskCompleted",
        built: "task_token result identity namespace",
        refused: &[],
        ignored: &[("resource_id", HINT), ("worker_version deployment deployment_options", DISPLAY)],
    },
    Fields {
        operation: "RespondActivityTaskFailed",
        built: "task_token failure identity namespace last_heartbeat_details",
        refused: &[],
        ignored: &[
            ("resource_id", HINT),
            ("worker_version deployment deployment_options", DISPLAY),
            ("cause", "it only labels metrics of the real server"),
        ],
    },
    Fields {
        operation: "RespondActivityTaskCanceled",
        built: "task_token details identity namespace",
        refused: &[],
        ignored: &[("resource_id", HINT), ("worker_version deployment deployment_options", DISPLAY)],
    },
    with_hint("RecordActivityTaskHeartbeat", "task_token details identity namespace"),
    with_hint("RespondActivityTaskCompletedById", "namespace workflow_id run_id activity_id result identity"),
    Fields {
        operation: "RespondActivityTaskFailedById",
        built: "namespace workflow_id run_id activity_id failure identity last_heartbeat_details",
        refused: &[],
        ignored: &[("resource_id", HINT), ("cause", "it only labels metrics of the real server")],
    },
    Fields {
        operation: "RespondActivityTaskCanceledById",
        built: "namespace workflow_id run_id activity_id details identity",
        refused: &[],
        ignored: &[("resource_id", HINT), ("deployment_options", DISPLAY)],
    },
    with_hint("RecordActivityTaskHeartbeatById", "namespace workflow_id run_id activity_id details identity"),
    Fields {
        operation: "ShutdownWorker",
        built: "namespace sticky_task_queue",
        refused: &[],
        ignored: &[
            ("identity reason", "only for people who read logs"),
            ("worker_heartbeat worker_instance_key", WORKER_KEY),
            ("task_queue task_queue_types", "SDKs cancel their other polls by themselves; a canceled poll takes no task"),
        ],
    },
    Fields {
        operation: "RecordWorkerHeartbeat",
        built: "namespace",
        refused: &[],
        ignored: &[
            ("identity worker_heartbeat", "the registry of workers is not built; the call is accepted so that workers go on"),
            ("resource_id", HINT),
        ],
    },
    Fields {
        operation: "DescribeTaskQueue",
        built: "namespace task_queue task_queue_type task_queue_types api_mode report_stats report_pollers include_task_queue_status",
        refused: &[("versions", VERSIONING), ("report_task_reachability", VERSIONING)],
        ignored: &[("report_config", "task queues have no stored configuration, so there is none to report")],
    },
    Fields::all_built("ListTaskQueuePartitions", "namespace task_queue"),
    Fields::all_built("ListWorkflowExecutions", "namespace page_size next_page_token query"),
    Fields::all_built("ScanWorkflowExecutions", "namespace page_size next_page_token query"),
    Fields::all_built("CountWorkflowExecutions", "namespace query"),
    Fields::all_built(
        "ListOpenWorkflowExecutions",
        "namespace maximum_page_size next_page_token start_time_filter execution_filter type_filter",
    ),
    Fields::all_built(
        "ListClosedWorkflowExecutions",
        "namespace maximum_page_size next_page_token start_time_filter execution_filter type_filter status_filter",
    ),
    Fields {
        operation: "ListArchivedWorkflowExecutions",
        built: "namespace",
        refused: &[],
        ignored: &[("page_size next_page_token query", "no cluster is configured for archival, which the answer says")],
    },
    Fields::all_built("GetSearchAttributes", ""),
    Fields::all_built("GetSystemInfo", ""),
    Fields::all_built("GetClusterInfo", ""),
    Fields {
        operation: "RegisterNamespace",
        built: "namespace description owner_email workflow_execution_retention_period clusters active_cluster_name data",
        refused: &[
            ("is_global_namespace", GLOBAL),
            ("history_archival_state", ARCHIVAL),
            ("history_archival_uri", ARCHIVAL),
            ("visibility_archival_state", ARCHIVAL),
            ("visibility_archival_uri", ARCHIVAL),
        ],
        ignored: &[("security_token", TOKEN)],
    },
    Fields {
        operation: "DescribeNamespace",
        built: "namespace id",
        refused: &[],
        ignored: &[("weak_consistency", "every answer is as fresh as the last change on this host")],
    },
    Fields::all_built("ListNamespaces", "page_size next_page_token namespace_filter"),
    Fields {
        operation: "UpdateNamespace",
        built: "namespace update_info config replication_config",
        refused: &[("delete_bad_binary", BAD_BINARIES), ("promote_namespace", CLUSTERS)],
        ignored: &[("security_token", TOKEN)],
    },
    Fields { operation: "DeprecateNamespace", built: "namespace", refused: &[], ignored: &[("security_token", TOKEN)] },
    Fields::all_built("AddSearchAttributes", "search_attributes namespace"),
    Fields::all_built("RemoveSearchAttributes", "search_attributes namespace"),
    Fields::all_built("ListSearchAttributes", "namespace"),
];
