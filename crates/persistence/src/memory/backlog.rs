//! Matching's stored backlog in memory.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use async_trait::async_trait;
use model::{Epoch, MemberId, RunId, Timestamp};

use super::Memory;
use crate::Error;
use crate::record::{BacklogKey, Levels, SpilledTask};
use crate::stores::Backlog;

/// Which task: (run, scheduled event, attempt, stamp).
type TaskKey = (RunId, i64, i32, i32);

/// A queue's row and its tasks.
#[derive(Debug, Default)]
pub(super) struct Queue {
    epoch: u64,
    /// In the order of reading.
    tasks: BTreeMap<(i32, Timestamp, TaskKey), SpilledTask>,
    /// Where in that order a task stands.
    places: HashMap<TaskKey, (i32, Timestamp)>,
}

impl Queue {
    fn put(&mut self, task: &SpilledTask) {
        self.remove(task);
        self.places.insert(task_key(task), (task.priority, task.added));
        self.tasks.insert((task.priority, task.added, task_key(task)), task.clone());
    }

    fn remove(&mut self, task: &SpilledTask) {
        let key = task_key(task);
        if let Some((priority, added)) = self.places.remove(&key) {
            self.tasks.remove(&(priority, added, key));
        }
    }

    fn levels(&self) -> Levels {
        let mut levels = Levels::new();
        for (priority, added, _) in self.tasks.keys() {
            // The first of each priority is its oldest.
            levels.entry(*priority).or_insert((0, *added)).0 += 1;
        }
        levels
    }
}

fn task_key(task: &SpilledTask) -> TaskKey {
    (task.run, task.scheduled_event_id, task.attempt, task.stamp)
}

impl Memory {
    /// Runs `change` on the queue if its epoch still is this one.
    fn with_queue(&self, queue: &BacklogKey, epoch: Epoch, change: impl FnOnce(&mut Queue)) -> Result<(), Error> {
        let mut state = self.state.lock();
        let row = state.backlog.get_mut(queue).filter(|row| row.epoch == epoch.get());
        change(row.ok_or(Error::Fenced("the task queue"))?);
        Ok(())
    }
}

#[async_trait]
impl Backlog for Memory {
    async fn acquire(&self, queue: &BacklogKey, _me: MemberId) -> Result<Epoch, Error> {
        let mut state = self.state.lock();
        let row = state.backlog.entry(queue.clone()).or_default();
        row.epoch += 1;
        Ok(Epoch::new(row.epoch))
    }

    async fn spill(&self, queue: &BacklogKey, epoch: Epoch, tasks: &[SpilledTask]) -> Result<(), Error> {
        self.with_queue(queue, epoch, |row| tasks.iter().for_each(|task| row.put(task)))
    }

    async fn read(&self, queue: &BacklogKey, after: Option<&SpilledTask>, limit: usize) -> Result<Vec<SpilledTask>, Error> {
        let state = self.state.lock();
        let Some(row) = state.backlog.get(queue) else { return Ok(Vec::new()) };
        let lower = match after {
            Some(task) => Bound::Excluded((task.priority, task.added, task_key(task))),
            None => Bound::Unbounded,
        };
        Ok(row.tasks.range((lower, Bound::Unbounded)).take(limit).map(|(_, task)| task.clone()).collect())
    }

    async fn remove(&self, queue: &BacklogKey, epoch: Epoch, tasks: &[SpilledTask]) -> Result<(), Error> {
        self.with_queue(queue, epoch, |row| tasks.iter().for_each(|task| row.remove(task)))
    }

    async fn count(&self, queue: &BacklogKey) -> Result<Levels, Error> {
        let state = self.state.lock();
        Ok(state.backlog.get(queue).map(Queue::levels).unwrap_or_default())
    }

    async fn queues(&self) -> Result<Vec<BacklogKey>, Error> {
        let state = self.state.lock();
        Ok(state.backlog.iter().filter(|(_, row)| !row.tasks.is_empty()).map(|(key, _)| key.clone()).collect())
    }
}
