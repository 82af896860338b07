//! Matching's stored backlog: tasks of queues that grew past their memory, or whose owner stops.

use async_trait::async_trait;
use model::{Epoch, MemberId};

use crate::Error;
use crate::record::{BacklogKey, Levels, SpilledTask};

/// Stored tasks of task queues. Every write is conditional on the queue's epoch, so that a former owner cannot interfere.
/// Rows are keyed by task (run, event, attempt, stamp): a repeated task replaces itself.
#[async_trait]
pub trait Backlog: Send + Sync {
    /// Takes a queue: creates its row, or raises its epoch; returns the new epoch.
    async fn acquire(&self, queue: &BacklogKey, me: MemberId) -> Result<Epoch, Error>;

    /// Stores tasks.
    ///
    /// # Errors
    /// [`Error::Fenced`] where the epoch is not this one any more; nothing was written then.
    async fn spill(&self, queue: &BacklogKey, epoch: Epoch, tasks: &[SpilledTask]) -> Result<(), Error>;

    /// The first tasks by (priority, added, key) after `after`.
    async fn read(&self, queue: &BacklogKey, after: Option<&SpilledTask>, limit: usize) -> Result<Vec<SpilledTask>, Error>;

    /// Removes tasks. Fenced like [`Backlog::spill`].
    async fn remove(&self, queue: &BacklogKey, epoch: Epoch, tasks: &[SpilledTask]) -> Result<(), Error>;

    /// How many tasks of each priority are stored, and when the oldest of them was added.
    async fn count(&self, queue: &BacklogKey) -> Result<Levels, Error>;

    /// Queues that have stored tasks, for the owner of everything to take up after a start.
    async fn queues(&self) -> Result<Vec<BacklogKey>, Error>;
}
