//! The store traits: small, each with its promises. One file per noun; [`Stores`] is what a backend hands out.

mod backlog;
mod cluster;
mod history;
mod lane;
mod namespaces;

use std::sync::Arc;

pub use backlog::Backlog;
pub use cluster::Cluster;
pub use history::History;
pub use lane::LaneStore;
pub use namespaces::Namespaces;

/// Every store of one backend.
#[derive(Clone)]
pub struct Stores {
    /// Lanes, runs and their log.
    pub lanes: Arc<dyn LaneStore>,
    /// Reading histories.
    pub history: Arc<dyn History>,
    /// Namespaces.
    pub namespaces: Arc<dyn Namespaces>,
    /// What the cluster agreed on, and its shards.
    pub cluster: Arc<dyn Cluster>,
    /// Matching's stored backlog.
    pub backlog: Arc<dyn Backlog>,
}

impl Stores {
    /// Those of a backend that is every store at once.
    pub fn of<B: LaneStore + History + Namespaces + Cluster + Backlog + 'static>(backend: Arc<B>) -> Self {
        Self {
            lanes: backend.clone(),
            history: backend.clone(),
            namespaces: backend.clone(),
            cluster: backend.clone(),
            backlog: backend,
        }
    }
}

impl std::fmt::Debug for Stores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stores")
    }
}
