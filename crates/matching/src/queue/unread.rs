//! What only the stored backlog has of one queue: how many tasks of each priority, and since when the oldest waits.

use model::Timestamp;
use persistence::Levels;

use crate::engine::Task;

/// Tasks that are stored and not in memory.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    levels: Levels,
}

impl Unread {
    /// What the store counted.
    pub(crate) const fn counted(levels: Levels) -> Self {
        Self { levels }
    }

    /// How many there are.
    pub(crate) fn total(&self) -> u64 {
        self.levels.values().map(|(count, _)| count).sum()
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// Per priority.
    pub(crate) const fn levels(&self) -> &Levels {
        &self.levels
    }

    /// When the oldest was added.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        self.levels.values().map(|(_, oldest)| *oldest).min()
    }

    /// A task was stored.
    pub(super) fn add(&mut self, task: &Task) {
        let (count, oldest) = self.levels.entry(task.priority).or_insert((0, task.added));
        *count += 1;
        *oldest = (*oldest).min(task.added);
    }

    /// A task came into memory: those of its priority that are left are not older, as they are read in order.
    pub(super) fn take(&mut self, task: &Task) {
        let Some((count, oldest)) = self.levels.get_mut(&task.priority) else { return };
        *count -= 1;
        *oldest = (*oldest).max(task.added);
        if *count == 0 {
            self.levels.remove(&task.priority);
        }
    }
}
