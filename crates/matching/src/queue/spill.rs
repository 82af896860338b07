//! The stored backlog of one queue: tasks go there past the memory budget, and come back page by page.
//!
//! Writes are batched by themselves: while one is in flight, later tasks gather. A stored row is removed only after its task
//! is started (or known to be obsolete), in batches as well.

use std::collections::HashMap;
use std::sync::Arc;

use model::{Epoch, MemberId};
use parking_lot::Mutex;
use persistence::{Backlog, Error, SpilledTask};

use super::{Queue, Unread};
use crate::engine::{Task, TaskId};

/// What a queue keeps to talk to its stored backlog.
#[derive(Default)]
pub(crate) struct Spiller {
    writer: tokio::sync::Mutex<Writer>,
    gathered: Mutex<Gathered>,
    done: Mutex<Vec<Task>>,
}

#[derive(Default)]
struct Writer {
    epoch: Option<Epoch>,
    written: u64,
}

#[derive(Default)]
struct Gathered {
    /// By id: a task that is offered again replaces itself.
    tasks: HashMap<TaskId, Task>,
    count: u64,
}

impl Spiller {
    /// The stored copy of this task is not needed any more; removed with the next [`Queue::remove_done`].
    pub(crate) fn forget(&self, task: Task) {
        self.done.lock().push(task);
    }

    /// Whether stored copies wait to be removed.
    pub(crate) fn has_done(&self) -> bool {
        !self.done.lock().is_empty()
    }
}

impl Writer {
    async fn epoch(&mut self, queue: &Queue, store: &dyn Backlog, me: MemberId) -> Result<Epoch, Error> {
        match self.epoch {
            Some(epoch) => Ok(epoch),
            None => {
                let epoch = store.acquire(&queue.key.backlog(), me).await?;
                self.epoch = Some(epoch);
                Ok(epoch)
            }
        }
    }
}

impl Queue {
    /// Stores a task; returns the epoch under which it is.
    ///
    /// # Errors
    /// The store's. The task may be stored all the same: offering it again replaces it.
    pub(crate) async fn spill(self: &Arc<Self>, store: &dyn Backlog, me: MemberId, task: Task) -> Result<Epoch, Error> {
        let mine = {
            let mut gathered = self.spiller.gathered.lock();
            gathered.tasks.insert(task.id.clone(), task);
            gathered.count += 1;
            gathered.count
        };
        let mut writer = self.spiller.writer.lock().await;
        let epoch = writer.epoch(self, store, me).await?;
        if writer.written >= mine {
            return Ok(epoch);
        }
        let (tasks, count) = {
            let mut gathered = self.spiller.gathered.lock();
            (std::mem::take(&mut gathered.tasks), gathered.count)
        };
        let rows: Vec<SpilledTask> = tasks.values().map(row).collect();
        match store.spill(&self.key.backlog(), epoch, &rows).await {
            Ok(()) => {
                writer.written = count;
                let mut state = self.state.lock();
                tasks.values().for_each(|task| state.unread.add(task));
                Ok(epoch)
            }
            Err(error) => {
                // The others behind this one try with these again.
                let mut gathered = self.spiller.gathered.lock();
                let newer = std::mem::replace(&mut gathered.tasks, tasks);
                gathered.tasks.extend(newer);
                writer.epoch = None;
                Err(error)
            }
        }
    }

    /// Reads the next page of the stored backlog into memory.
    pub(crate) async fn reload(self: &Arc<Self>, store: &dyn Backlog, me: MemberId, page: usize) -> Result<(), Error> {
        // Nothing is spilled or removed meanwhile: what was read is what there is.
        let mut writer = self.spiller.writer.lock().await;
        writer.epoch(self, store, me).await?;
        let known = {
            let state = self.state.lock();
            state.queue.stored_len() + state.leased.len()
        } + self.spiller.done.lock().len();
        let rows = store.read(&self.key.backlog(), None, known + page).await?;
        let done: std::collections::HashSet<TaskId> = self.spiller.done.lock().iter().map(|task| task.id.clone()).collect();
        let mut state = self.state.lock();
        for row in &rows {
            let task = task(row);
            if !state.leased.contains(&task.id) && !done.contains(&task.id) {
                if !state.queue.contains(&task.id) {
                    state.unread.take(&task);
                }
                state.queue.add_task(task);
            }
        }
        // A short page was the whole backlog.
        if rows.len() < known + page {
            state.unread = Unread::default();
        }
        Ok(())
    }

    /// Removes the stored copies of tasks that are done.
    pub(crate) async fn remove_done(self: &Arc<Self>, store: &dyn Backlog, me: MemberId) -> Result<(), Error> {
        let mut writer = self.spiller.writer.lock().await;
        let epoch = writer.epoch(self, store, me).await?;
        let tasks = std::mem::take(&mut *self.spiller.done.lock());
        if tasks.is_empty() {
            return Ok(());
        }
        let rows: Vec<SpilledTask> = tasks.iter().map(row).collect();
        let removed = store.remove(&self.key.backlog(), epoch, &rows).await;
        match removed {
            Ok(()) => {
                let mut state = self.state.lock();
                tasks.iter().for_each(|task| {
                    state.leased.remove(&task.id);
                });
            }
            Err(_) => {
                self.spiller.done.lock().extend(tasks);
                writer.epoch = None;
            }
        }
        removed
    }
}

fn row(task: &Task) -> SpilledTask {
    SpilledTask {
        key: task.id.key.chain.clone(),
        run: task.id.key.run,
        scheduled_event_id: task.id.scheduled_event_id,
        attempt: task.id.attempt,
        stamp: task.id.stamp,
        priority: task.priority,
        added: task.added,
        expires: task.expires,
    }
}

fn task(row: &SpilledTask) -> Task {
    let key = model::RunKey { chain: row.key.clone(), run: row.run };
    let id = TaskId { key, scheduled_event_id: row.scheduled_event_id, attempt: row.attempt, stamp: row.stamp };
    Task { id, priority: row.priority, added: row.added, expires: row.expires, stored: true, start_id: None }
}
