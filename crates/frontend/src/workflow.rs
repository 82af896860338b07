//! Executions and their tasks: one file per RPC. Each checks what its request means and asks the owner.

pub(crate) mod delete_workflow_execution;
pub(crate) mod describe_workflow_execution;
pub(crate) mod get_workflow_execution_history;
pub(crate) mod get_workflow_execution_history_reverse;
mod oversize;
pub(crate) mod poll_activity_task_queue;
pub(crate) mod poll_workflow_task_queue;
pub(crate) mod query_workflow;
pub(crate) mod record_activity_task_heartbeat;
pub(crate) mod record_activity_task_heartbeat_by_id;
pub(crate) mod request_cancel_workflow_execution;
pub(crate) mod reset_sticky_task_queue;
pub(crate) mod respond_activity_task_canceled;
pub(crate) mod respond_activity_task_canceled_by_id;
pub(crate) mod respond_activity_task_completed;
pub(crate) mod respond_activity_task_completed_by_id;
pub(crate) mod respond_activity_task_failed;
pub(crate) mod respond_activity_task_failed_by_id;
pub(crate) mod respond_query_task_completed;
pub(crate) mod respond_workflow_task_completed;
pub(crate) mod respond_workflow_task_failed;
pub(crate) mod signal_with_start_workflow_execution;
pub(crate) mod signal_workflow_execution;
pub(crate) mod start_workflow_execution;
pub(crate) mod task_owner;
pub(crate) mod terminate_workflow_execution;
