//! One file per call: wire -> input, and answer -> wire. Nothing here decides; nothing here writes.

pub(crate) mod activity;
pub(crate) mod activity_task_started;
pub(crate) mod between_chains;
pub(crate) mod describe;
pub(crate) mod get_history;
pub(crate) mod get_history_reverse;
mod link;
pub(crate) mod pages;
pub(crate) mod query;
pub(crate) mod query_workflow;
pub(crate) mod request_cancel;
pub(crate) mod signal;
pub(crate) mod signal_with_start;
pub(crate) mod start_workflow;
pub(crate) mod terminate;
pub(crate) mod token;
pub(crate) mod workflow_task;
pub(crate) mod workflow_task_completed;
pub(crate) mod workflow_task_failed;
pub(crate) mod workflow_task_started;

/// The answer has another shape than the question: a fault of ours.
pub(crate) fn unexpected() -> rpc::Error {
    rpc::Error::Internal("the engine answered something else than was asked".to_owned())
}
