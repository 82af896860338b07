//! The cluster's own row, and its shards.

use async_trait::async_trait;

use crate::Error;
use crate::record::{ClusterRow, ShardRow};

/// What the cluster as a whole has agreed on.
#[async_trait]
pub trait Cluster: Send + Sync {
    /// Creates the cluster row if there is none, and returns the stored one.
    async fn ensure(&self, row: &ClusterRow) -> Result<ClusterRow, Error>;

    /// Raises the version by one (something that members cache changed) and returns the row.
    async fn touch(&self) -> Result<ClusterRow, Error>;

    /// The shards, by first slot. Empty before the first server.
    async fn shards(&self) -> Result<Vec<ShardRow>, Error>;

    /// Creates the first shards, if there are none yet; returns the stored ones.
    async fn create_shards(&self, shards: &[ShardRow]) -> Result<Vec<ShardRow>, Error>;
}
