//! Limits and times of the matching service.

use std::time::Duration;

/// Options of the matching service.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// How long a poll waits for a task before it is answered empty. Temporal: 60 s.
    pub long_poll: Duration,
    /// At most this share of `long_poll` is taken off at random, so that polls do not expire together.
    pub long_poll_jitter: f64,
    /// A sticky queue that nobody polled for so long refuses tasks. Temporal: 10 s.
    pub sticky_idle: Duration,
    /// A query to a queue that nobody polled for so long fails with a telling error. Temporal: 20 s.
    pub query_idle: Duration,
    /// Tasks of one queue kept in memory; beyond, they go to the stored backlog.
    pub tasks_in_memory: usize,
    /// Tasks read back from the stored backlog at once.
    pub reload_page: usize,
    /// Polls waiting on one queue at once; more are refused.
    pub pollers_per_queue: usize,
    /// Queries waiting on one queue at once; more are refused.
    pub queries_per_queue: usize,
    /// Pollers remembered per queue, for DescribeTaskQueue.
    pub poller_history: usize,
    /// How long a poller is remembered. Temporal: 5 min.
    pub poller_memory: Duration,
    /// A queue without tasks, pollers and polls for so long is forgotten.
    pub queue_idle: Duration,
    /// Wait before a task is tried again whose start history could not serve.
    pub retry: Duration,
    /// Wait before a task is tried again whose start met a bug.
    pub rest: Duration,
}

impl Options {
    /// What a server runs with unless told otherwise.
    pub const STANDARD: Self = Self {
        long_poll: Duration::from_secs(60),
        long_poll_jitter: 0.16,
        sticky_idle: Duration::from_secs(10),
        query_idle: Duration::from_secs(20),
        tasks_in_memory: 20_000,
        reload_page: 500,
        pollers_per_queue: 10_000,
        queries_per_queue: 10_000,
        poller_history: 1_000,
        poller_memory: Duration::from_secs(300),
        queue_idle: Duration::from_secs(300),
        retry: Duration::from_millis(100),
        rest: Duration::from_secs(10),
    };
}
