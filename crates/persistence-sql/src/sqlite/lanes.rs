//! Lanes: acquiring them, and the fenced transaction around every batch.

use async_trait::async_trait;
use model::{ChainKey, Epoch, LaneId, MemberId, RunId, SlotRange, Timestamp};
use persistence::{Batch, Error, LaneState, LaneStore, LoadedChain, Outcome, WakeRow};
use sqlx::SqliteConnection;

use super::decode::int;
use super::error::store_error;
use super::writer::UnknownCommit;
use super::{Sqlite, batch, load};

const CREATE: &str = "INSERT INTO lane (member, lane_index, owner, epoch, seq) VALUES (?, ?, ?, 1, 0) ON CONFLICT DO NOTHING";
const RAISE: &str = "UPDATE lane SET epoch = epoch + 1, owner = ? WHERE member = ? AND lane_index = ? AND epoch = ?";
const READ: &str = "SELECT owner, epoch, seq FROM lane WHERE member = ? AND lane_index = ?";
const FENCE: &str = "UPDATE lane SET seq = seq + 1 WHERE member = ? AND lane_index = ? AND epoch = ? AND seq = ?";

#[async_trait]
impl LaneStore for Sqlite {
    async fn acquire(&self, lane: LaneId, from: Option<Epoch>, me: MemberId) -> Result<LaneState, Error> {
        let mut turn = self.inner.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let taken = match from {
            None => sqlx::query(CREATE).bind(member(&lane)).bind(index(&lane)).bind(me.as_bytes().to_vec()),
            Some(from) => {
                let query = sqlx::query(RAISE).bind(me.as_bytes().to_vec()).bind(member(&lane)).bind(index(&lane));
                query.bind(int(from.get()))
            }
        };
        if taken.execute(&mut *transaction).await.map_err(store_error)?.rows_affected() != 1 {
            return Err(if from.is_none() { Error::Conflict("the lane") } else { Error::Fenced("the lane") });
        }
        let row = read(&mut transaction, lane).await?.ok_or(Error::Fenced("the lane"))?;
        self.inner.writer.commit(transaction).await.map_err(|UnknownCommit(error)| error)?;
        Ok(row)
    }

    async fn lane(&self, lane: LaneId) -> Result<Option<LaneState>, Error> {
        let mut reader = self.reader().await?;
        read(&mut reader, lane).await
    }

    async fn commit(&self, at: &LaneState, batch: &Batch) -> Outcome {
        match self.try_commit(at, batch).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Failed(error),
        }
    }

    async fn load(&self, chain: &ChainKey, run: Option<RunId>) -> Result<LoadedChain, Error> {
        let mut reader = self.reader().await?;
        load::chain(&mut reader, chain, run).await
    }

    async fn scan_wake(
        &self,
        slots: SlotRange,
        until: Timestamp,
        after: Option<&WakeRow>,
        limit: usize,
    ) -> Result<Vec<WakeRow>, Error> {
        let mut reader = self.reader().await?;
        load::wake(&mut reader, slots, until, after, limit).await
    }
}

impl Sqlite {
    /// A connection that reads what was committed.
    pub(super) async fn reader(&self) -> Result<sqlx::pool::PoolConnection<sqlx::Sqlite>, Error> {
        self.inner.writer.check()?;
        self.inner.readers.acquire().await.map_err(store_error)
    }

    /// The batch behind its fence. An error is a definite one: the transaction was rolled back when it was dropped.
    async fn try_commit(&self, at: &LaneState, batch: &Batch) -> Result<Outcome, Error> {
        let mut turn = self.inner.writer.turn().await?;
        let mut transaction = turn.begin().await?;
        let fence = sqlx::query(FENCE).bind(member(&at.lane)).bind(index(&at.lane));
        let fence = fence.bind(int(at.epoch.get())).bind(int(at.seq));
        if fence.execute(&mut *transaction).await.map_err(store_error)?.rows_affected() != 1 {
            return Ok(Outcome::Fenced);
        }
        let lost_starts = batch::apply(&mut transaction, at.lane, batch, self.inner.clock.now()).await?;
        if let Err(UnknownCommit(error)) = self.inner.writer.commit(transaction).await {
            return Ok(Outcome::Unknown(error));
        }
        let (rows, bytes) = batch::size(batch);
        self.inner.checkpointer.note(rows, bytes);
        Ok(Outcome::Landed { lost_starts })
    }
}

async fn read(connection: &mut SqliteConnection, lane: LaneId) -> Result<Option<LaneState>, Error> {
    let query = sqlx::query(READ).bind(member(&lane)).bind(index(&lane));
    let Some(row) = query.fetch_optional(connection).await.map_err(store_error)? else { return Ok(None) };
    crate::decode::lane(lane, &row).map(Some)
}

fn member(lane: &LaneId) -> Vec<u8> {
    lane.member.as_bytes().to_vec()
}

fn index(lane: &LaneId) -> i64 {
    i64::from(lane.index)
}
