//! The cluster's row, its shards and its members.

use async_trait::async_trait;
use model::MemberId;
use persistence::{Cluster, ClusterRow, Error, MemberRow, Roll, ShardRow};
use sqlx::{Connection, SqliteConnection};

use super::Sqlite;
use super::decode::{Columns, fetch, int};
use super::error::{is_conflict, store_error};
use super::multi_row::{MultiRow, Query};
use super::writer::UnknownCommit;
use crate::decode::{cluster, member, shard};

const ENSURE: &str = "INSERT INTO cluster (one, id, name, initial_failover_version, format, created_shards, version) \
     VALUES (1, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
const READ: &str = "SELECT id, name, initial_failover_version, format, created_shards, version FROM cluster";
const TOUCH: &str = "UPDATE cluster SET version = version + 1 \
     RETURNING id, name, initial_failover_version, format, created_shards, version";
const SHARDS: &str = "SELECT shard, slot_start, slot_end, member, lane_index, version FROM shard ORDER BY slot_start, shard";
static CREATE_SHARDS: MultiRow =
    MultiRow::new("INSERT INTO shard (shard, slot_start, slot_end, member, lane_index, version) VALUES ", "(?,?,?,?,?,?)", "");
const JOIN: &str = "INSERT INTO member (member, services, beat, draining, format) VALUES (?, ?, ?, ?, ?)";
const BEAT: &str = "UPDATE member SET beat = beat + 1, draining = ? WHERE member = ? RETURNING beat";
const MEMBERS: &str = "SELECT member, services, beat, draining, format FROM member ORDER BY member";
const VERSION: &str = "SELECT version FROM cluster";
const REMOVE: &str = "DELETE FROM member WHERE member = ? AND beat = ?";
const IS_THERE: &str = "SELECT 1 FROM member WHERE member = ?";

#[async_trait]
impl Cluster for Sqlite {
    async fn ensure(&self, row: &ClusterRow) -> Result<ClusterRow, Error> {
        let mut turn = self.inner.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let query = sqlx::query(ENSURE).bind(row.id.clone()).bind(row.name.clone()).bind(row.initial_failover_version);
        let query = query.bind(i64::from(row.format)).bind(i64::from(row.created_shards)).bind(int(row.version));
        query.execute(&mut *transaction).await.map_err(store_error)?;
        let stored = sqlx::query(READ).fetch_one(&mut *transaction).await.map_err(store_error)?;
        self.inner.writer.commit(transaction).await.map_err(|UnknownCommit(error)| error)?;
        cluster(&stored)
    }

    async fn touch(&self) -> Result<ClusterRow, Error> {
        let mut turn = self.inner.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let stored = sqlx::query(TOUCH).fetch_optional(&mut *transaction).await.map_err(store_error)?;
        let stored = stored.ok_or(Error::Conflict("the cluster row"))?;
        self.inner.writer.commit(transaction).await.map_err(|UnknownCommit(error)| error)?;
        cluster(&stored)
    }

    async fn shards(&self) -> Result<Vec<ShardRow>, Error> {
        let mut reader = self.reader().await?;
        shards(&mut reader).await
    }

    async fn create_shards(&self, rows: &[ShardRow]) -> Result<Vec<ShardRow>, Error> {
        let mut turn = self.inner.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let stored = shards(&mut transaction).await?;
        if !stored.is_empty() {
            return Ok(stored);
        }
        let bind = |query: Query, row: &ShardRow| {
            let query = query.bind(i64::from(row.shard.get())).bind(i64::from(row.slots.start)).bind(i64::from(row.slots.end));
            query.bind(row.lane.member.as_bytes().to_vec()).bind(i64::from(row.lane.index)).bind(int(row.version))
        };
        CREATE_SHARDS.execute(&mut transaction, rows, bind).await.map_err(store_error)?;
        let stored = shards(&mut transaction).await?;
        self.inner.writer.commit(transaction).await.map_err(|UnknownCommit(error)| error)?;
        Ok(stored)
    }

    async fn join(&self, row: &MemberRow) -> Result<(), Error> {
        let mut turn = self.inner.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let query = sqlx::query(JOIN).bind(row.member.as_bytes().to_vec()).bind(row.services.clone()).bind(int(row.beat));
        let query = query.bind(i64::from(row.draining)).bind(i64::from(row.format));
        query.execute(&mut *transaction).await.map_err(|error| match error {
            error if is_conflict(&error) => Error::Conflict("the member"),
            error => store_error(error),
        })?;
        self.inner.writer.commit(transaction).await.map_err(|UnknownCommit(error)| error)
    }

    async fn beat(&self, member: MemberId, draining: bool) -> Result<u64, Error> {
        let mut turn = self.inner.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let query = sqlx::query(BEAT).bind(i64::from(draining)).bind(member.as_bytes().to_vec());
        let row = query.fetch_optional(&mut *transaction).await.map_err(store_error)?.ok_or(Error::Fenced("the member"))?;
        self.inner.writer.commit(transaction).await.map_err(|UnknownCommit(error)| error)?;
        row.unsigned(0)
    }

    async fn roll(&self) -> Result<Roll, Error> {
        let mut reader = self.reader().await?;
        let mut moment = reader.begin().await.map_err(store_error)?;
        let members = fetch(sqlx::query(MEMBERS), &mut moment).await?.iter().map(member).collect::<Result<_, Error>>()?;
        let version = fetch(sqlx::query(VERSION), &mut moment).await?.first().map_or(Ok(0), |row| row.unsigned(0))?;
        Ok(Roll { members, version })
    }

    async fn remove(&self, member: MemberId, beat: u64) -> Result<bool, Error> {
        let mut turn = self.inner.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let id = member.as_bytes().to_vec();
        sqlx::query(REMOVE).bind(id.clone()).bind(int(beat)).execute(&mut *transaction).await.map_err(store_error)?;
        let left = sqlx::query(IS_THERE).bind(id).fetch_optional(&mut *transaction).await.map_err(store_error)?;
        self.inner.writer.commit(transaction).await.map_err(|UnknownCommit(error)| error)?;
        Ok(left.is_none())
    }
}

async fn shards(connection: &mut SqliteConnection) -> Result<Vec<ShardRow>, Error> {
    fetch(sqlx::query(SHARDS), connection).await?.iter().map(shard).collect()
}
