//! One task queue: tasks in order of (priority, time, arrival), queries before them, pollers first come first served.

use std::collections::{BTreeMap, HashMap, VecDeque};

use model::{RunKey, Timestamp};

use super::{RateLimit, RateWindow};

/// What makes a task the same task when it is offered again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TaskId {
    /// Whose.
    pub(crate) key: RunKey,
    /// Its scheduled event.
    pub(crate) scheduled_event_id: i64,
    /// Its attempt.
    pub(crate) attempt: i32,
    /// Changes when options of the attempt change.
    pub(crate) stamp: i32,
}

/// A task that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Task {
    /// Which.
    pub(crate) id: TaskId,
    /// 1 (most urgent) to 5.
    pub(crate) priority: i32,
    /// Since when it waits, wherever: its place in line.
    pub(crate) added: Timestamp,
    /// When it is not wanted any more.
    pub(crate) expires: Timestamp,
    /// Whether the stored backlog has it (and must be told when it is gone).
    pub(crate) stored: bool,
    /// The request id of its start, once a poller tried: history gives the same start for it again, should the answer get lost.
    pub(crate) start_id: Option<String>,
}

/// What a poller gets.
#[derive(Debug)]
pub(crate) enum Work<Q> {
    /// A task.
    Task(Task),
    /// A query.
    Query(Q),
}

/// A poller and its work.
#[derive(Debug)]
pub(crate) struct Match<P, Q> {
    /// Who.
    pub(crate) poller: P,
    /// What.
    pub(crate) work: Work<Q>,
}

/// The place of a task in its queue.
type Order = (i32, Timestamp, u64);

/// One task queue. `P` is a waiting poller, `Q` a waiting query.
#[derive(Debug)]
pub(crate) struct TaskQueue<P, Q> {
    tasks: BTreeMap<Order, Task>,
    index: HashMap<TaskId, Order>,
    queries: VecDeque<(u64, Q)>,
    pollers: VecDeque<(u64, P)>,
    arrivals: u64,
    /// The limit that workers or operators set.
    pub(crate) limit: RateLimit,
    /// Tasks added, for the reported rate.
    pub(crate) added: RateWindow,
    /// Tasks handed out, for the reported rate.
    pub(crate) dispatched: RateWindow,
}

impl<P, Q> Default for TaskQueue<P, Q> {
    fn default() -> Self {
        Self {
            tasks: BTreeMap::new(),
            index: HashMap::new(),
            queries: VecDeque::new(),
            pollers: VecDeque::new(),
            arrivals: 0,
            limit: RateLimit::default(),
            added: RateWindow::default(),
            dispatched: RateWindow::default(),
        }
    }
}

impl<P, Q> TaskQueue<P, Q> {
    /// Adds a task. One that is there already (`false`) stays where it is, and learns what the other copy knows.
    pub(crate) fn add_task(&mut self, task: Task) -> bool {
        if let Some(order) = self.index.get(&task.id) {
            if let Some(known) = self.tasks.get_mut(order) {
                known.stored |= task.stored;
                known.start_id = known.start_id.take().or(task.start_id);
            }
            return false;
        }
        self.arrivals += 1;
        let order = (task.priority, task.added, self.arrivals);
        self.index.insert(task.id.clone(), order);
        self.tasks.insert(order, task);
        true
    }

    /// Takes a task out, wherever it is.
    pub(crate) fn remove_task(&mut self, id: &TaskId) -> Option<Task> {
        let order = self.index.remove(id)?;
        self.tasks.remove(&order)
    }

    /// Whether the task waits here.
    pub(crate) fn contains(&self, id: &TaskId) -> bool {
        self.index.contains_key(id)
    }

    /// Adds a waiting poller under a number that [`TaskQueue::remove_poller`] takes.
    pub(crate) fn add_poller(&mut self, number: u64, poller: P) {
        self.pollers.push_back((number, poller));
    }

    /// Takes a poller out: it gave up.
    pub(crate) fn remove_poller(&mut self, number: u64) -> Option<P> {
        let at = self.pollers.iter().position(|(n, _)| *n == number)?;
        self.pollers.remove(at).map(|(_, poller)| poller)
    }

    /// Takes all pollers out (the queue is dropped).
    pub(crate) fn drain_pollers(&mut self) -> impl Iterator<Item = P> + '_ {
        self.pollers.drain(..).map(|(_, poller)| poller)
    }

    /// Takes all tasks out (the queue is dropped).
    pub(crate) fn drain_tasks(&mut self) -> Vec<Task> {
        self.index.clear();
        std::mem::take(&mut self.tasks).into_values().collect()
    }

    /// Adds a waiting query.
    pub(crate) fn add_query(&mut self, number: u64, query: Q) {
        self.queries.push_back((number, query));
    }

    /// Takes a query out: nobody waits for its answer any more.
    pub(crate) fn remove_query(&mut self, number: u64) -> Option<Q> {
        let at = self.queries.iter().position(|(n, _)| *n == number)?;
        self.queries.remove(at).map(|(_, query)| query)
    }

    /// The next match, if a poller and something for it are here and the rate allows. Expired tasks fall out on the way
    /// and are returned beside it, so that stored copies can be removed.
    pub(crate) fn next_match(&mut self, now: Timestamp) -> (Option<Match<P, Q>>, Vec<Task>) {
        let mut expired = Vec::new();
        if self.pollers.is_empty() {
            return (None, expired);
        }
        if let Some((_, query)) = self.queries.pop_front() {
            return (self.pollers.pop_front().map(|(_, poller)| Match { poller, work: Work::Query(query) }), expired);
        }
        while let Some(entry) = self.tasks.first_entry() {
            if entry.get().expires <= now {
                let task = entry.remove();
                self.index.remove(&task.id);
                expired.push(task);
                continue;
            }
            if !self.limit.try_take(now) {
                return (None, expired);
            }
            let task = entry.remove();
            self.index.remove(&task.id);
            self.dispatched.count(now);
            return (self.pollers.pop_front().map(|(_, poller)| Match { poller, work: Work::Task(task) }), expired);
        }
        (None, expired)
    }

    /// When the rate allows the next task, where that is what keeps it.
    pub(crate) fn next_token(&self, now: Timestamp) -> Option<Timestamp> {
        if self.tasks.is_empty() { None } else { self.limit.next(now) }
    }

    /// Tasks waiting here.
    pub(crate) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Of those, how many the stored backlog has.
    pub(crate) fn stored_len(&self) -> usize {
        self.tasks.values().filter(|task| task.stored).count()
    }

    /// Pollers waiting here.
    pub(crate) fn pollers_waiting(&self) -> usize {
        self.pollers.len()
    }

    /// Queries waiting here.
    pub(crate) fn queries_waiting(&self) -> usize {
        self.queries.len()
    }

    /// When the oldest waiting task was added.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        self.tasks.values().map(|task| task.added).min()
    }

    /// Waiting tasks and the oldest's time, per priority.
    pub(crate) fn by_priority(&self) -> BTreeMap<i32, (i64, Timestamp)> {
        let mut levels = BTreeMap::new();
        for task in self.tasks.values() {
            let level = levels.entry(task.priority).or_insert((0, task.added));
            level.0 += 1;
            level.1 = level.1.min(task.added);
        }
        levels
    }

    /// Whether nothing and nobody is here.
    pub(crate) fn is_idle(&self) -> bool {
        self.tasks.is_empty() && self.pollers.is_empty() && self.queries.is_empty()
    }
}

#[cfg(test)]
mod tests;
