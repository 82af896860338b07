//! The task queue that a command names.

use proto::temporal::api::enums::v1::TaskQueueKind;
use proto::temporal::api::taskqueue::v1::TaskQueue;

/// Names that start so are the server's own.
const RESERVED_PREFIX: &str = "/_sys/";
/// Queues of the server's own workers in each namespace.
const INTERNAL: [&str; 2] = ["temporal-sys-per-ns-tq", "temporal-sys-worker-controller-per-ns-tq"];

/// The queue with its kind; the workflow's own where none is named. `Err` says why it cannot be used.
pub(crate) fn normalized(of: Option<&TaskQueue>, own: &str, max_bytes: usize) -> Result<TaskQueue, String> {
    let mut queue = of.cloned().unwrap_or_default();
    if queue.kind() == TaskQueueKind::Unspecified {
        queue.set_kind(TaskQueueKind::Normal);
    }
    if queue.name.is_empty() {
        own.clone_into(&mut queue.name);
    }
    if queue.name.is_empty() {
        return Err("taskQueue is not set".to_owned());
    }
    if queue.name.len() > max_bytes {
        return Err("taskQueue length exceeds limit".to_owned());
    }
    if queue.name.contains('\0') {
        return Err("taskQueue contains a NUL byte, which cannot be stored; leave it out.".to_owned());
    }
    if queue.name.starts_with(RESERVED_PREFIX) {
        return Err(format!("task queue name cannot start with reserved prefix {RESERVED_PREFIX}"));
    }
    if INTERNAL.contains(&queue.name.as_str()) && !INTERNAL.contains(&own) {
        return Err(format!(
            "cannot use internal per-namespace task queue:{} (in parent component task queue: {own})",
            queue.name
        ));
    }
    Ok(queue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_taken_as_named_or_from_the_workflow() {
        let named = TaskQueue { name: "own".to_owned(), ..TaskQueue::default() };
        assert_eq!(normalized(Some(&named), "wf", 1000).map(|queue| (queue.name.clone(), queue.kind())), {
            Ok(("own".to_owned(), TaskQueueKind::Normal))
        });
        assert_eq!(normalized(None, "wf", 1000).map(|queue| queue.name), Ok("wf".to_owned()));
    }

    #[test]
    fn a_queue_that_cannot_be_used_is_refused_with_the_reason() {
        let table = [
            ("", "", "taskQueue is not set"),
            ("12345678901", "wf", "taskQueue length exceeds limit"),
            ("/_sys/x", "wf", "task queue name cannot start with reserved prefix /_sys/"),
            ("a\0b", "wf", "taskQueue contains a NUL byte, which cannot be stored; leave it out."),
        ];
        for (name, own, why) in table {
            let queue = TaskQueue { name: name.to_owned(), ..TaskQueue::default() };
            assert_eq!(normalized(Some(&queue), own, 10), Err(why.to_owned()));
        }
        let internal = TaskQueue { name: INTERNAL[0].to_owned(), ..TaskQueue::default() };
        let why = normalized(Some(&internal), "wf", 1000).expect_err("users have no business there");
        assert!(why.contains("internal per-namespace task queue"), "{why}");
    }
}
