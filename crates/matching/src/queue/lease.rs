//! Work on its way to a poller: it comes back when nobody took it.

use std::sync::Arc;

use super::{PendingQuery, Queue};
use crate::engine::Task;

/// What a waiting poll is woken with.
pub(crate) enum Delivery {
    /// A task.
    Task(Lease),
    /// A query.
    Query(QueryLease),
    /// Nothing: the queue was dropped.
    Empty,
}

impl Delivery {
    /// Gives the work back without waking anybody (the caller is the loop that wakes).
    pub(crate) fn return_quietly(self) {
        match self {
            Self::Task(mut lease) => {
                if let Some(task) = lease.task.take() {
                    let mut state = lease.queue.state.lock();
                    state.leased.remove(&task.id);
                    state.queue.add_task(task);
                }
            }
            Self::Query(mut lease) => {
                if let Some(query) = lease.query.take() {
                    lease.queue.requeue(query);
                }
            }
            Self::Empty => {}
        }
    }
}

/// A task with a poller.
pub(crate) struct Lease {
    queue: Arc<Queue>,
    task: Option<Task>,
}

impl Lease {
    pub(super) const fn new(queue: Arc<Queue>, task: Task) -> Self {
        Self { queue, task: Some(task) }
    }

    /// The task.
    pub(crate) const fn task(&self) -> Option<&Task> {
        self.task.as_ref()
    }

    /// Removes the stored copy of a task that may not be started yet.
    #[cfg(feature = "planted-bugs")]
    pub(crate) fn acknowledge(&self) {
        if let Some(task) = self.task.as_ref().filter(|task| task.stored) {
            self.queue.spiller.forget(task.clone());
        }
    }

    /// Where it comes from.
    #[cfg(feature = "planted-bugs")]
    pub(crate) const fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    /// The request id with which its start is asked for: the first one that was made, however often the task comes back.
    pub(crate) fn start_id(&mut self, fresh: impl FnOnce() -> String) -> String {
        match &mut self.task {
            Some(task) => task.start_id.get_or_insert_with(fresh).clone(),
            None => fresh(),
        }
    }

    /// The task is started or not owed any more: it does not come back, also not from the stored backlog.
    pub(crate) fn done(mut self) {
        if let Some(task) = self.task.take()
            && task.stored
        {
            self.queue.spiller.forget(task);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            self.queue.put_back(task);
        }
    }
}

/// A query with a poller.
pub(crate) struct QueryLease {
    queue: Arc<Queue>,
    query: Option<PendingQuery>,
}

impl QueryLease {
    pub(super) const fn new(queue: Arc<Queue>, query: PendingQuery) -> Self {
        Self { queue, query: Some(query) }
    }

    /// The query, which goes to the worker now.
    pub(crate) fn take(mut self) -> Option<PendingQuery> {
        self.query.take()
    }
}

impl Drop for QueryLease {
    fn drop(&mut self) {
        if let Some(query) = self.query.take() {
            self.queue.requeue(query);
            let now = self.queue.state.lock().last_used;
            self.queue.pump(now);
        }
    }
}

impl Queue {
    /// Puts a query back.
    fn requeue(&self, query: PendingQuery) {
        let mut state = self.state.lock();
        state.numbers += 1;
        let number = state.numbers;
        state.queue.add_query(number, query);
    }
}
