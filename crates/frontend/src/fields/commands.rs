//! Every field of the commands that workers send inside of RespondWorkflowTaskCompleted. What is refused here fails the workflow
//! task with its sentence: that is the engine's to do, and tested there.

use super::Fields;

const VERSIONS: &str = "builds of workers have no versions here, so there is none to inherit, and polls refuse versioned workers";

/// By message of the public API's `command` package.
pub(super) const ROWS: &[Fields] = &[
    Fields {
        operation: "Command",
        built: "command_type user_metadata event_group_markers schedule_activity_task_command_attributes \
                start_timer_command_attributes complete_workflow_execution_command_attributes \
                fail_workflow_execution_command_attributes request_cancel_activity_task_command_attributes \
                cancel_timer_command_attributes cancel_workflow_execution_command_attributes \
                request_cancel_external_workflow_execution_command_attributes record_marker_command_attributes \
                continue_as_new_workflow_execution_command_attributes start_child_workflow_execution_command_attributes \
                signal_external_workflow_execution_command_attributes upsert_workflow_search_attributes_command_attributes \
                modify_workflow_properties_command_attributes",
        refused: &[
            ("protocol_message_command_attributes", "is not supported by this server"),
            ("schedule_nexus_operation_command_attributes", "is not supported by this server"),
            ("request_cancel_nexus_operation_command_attributes", "is not supported by this server"),
        ],
        ignored: &[],
    },
    Fields::all_built(
        "ScheduleActivityTaskCommandAttributes",
        "activity_id activity_type task_queue header input schedule_to_close_timeout schedule_to_start_timeout \
         start_to_close_timeout heartbeat_timeout retry_policy request_eager_execution use_workflow_build_id priority",
    ),
    Fields::all_built("RequestCancelActivityTaskCommandAttributes", "scheduled_event_id"),
    Fields::all_built("StartTimerCommandAttributes", "timer_id start_to_fire_timeout"),
    Fields::all_built("CancelTimerCommandAttributes", "timer_id"),
    Fields::all_built("CompleteWorkflowExecutionCommandAttributes", "result"),
    Fields::all_built("FailWorkflowExecutionCommandAttributes", "failure"),
    Fields::all_built("CancelWorkflowExecutionCommandAttributes", "details"),
    Fields::all_built(
        "RequestCancelExternalWorkflowExecutionCommandAttributes",
        "namespace workflow_id run_id control child_workflow_only reason",
    ),
    Fields::all_built(
        "SignalExternalWorkflowExecutionCommandAttributes",
        "namespace execution signal_name input control child_workflow_only header",
    ),
    Fields::all_built("UpsertWorkflowSearchAttributesCommandAttributes", "search_attributes"),
    Fields::all_built("ModifyWorkflowPropertiesCommandAttributes", "upserted_memo"),
    Fields::all_built("RecordMarkerCommandAttributes", "marker_name details header failure"),
    Fields {
        operation: "ContinueAsNewWorkflowExecutionCommandAttributes",
        built: "workflow_type task_queue input workflow_run_timeout workflow_task_timeout backoff_start_interval retry_policy \
                initiator failure last_completion_result cron_schedule header memo search_attributes",
        refused: &[],
        ignored: &[("inherit_build_id initial_versioning_behavior", VERSIONS)],
    },
    Fields {
        operation: "StartChildWorkflowExecutionCommandAttributes",
        built: "namespace workflow_id workflow_type task_queue input workflow_execution_timeout workflow_run_timeout \
                workflow_task_timeout parent_close_policy control workflow_id_reuse_policy retry_policy cron_schedule header \
                memo search_attributes inherit_build_id priority",
        refused: &[("versioning_override", "is not supported by this server")],
        ignored: &[],
    },
];
