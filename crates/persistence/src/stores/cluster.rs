//! The cluster's own row, its shards, and its members.

use async_trait::async_trait;
use model::MemberId;

use crate::Error;
use crate::record::{ClusterRow, MemberRow, Roll, ShardRow};

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

    /// Adds a member as it is given.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it is there already; the stored row stays.
    async fn join(&self, row: &MemberRow) -> Result<(), Error>;

    /// A sign of life: raises the member's beat by one and notes whether it drains; returns the new beat.
    ///
    /// # Errors
    /// [`Error::Fenced`] where the member is not there (any more): the others took it for dead, and it must stop. Nothing is
    /// written then.
    async fn beat(&self, member: MemberId, draining: bool) -> Result<u64, Error>;

    /// The members and the cluster's version, as of one moment.
    async fn roll(&self) -> Result<Roll, Error>;

    /// Removes a member, if its beat still is this one. Whether it is gone, also where it was before. Its lanes and shards
    /// stay as they are.
    async fn remove(&self, member: MemberId, beat: u64) -> Result<bool, Error>;
}
