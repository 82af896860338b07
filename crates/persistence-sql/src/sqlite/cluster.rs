//! The cluster's row and its shards.

use async_trait::async_trait;
use model::{LaneId, MemberId, ShardId, SlotRange};
use persistence::{Cluster, ClusterRow, Error, ShardRow};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::Sqlite;
use super::decode::{fetch, get, int, small, unsigned};
use super::error::store_error;
use super::multi_row::{MultiRow, Query};
use super::writer::UnknownCommit;

const ENSURE: &str = "INSERT INTO cluster (one, id, name, initial_failover_version, format, created_shards, version) \
     VALUES (1, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
const READ: &str = "SELECT id, name, initial_failover_version, format, created_shards, version FROM cluster";
const TOUCH: &str = "UPDATE cluster SET version = version + 1 \
     RETURNING id, name, initial_failover_version, format, created_shards, version";
const SHARDS: &str = "SELECT shard, slot_start, slot_end, member, lane_index, version FROM shard ORDER BY slot_start, shard";
static CREATE_SHARDS: MultiRow =
    MultiRow::new("INSERT INTO shard (shard, slot_start, slot_end, member, lane_index, version) VALUES ", "(?,?,?,?,?,?)", "");

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
}

fn cluster(row: &SqliteRow) -> Result<ClusterRow, Error> {
    Ok(ClusterRow {
        id: get(row, 0)?,
        name: get(row, 1)?,
        initial_failover_version: get(row, 2)?,
        format: small(row, 3)?,
        created_shards: small(row, 4)?,
        version: unsigned(row, 5)?,
    })
}

async fn shards(connection: &mut SqliteConnection) -> Result<Vec<ShardRow>, Error> {
    let shard = |row: &SqliteRow| {
        let member = MemberId::from_bytes(get(row, 3)?).map_err(|error| Error::Corrupt(format!("shard owner: {error}")))?;
        Ok(ShardRow {
            shard: ShardId::new(small(row, 0)?),
            slots: SlotRange { start: small(row, 1)?, end: small(row, 2)? },
            lane: LaneId { member, index: small(row, 4)? },
            version: unsigned(row, 5)?,
        })
    };
    fetch(sqlx::query(SHARDS), connection).await?.iter().map(shard).collect()
}
