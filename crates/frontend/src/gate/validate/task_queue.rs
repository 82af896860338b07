//! Task queues: named, storable, none of the server's own.

use model::TaskQueueName;
use model::limits::Limits;
use proto::temporal::api::enums::v1::TaskQueueKind;
use proto::temporal::api::taskqueue::v1::TaskQueue;
use rpc::Error;

use super::wrong;

/// Names that begin like this are the server's own.
const RESERVED_PREFIX: &str = "/_sys/";
/// Queues of the real server's own workers in each namespace.
const INTERNAL: [&str; 2] = ["temporal-sys-per-ns-tq", "temporal-sys-worker-controller-per-ns-tq"];

/// Checks the queue, makes its kind definite, and answers its name.
pub(crate) fn normalize(queue: Option<&mut TaskQueue>, limits: &Limits) -> Result<TaskQueueName, Error> {
    let queue = queue.ok_or_else(|| wrong("taskQueue is not set"))?;
    if queue.kind() == TaskQueueKind::Unspecified {
        queue.set_kind(TaskQueueKind::Normal);
    }
    let name = name(&queue.name, limits)?;
    if queue.kind() == TaskQueueKind::Sticky && !queue.normal_name.is_empty() {
        self::name(&queue.normal_name, limits)?;
    }
    Ok(name)
}

/// Checks a queue on which workflows are started: a normal one that is not the server's own.
pub(crate) fn for_start(queue: Option<&mut TaskQueue>, limits: &Limits) -> Result<(), Error> {
    let name = normalize(queue, limits)?;
    if INTERNAL.contains(&name.as_str()) {
        return Err(wrong(format!("cannot use internal per-namespace task queue: {name}")));
    }
    Ok(())
}

/// Checks a name.
pub(crate) fn name(name: &str, limits: &Limits) -> Result<TaskQueueName, Error> {
    if name.is_empty() {
        return Err(wrong("missing task queue name"));
    }
    if name.len() > limits.id_bytes {
        return Err(wrong("taskQueue length exceeds limit"));
    }
    if name.starts_with(RESERVED_PREFIX) {
        return Err(wrong(format!("task queue name cannot start with reserved prefix {RESERVED_PREFIX}")));
    }
    TaskQueueName::parse(name).map_err(|error| wrong(format!("taskQueue: {error}")))
}
