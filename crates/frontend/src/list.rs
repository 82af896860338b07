//! Lists and counts of executions: one file per RPC. All of them ask the visibility store.

pub(crate) mod count_workflow_executions;
mod legacy;
pub(crate) mod list_archived_workflow_executions;
pub(crate) mod list_closed_workflow_executions;
pub(crate) mod list_open_workflow_executions;
pub(crate) mod list_workflow_executions;
mod page;
mod row;
pub(crate) mod scan_workflow_executions;
