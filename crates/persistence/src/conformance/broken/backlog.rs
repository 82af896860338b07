//! Flaws of the stored backlog.

use async_trait::async_trait;
use model::{Epoch, MemberId, TaskQueueKind};

use super::*;
use crate::record::{BacklogKey, Levels, SpilledTask};
use crate::stores::Backlog;

impl BrokenStore {
    /// The queue under which this store files a queue.
    fn queue(&self, queue: &BacklogKey) -> BacklogKey {
        let kind = if self.flaw == QueuesIgnoreKind { TaskQueueKind::Activity } else { queue.kind };
        BacklogKey { kind, ..queue.clone() }
    }

    fn claim(&self, result: Result<(), Error>) -> Result<(), Error> {
        match result {
            Err(Error::Fenced(_)) if self.flaw == BacklogUnfenced => Ok(()),
            other => other,
        }
    }
}

#[async_trait]
impl Backlog for BrokenStore {
    async fn acquire(&self, queue: &BacklogKey, me: MemberId) -> Result<Epoch, Error> {
        self.seen.lock().queues.insert(queue.clone());
        self.inner().backlog.acquire(&self.queue(queue), me).await
    }

    async fn spill(&self, queue: &BacklogKey, epoch: Epoch, tasks: &[SpilledTask]) -> Result<(), Error> {
        self.seen.lock().spilled += tasks.len() as u64;
        self.claim(self.inner().backlog.spill(&self.queue(queue), epoch, tasks).await)
    }

    async fn read(&self, queue: &BacklogKey, after: Option<&SpilledTask>, limit: usize) -> Result<Vec<SpilledTask>, Error> {
        let mut tasks = self.inner().backlog.read(&self.queue(queue), after, limit).await?;
        match (self.flaw, after) {
            (BacklogByAge, _) => tasks.sort_by_key(|task| task.added),
            (BacklogPageRepeats, Some(after)) => {
                tasks.insert(0, after.clone());
                tasks.truncate(limit);
            }
            _ => {}
        }
        Ok(tasks)
    }

    async fn remove(&self, queue: &BacklogKey, epoch: Epoch, tasks: &[SpilledTask]) -> Result<(), Error> {
        let tasks = if self.flaw == RemovalSkipped { &[] } else { tasks };
        self.claim(self.inner().backlog.remove(&self.queue(queue), epoch, tasks).await)
    }

    async fn count(&self, queue: &BacklogKey) -> Result<Levels, Error> {
        let mut levels = self.inner().backlog.count(&self.queue(queue)).await?;
        match self.flaw {
            TasksCountedTwice => {
                if let Some((count, _)) = levels.values_mut().next() {
                    *count = self.seen.lock().spilled;
                }
            }
            OldestIsFirst => {
                if let Some(first) = self.read(queue, None, 1).await?.first() {
                    levels.values_mut().for_each(|(_, oldest)| *oldest = first.added);
                }
            }
            _ => {}
        }
        Ok(levels)
    }

    async fn queues(&self) -> Result<Vec<BacklogKey>, Error> {
        if self.flaw == EmptyQueuesListed {
            return Ok(self.seen.lock().queues.iter().cloned().collect());
        }
        self.inner().backlog.queues().await
    }
}
