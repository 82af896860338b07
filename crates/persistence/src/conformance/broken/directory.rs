//! Flaws of the cluster's row, shards, members and namespaces.

use async_trait::async_trait;
use model::{MemberId, NamespaceId};

use super::*;
use crate::record::{ClusterRow, MemberRow, NamespaceRow, Roll, ShardRow};
use crate::stores::{Cluster, Namespaces};

#[async_trait]
impl Cluster for BrokenStore {
    async fn ensure(&self, row: &ClusterRow) -> Result<ClusterRow, Error> {
        let stored = self.inner().cluster.ensure(row).await?;
        Ok(if self.flaw == ClusterReplaced { row.clone() } else { stored })
    }

    async fn touch(&self) -> Result<ClusterRow, Error> {
        let mut row = self.inner().cluster.touch().await?;
        if self.flaw == TouchIgnored {
            row.version -= 1;
        }
        Ok(row)
    }

    async fn shards(&self) -> Result<Vec<ShardRow>, Error> {
        self.inner().cluster.shards().await
    }

    async fn create_shards(&self, shards: &[ShardRow]) -> Result<Vec<ShardRow>, Error> {
        let stored = self.inner().cluster.create_shards(shards).await?;
        Ok(if self.flaw == ShardsCreatedAnew && shards.len() == 1 { shards.to_vec() } else { stored })
    }

    async fn join(&self, row: &MemberRow) -> Result<(), Error> {
        match self.inner().cluster.join(row).await {
            Err(Error::Conflict(_)) if self.flaw == SecondJoin => Ok(()),
            other => other,
        }
    }

    async fn beat(&self, member: MemberId, draining: bool) -> Result<u64, Error> {
        match self.inner().cluster.beat(member, draining).await {
            Err(Error::Fenced(_)) if self.flaw == BeatRevives => Ok(1),
            Ok(_) if self.flaw == BeatStays => Ok(1),
            other => other,
        }
    }

    async fn roll(&self) -> Result<Roll, Error> {
        let mut roll = self.inner().cluster.roll().await?;
        if self.flaw == RollIsOld {
            roll.version = roll.version.min(1);
        }
        Ok(roll)
    }

    async fn remove(&self, member: MemberId, beat: u64) -> Result<bool, Error> {
        let cluster = self.inner().cluster;
        if self.flaw == BeatOverlooked {
            let known = cluster.roll().await?.members.into_iter().find(|row| row.member == member);
            return cluster.remove(member, known.map_or(beat, |row| row.beat)).await;
        }
        cluster.remove(member, beat).await
    }
}

#[async_trait]
impl Namespaces for BrokenStore {
    async fn create(&self, row: &NamespaceRow) -> Result<(), Error> {
        let new = self.seen.lock().names.insert(row.name.clone());
        if self.flaw == NamesStayTaken && !new {
            return Err(Error::Conflict("the namespace"));
        }
        match self.inner().namespaces.create(row).await {
            Err(Error::Conflict(_)) if self.flaw == NamesRepeat => Ok(()),
            other => other,
        }
    }

    async fn update(&self, row: &NamespaceRow) -> Result<(), Error> {
        let mut row = row.clone();
        if self.flaw == VersionIgnored {
            let stored = self.inner().namespaces.list().await?.into_iter().find(|stored| stored.id == row.id);
            row.version = stored.map_or(row.version, |stored| stored.version + 1);
        }
        self.inner().namespaces.update(&row).await
    }

    async fn list(&self) -> Result<Vec<NamespaceRow>, Error> {
        let mut rows = self.inner().namespaces.list().await?;
        if self.flaw == NamespacesUnordered {
            rows.sort_by_key(|row| row.id);
        }
        Ok(rows)
    }

    async fn delete(&self, id: NamespaceId) -> Result<(), Error> {
        self.inner().namespaces.delete(id).await
    }
}
