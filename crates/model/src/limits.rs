//! Limits that the public API promises. Source of every number: Temporal's dynamic configuration defaults.

use std::time::Duration;

/// The limits of one namespace.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Bytes of an id (workflow id, type, task queue, request id, identity, names in commands).
    pub id_bytes: usize,
    /// Bytes of one blob (inputs, results, details) above which a call is refused or a workflow terminated.
    pub blob_error_bytes: usize,
    /// Bytes of one blob above which a warning is logged.
    pub blob_warn_bytes: usize,
    /// Bytes of a memo.
    pub memo_error_bytes: usize,
    /// Bytes of a memo from which on it is worth a warning.
    pub memo_warn_bytes: usize,
    /// Pending activities of one run; likewise children, signals to and cancels of others.
    pub pending_activities: usize,
    /// Pending children of one run.
    pub pending_children: usize,
    /// Pending signals to other workflows of one run.
    pub pending_signals: usize,
    /// Pending cancel requests to other workflows of one run.
    pub pending_cancels: usize,
    /// Bytes of history at which a run is terminated.
    pub history_error_bytes: i64,
    /// Bytes of history at which a warning is logged.
    pub history_warn_bytes: i64,
    /// Bytes of history at which continue-as-new is suggested.
    pub history_suggest_bytes: i64,
    /// Events at which a run is terminated.
    pub history_error_count: i64,
    /// Events at which a warning is logged.
    pub history_warn_count: i64,
    /// Events at which continue-as-new is suggested.
    pub history_suggest_count: i64,
    /// Bytes of history that one turn may add to a run; it is terminated above.
    pub transaction_bytes: i64,
    /// Bytes of state at which a run is terminated.
    pub state_error_bytes: usize,
    /// Bytes of an activity's failure that state keeps.
    pub activity_failure_bytes: usize,
    /// Signals that one run accepts.
    pub signals_per_run: i64,
    /// Buffered events at which a started workflow task is failed.
    pub buffered_events: usize,
    /// Bytes of buffered events at which a started workflow task is failed.
    pub buffered_bytes: usize,
    /// Request ids kept per run.
    pub request_ids: usize,
    /// Workflow task timeout where none is given.
    pub default_workflow_task_timeout: Duration,
    /// Workflow task timeout that none may exceed.
    pub max_workflow_task_timeout: Duration,
    /// How long workflow tasks may heartbeat.
    pub workflow_task_heartbeat_timeout: Duration,
    /// Longest wait between failing workflow task attempts.
    pub workflow_task_retry_max_interval: Duration,
    /// Automatic reset points kept per run.
    pub reset_points: usize,
    /// Search attributes per write.
    pub search_attribute_keys: usize,
    /// Bytes of one search attribute's value.
    pub search_attribute_value_bytes: usize,
    /// Bytes of all search attributes of a run.
    pub search_attribute_total_bytes: usize,
}

impl Limits {
    /// Temporal's defaults.
    pub const DEFAULT: Self = Self {
        id_bytes: 1000,
        blob_error_bytes: 2 * 1024 * 1024,
        blob_warn_bytes: 512 * 1024,
        memo_error_bytes: 2 * 1024 * 1024,
        memo_warn_bytes: 2 * 1024,
        pending_activities: 2000,
        pending_children: 2000,
        pending_signals: 2000,
        pending_cancels: 2000,
        history_error_bytes: 50 * 1024 * 1024,
        history_warn_bytes: 10 * 1024 * 1024,
        history_suggest_bytes: 4 * 1024 * 1024,
        history_error_count: 51_200,
        history_warn_count: 10_240,
        history_suggest_count: 4_096,
        transaction_bytes: 4 * 1024 * 1024,
        state_error_bytes: 8 * 1024 * 1024,
        activity_failure_bytes: 4 * 1024,
        signals_per_run: 10_000,
        buffered_events: 100,
        buffered_bytes: 2 * 1024 * 1024,
        request_ids: 1_000,
        default_workflow_task_timeout: Duration::from_secs(10),
        max_workflow_task_timeout: Duration::from_secs(120),
        workflow_task_heartbeat_timeout: Duration::from_secs(30 * 60),
        workflow_task_retry_max_interval: Duration::from_secs(10 * 60),
        reset_points: 20,
        search_attribute_keys: 100,
        search_attribute_value_bytes: 2 * 1024,
        search_attribute_total_bytes: 40 * 1024,
    };
}
