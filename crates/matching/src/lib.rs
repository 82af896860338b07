//! Task queues: pollers, backlog, priority, rate limits.
