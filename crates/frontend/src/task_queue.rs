//! Task queues and workers: one file per RPC.

pub(crate) mod describe_task_queue;
pub(crate) mod list_task_queue_partitions;
pub(crate) mod record_worker_heartbeat;
pub(crate) mod shutdown_worker;
