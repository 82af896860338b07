//! The cluster's row, its shards and its members.

use async_trait::async_trait;
use model::MemberId;
use persistence::{Cluster, ClusterRow, Error, MemberRow, Roll, ShardRow};
use sqlx::Connection;

use super::Postgres;
use super::columns::column;
use super::decode::{Columns, int};
use super::error::{is_conflict, store_error};
use super::statement::{Failure, Query, run};
use crate::decode::{cluster, member, shard};

const ENSURE: &str = "INSERT INTO cluster (one, id, name, initial_failover_version, format, created_shards, version) \
     VALUES (1, $1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
const READ: &str = "SELECT id, name, initial_failover_version, format, created_shards, version FROM cluster";
const TOUCH: &str = "UPDATE cluster SET version = version + 1 \
     RETURNING id, name, initial_failover_version, format, created_shards, version";
const SHARDS: &str = "SELECT shard, slot_start, slot_end, member, lane_index, version FROM shard ORDER BY slot_start, shard";
/// Servers that start together agree on one set of shards.
const ALONE: &str = "LOCK TABLE shard IN SHARE ROW EXCLUSIVE MODE";
const CREATE_SHARDS: &str = "INSERT INTO shard (shard, slot_start, slot_end, member, lane_index, version) \
     SELECT * FROM unnest($1, $2, $3, $4, $5, $6) WHERE NOT EXISTS (SELECT 1 FROM shard)";
const JOIN: &str = "INSERT INTO member (member, services, beat, draining, format) VALUES ($1, $2, $3, $4, $5)";
const BEAT: &str = "UPDATE member SET beat = beat + 1, draining = $2 WHERE member = $1 RETURNING beat";
/// At least one row, for the version.
const ROLL: &str = "SELECT m.member, m.services, m.beat, m.draining, m.format, c.version \
     FROM (SELECT coalesce((SELECT version FROM cluster), 0) AS version) c LEFT JOIN member m ON true ORDER BY m.member";
/// Its last line does not see what the first one deletes.
const REMOVE: &str = "WITH gone AS (DELETE FROM member WHERE member = $1 AND beat = $2 RETURNING 1) \
     SELECT CASE WHEN EXISTS (SELECT 1 FROM gone) OR NOT EXISTS (SELECT 1 FROM member WHERE member = $1) THEN 1 ELSE 0 END";

#[async_trait]
impl Cluster for Postgres {
    async fn ensure(&self, row: &ClusterRow) -> Result<ClusterRow, Error> {
        let query = sqlx::query(ENSURE).bind(row.id.as_str()).bind(row.name.as_str()).bind(row.initial_failover_version);
        let query = query.bind(i64::from(row.format)).bind(i64::from(row.created_shards)).bind(int(row.version));
        self.write(query).await?;
        let stored = self.write(sqlx::query(READ)).await?;
        cluster(stored.first().ok_or(Error::Conflict("the cluster row"))?)
    }

    async fn touch(&self) -> Result<ClusterRow, Error> {
        let stored = self.write(sqlx::query(TOUCH)).await?;
        cluster(stored.first().ok_or(Error::Conflict("the cluster row"))?)
    }

    async fn shards(&self) -> Result<Vec<ShardRow>, Error> {
        self.read(|| sqlx::query(SHARDS)).await?.iter().map(shard).collect()
    }

    async fn create_shards(&self, rows: &[ShardRow]) -> Result<Vec<ShardRow>, Error> {
        let mut lease = self.inner.writers.lease().await?;
        let mut transaction = lease.connection.begin().await.map_err(store_error)?;
        sqlx::query(ALONE).execute(&mut *transaction).await.map_err(store_error)?;
        let query: Query = sqlx::query(CREATE_SHARDS)
            .bind(column(rows, |row| i64::from(row.shard.get())))
            .bind(column(rows, |row| i64::from(row.slots.start)))
            .bind(column(rows, |row| i64::from(row.slots.end)))
            .bind(column(rows, |row| row.lane.member.uuid()))
            .bind(column(rows, |row| i64::from(row.lane.index)))
            .bind(column(rows, |row| int(row.version)));
        query.execute(&mut *transaction).await.map_err(store_error)?;
        let stored = sqlx::query(SHARDS).fetch_all(&mut *transaction).await.map_err(store_error)?;
        transaction.commit().await.map_err(store_error)?;
        lease.keep();
        stored.iter().map(shard).collect()
    }

    async fn join(&self, row: &MemberRow) -> Result<(), Error> {
        let query = sqlx::query(JOIN).bind(row.member.uuid()).bind(row.services.as_str()).bind(int(row.beat));
        match run(&self.inner.writers, query.bind(i64::from(row.draining)).bind(i64::from(row.format))).await {
            Ok(_) => Ok(()),
            Err(Failure::Sent(error)) if is_conflict(&error) => Err(Error::Conflict("the member")),
            Err(failure) => Err(failure.into()),
        }
    }

    async fn beat(&self, member: MemberId, draining: bool) -> Result<u64, Error> {
        let rows = self.write(sqlx::query(BEAT).bind(member.uuid()).bind(i64::from(draining))).await?;
        rows.first().ok_or(Error::Fenced("the member"))?.unsigned(0)
    }

    async fn roll(&self) -> Result<Roll, Error> {
        let rows = self.read(|| sqlx::query(ROLL)).await?;
        let version = rows.first().map_or(Ok(0), |row| row.unsigned(5))?;
        let mut members = Vec::new();
        for row in &rows {
            if row.maybe_id(0)?.is_some() {
                members.push(member(row)?);
            }
        }
        Ok(Roll { members, version })
    }

    async fn remove(&self, member: MemberId, beat: u64) -> Result<bool, Error> {
        let rows = self.write(sqlx::query(REMOVE).bind(member.uuid()).bind(int(beat))).await?;
        rows.first().map_or(Ok(true), |row| Ok(row.int(0)? == 1))
    }
}
