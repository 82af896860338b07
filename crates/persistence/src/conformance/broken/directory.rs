//! Flaws of the cluster's row, shards and namespaces.

use async_trait::async_trait;
use model::NamespaceId;

use super::*;
use crate::record::{ClusterRow, NamespaceRow, ShardRow};
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
