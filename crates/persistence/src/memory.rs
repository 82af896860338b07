//! The memory backend: the meaning of the store traits in plain maps, and what `start-dev` runs on without a file.
//!
//! One mutex over one state: a commit is atomic because it is checked as a whole before its first row is written, and every
//! reader sees it whole or not at all. Commit and load touch only the rows they name; wake-ups and current runs have indexes.

mod backlog;
mod cluster;
mod history;
mod lanes;
mod log;
mod namespaces;
mod state;
mod wake;

use std::sync::Arc;

use model::RunKey;
use model::visibility::VisibilityRow;
use parking_lot::Mutex;

use crate::Stores;
use state::State;

/// Where the memory backend hands searchable rows, inside the commit that they belong to.
///
/// The receiver keeps the rule of [`crate::Batch::visibility`]: an older version never replaces a newer one, and a
/// deletion leaves a tombstone with its version. It must not call back into the store.
pub trait VisibilitySink: Send + Sync {
    /// Takes the rows and deletions of one commit.
    fn apply(&self, rows: &[VisibilityRow], deletes: &[(RunKey, i64)]);
}

/// Every store in the memory of this process. Clones share their rows.
#[derive(Clone)]
pub struct Memory {
    state: Arc<Mutex<State>>,
    visibility: Option<Arc<dyn VisibilitySink>>,
}

impl Memory {
    /// An empty backend whose searchable rows go to `visibility`.
    pub fn new(visibility: Arc<dyn VisibilitySink>) -> Self {
        Self { state: Arc::default(), visibility: Some(visibility) }
    }

    /// An empty backend that drops searchable rows: for tests that never list.
    pub fn without_visibility() -> Self {
        Self { state: Arc::default(), visibility: None }
    }

    /// The stores, as services take them.
    pub fn stores(&self) -> Stores {
        Stores::of(Arc::new(self.clone()))
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory")
    }
}
