//! A queue with its lock: what `engine` decides, carried out.
//!
//! A poll that goes away must not swallow the task just matched to it: a task travels in a [`Lease`], which puts it back unless
//! somebody says that it is done.

mod lease;
mod spill;
mod unread;

use std::collections::HashSet;
use std::sync::Arc;

use model::{NamespaceId, TaskQueueKind, TaskQueueName, Timestamp};
use parking_lot::Mutex;
use persistence::BacklogKey;
use rpc::services::matching::QueryOffer;
use tokio::sync::{Notify, oneshot};

pub(crate) use lease::{Delivery, Lease, QueryLease};
pub(crate) use spill::Spiller;
pub(crate) use unread::Unread;

use crate::engine::{Match, PollerNotes, Task, TaskId, TaskQueue, Work};

/// Names a queue.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct QueueKey {
    /// Whose.
    pub(crate) namespace: NamespaceId,
    /// Workflow or activity tasks.
    pub(crate) kind: TaskQueueKind,
    /// Its name.
    pub(crate) name: TaskQueueName,
}

impl QueueKey {
    /// As the stored backlog names it.
    pub(crate) fn backlog(&self) -> BacklogKey {
        BacklogKey { namespace: self.namespace, kind: self.kind, queue: self.name.clone() }
    }
}

/// A query that waits for a poller.
#[derive(Debug)]
pub(crate) struct PendingQuery {
    /// Its id, which the worker's token carries.
    pub(crate) id: String,
    /// The question, and the poll answer without it.
    pub(crate) offer: Box<QueryOffer>,
}

/// A poll that waits.
type Waiting = oneshot::Sender<Delivery>;

/// A task queue.
pub(crate) struct Queue {
    pub(crate) key: QueueKey,
    pub(crate) state: Mutex<State>,
    pub(crate) spiller: Spiller,
    /// Rings for one waiting poll when a task waits for the rate limit: it comes back once the limit allows.
    pub(crate) throttled: Notify,
}

/// What the lock guards.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) queue: TaskQueue<Waiting, PendingQuery>,
    pub(crate) notes: PollerNotes,
    /// Tasks that only the stored backlog has.
    pub(crate) unread: Unread,
    /// A page of the stored backlog is being read.
    pub(crate) reloading: bool,
    /// Stored tasks that are with a poller at this moment, so that a reload does not bring them again.
    pub(crate) leased: HashSet<TaskId>,
    /// Numbers for pollers and queries.
    pub(crate) numbers: u64,
    /// Somebody uses it as a normal queue: no worker's goodbye ends it.
    pub(crate) normal: bool,
    /// The queue was dropped: its worker is gone.
    pub(crate) dropped: bool,
    pub(crate) last_used: Timestamp,
}

impl Queue {
    pub(crate) fn new(key: QueueKey, now: Timestamp) -> Arc<Self> {
        let state = State { last_used: now, ..State::default() };
        Arc::new(Self { key, state: Mutex::new(state), spiller: Spiller::default(), throttled: Notify::new() })
    }

    /// Adds a task and hands out what can be; one that is here already is not counted again. `false` where the queue was dropped.
    pub(crate) fn add(self: &Arc<Self>, task: Task, now: Timestamp) -> bool {
        {
            let mut state = self.state.lock();
            if state.dropped {
                return false;
            }
            state.last_used = now;
            state.leased.remove(&task.id);
            if state.queue.add_task(task) {
                state.queue.added.count(now);
            }
        }
        self.pump(now);
        true
    }

    /// Puts back a task whose poller went away; not counted as added.
    pub(crate) fn put_back(self: &Arc<Self>, task: Task) {
        let now = {
            let mut state = self.state.lock();
            state.leased.remove(&task.id);
            let now = state.last_used;
            state.queue.add_task(task);
            now
        };
        self.pump(now);
    }

    /// Matches and delivers until nothing matches any more.
    pub(crate) fn pump(self: &Arc<Self>, now: Timestamp) {
        loop {
            let found = {
                let mut state = self.state.lock();
                let (found, expired) = state.queue.next_match(now);
                for task in expired.into_iter().filter(|task| task.stored) {
                    self.spiller.forget(task);
                }
                if let Some(Match { work: Work::Task(task), .. }) = &found
                    && task.stored
                {
                    state.leased.insert(task.id.clone());
                }
                found
            };
            let Some(Match { poller, work }) = found else { return self.pass_on(now) };
            let delivery = match work {
                Work::Task(task) => Delivery::Task(Lease::new(Arc::clone(self), task)),
                Work::Query(query) => Delivery::Query(QueryLease::new(Arc::clone(self), query)),
            };
            // Where the poll has just gone, the work comes back and meets the next poller of this loop.
            if let Err(undelivered) = poller.send(delivery) {
                undelivered.return_quietly();
            }
        }
    }

    /// Where tasks wait for the rate limit alone, one of the waiting polls has to come back in time.
    pub(crate) fn pass_on(&self, now: Timestamp) {
        let state = self.state.lock();
        if state.queue.pollers_waiting() > 0 && state.queue.next_token(now).is_some() {
            self.throttled.notify_one();
        }
    }

    /// Answers every waiting poll empty and refuses tasks from now on.
    pub(crate) fn drop_now(&self) -> Vec<Task> {
        let mut state = self.state.lock();
        state.dropped = true;
        let pollers: Vec<Waiting> = state.queue.drain_pollers().collect();
        for poller in pollers {
            // A poll that is gone does not miss its empty answer.
            let _ = poller.send(Delivery::Empty);
        }
        state.queue.drain_tasks()
    }
}
