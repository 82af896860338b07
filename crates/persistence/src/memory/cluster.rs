//! The cluster's row and its shards in memory.

use async_trait::async_trait;

use super::Memory;
use crate::Error;
use crate::record::{ClusterRow, ShardRow};
use crate::stores::Cluster;

#[async_trait]
impl Cluster for Memory {
    async fn ensure(&self, row: &ClusterRow) -> Result<ClusterRow, Error> {
        Ok(self.state.lock().cluster.get_or_insert_with(|| row.clone()).clone())
    }

    async fn touch(&self) -> Result<ClusterRow, Error> {
        let mut state = self.state.lock();
        let row = state.cluster.as_mut().ok_or(Error::Conflict("the cluster row"))?;
        row.version += 1;
        Ok(row.clone())
    }

    async fn shards(&self) -> Result<Vec<ShardRow>, Error> {
        let mut shards: Vec<_> = self.state.lock().shards.values().copied().collect();
        shards.sort_by_key(|shard| (shard.slots.start, shard.shard));
        Ok(shards)
    }

    async fn create_shards(&self, shards: &[ShardRow]) -> Result<Vec<ShardRow>, Error> {
        {
            let mut state = self.state.lock();
            if state.shards.is_empty() {
                state.shards = shards.iter().map(|shard| (shard.shard, *shard)).collect();
            }
        }
        self.shards().await
    }
}
