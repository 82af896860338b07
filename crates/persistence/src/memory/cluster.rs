//! The cluster's row, its shards and its members in memory.

use async_trait::async_trait;
use model::MemberId;

use super::Memory;
use crate::Error;
use crate::record::{ClusterRow, MemberRow, Roll, ShardRow};
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

    async fn join(&self, row: &MemberRow) -> Result<(), Error> {
        let mut state = self.state.lock();
        if state.members.contains_key(&row.member) {
            return Err(Error::Conflict("the member"));
        }
        state.members.insert(row.member, row.clone());
        Ok(())
    }

    async fn beat(&self, member: MemberId, draining: bool) -> Result<u64, Error> {
        let mut state = self.state.lock();
        let row = state.members.get_mut(&member).ok_or(Error::Fenced("the member"))?;
        row.beat += 1;
        row.draining = draining;
        Ok(row.beat)
    }

    async fn roll(&self) -> Result<Roll, Error> {
        let state = self.state.lock();
        let version = state.cluster.as_ref().map_or(0, |row| row.version);
        Ok(Roll { members: state.members.values().cloned().collect(), version })
    }

    async fn remove(&self, member: MemberId, beat: u64) -> Result<bool, Error> {
        let mut state = self.state.lock();
        if state.members.get(&member).is_some_and(|row| row.beat == beat) {
            state.members.remove(&member);
        }
        Ok(!state.members.contains_key(&member))
    }
}
