//! What the service counts. Names and labels are those that dashboards for Temporal use.

use history_engine::{Counted, Effect};
use model::ChainKey;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use proto::temporal::api::enums::v1::WorkflowExecutionStatus;

/// The instruments of this crate.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    workflow_completed: Counter<u64>,
    workflow_latency: Histogram<f64>,
    activity_failed: Counter<u64>,
    commit_turns: Histogram<u64>,
    commit_latency: Histogram<f64>,
    commits: Counter<u64>,
}

impl Metrics {
    pub(crate) fn new(meter: &Meter) -> Self {
        let workflow_completed = meter.u64_counter("temporal_workflow_completed_count").build();
        // A rate misses what a series counted before its first scrape: these begin at zero.
        for status in ["completed", "failed", "canceled", "terminated", "continued_as_new", "timed_out"] {
            workflow_completed.add(0, &[KeyValue::new("status", status)]);
        }
        Self {
            workflow_completed,
            workflow_latency: meter
                .f64_histogram("temporal_workflow_execution_latency")
                .with_boundaries(vec![
                    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0, 86_400.0,
                ])
                .build(),
            activity_failed: meter.u64_counter("temporal_activity_execution_failed_count").build(),
            commit_turns: meter
                .u64_histogram("aevum_commit_turns")
                .with_boundaries(vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0])
                .build(),
            commit_latency: meter
                .f64_histogram("aevum_commit_latency_seconds")
                .with_boundaries(vec![0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0])
                .build(),
            commits: meter.u64_counter("aevum_commit_count").build(),
        }
    }

    /// Counts and logs what the engine said of a chain; called after the commit only.
    pub(crate) fn effects(&self, chain: &ChainKey, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Counted(Counted::WorkflowClosed { status, latency_nanos }) => {
                    self.workflow_completed.add(1, &[KeyValue::new("status", status_label(*status))]);
                    log_end(chain, *status);
                    self.workflow_latency.record(*latency_nanos as f64 / 1e9, &[]);
                }
                Effect::Counted(Counted::ActivityFailed { activity_type }) => {
                    self.activity_failed.add(1, &[KeyValue::new("activity_type", activity_type.clone())]);
                }
                Effect::UnblockQueries { .. } => {}
                Effect::NearLimit { run, limit } => {
                    tracing::warn!(%chain, %run, ?limit, "a workflow's history comes near its limit; it should continue as new");
                }
            }
        }
    }

    pub(crate) fn committed(&self, turns: usize, took: std::time::Duration, outcome: &'static str) {
        self.commits.add(1, &[KeyValue::new("outcome", outcome)]);
        self.commit_turns.record(turns as u64, &[]);
        self.commit_latency.record(took.as_secs_f64(), &[]);
    }
}

/// Ends that somebody may want to look into are worth a line; those that were meant are not, on a busy server.
fn log_end(chain: &ChainKey, status: WorkflowExecutionStatus) {
    match status {
        WorkflowExecutionStatus::Failed | WorkflowExecutionStatus::Terminated | WorkflowExecutionStatus::TimedOut => {
            tracing::info!(%chain, status = status_label(status), "a workflow ended");
        }
        _ => tracing::debug!(%chain, status = status_label(status), "a workflow ended"),
    }
}

fn status_label(status: WorkflowExecutionStatus) -> &'static str {
    match status {
        WorkflowExecutionStatus::Completed => "completed",
        WorkflowExecutionStatus::Failed => "failed",
        WorkflowExecutionStatus::Canceled => "canceled",
        WorkflowExecutionStatus::Terminated => "terminated",
        WorkflowExecutionStatus::ContinuedAsNew => "continued_as_new",
        WorkflowExecutionStatus::TimedOut => "timed_out",
        WorkflowExecutionStatus::Running => "running",
        WorkflowExecutionStatus::Paused => "paused",
        WorkflowExecutionStatus::Unspecified => "unspecified",
    }
}
