//! Lanes: acquiring them, and the fenced statement of every batch.

use async_trait::async_trait;
use model::{ChainKey, Epoch, LaneId, MemberId, RunId, SlotRange, Timestamp};
use persistence::{Batch, Error, LaneState, LaneStore, LoadedChain, Outcome, WakeRow};

use super::decode::{get, int};
use super::error::{is_definite, store_error};
use super::statement::{Failure, Query, run};
use super::{Postgres, commit, load};

const CREATE: &str = "INSERT INTO lane (member, lane_index, owner, epoch, seq) VALUES ($1, $2, $3, 1, 0) \
     ON CONFLICT DO NOTHING RETURNING owner, epoch, seq";
/// Waits for the row while a batch of the old owner has it; what it returns is final for every older epoch.
const RAISE: &str = "UPDATE lane SET epoch = epoch + 1, owner = $3 WHERE member = $1 AND lane_index = $2 AND epoch = $4 \
     RETURNING owner, epoch, seq";
const READ: &str = "SELECT owner, epoch, seq FROM lane WHERE member = $1 AND lane_index = $2";

#[async_trait]
impl LaneStore for Postgres {
    async fn acquire(&self, lane: LaneId, from: Option<Epoch>, me: MemberId) -> Result<LaneState, Error> {
        let (query, refusal) = match from {
            None => (of(CREATE, lane).bind(me.uuid()), Error::Conflict("the lane")),
            Some(from) => (of(RAISE, lane).bind(me.uuid()).bind(int(from.get())), Error::Fenced("the lane")),
        };
        let rows = self.write(query).await?;
        crate::decode::lane(lane, rows.first().ok_or(refusal)?)
    }

    async fn lane(&self, lane: LaneId) -> Result<Option<LaneState>, Error> {
        let rows = self.read(|| of(READ, lane)).await?;
        rows.first().map(|row| crate::decode::lane(lane, row)).transpose()
    }

    async fn commit(&self, at: &LaneState, batch: &Batch) -> Outcome {
        let query = commit::query(at, batch, self.inner.clock.now());
        let late = |_| Failure::Sent(sqlx::Error::Io(std::io::Error::from(std::io::ErrorKind::TimedOut)));
        let answer = match tokio::time::timeout(self.inner.commit_timeout, run(&self.inner.writers, query)).await {
            Ok(answer) => answer,
            Err(elapsed) => Err(late(elapsed)),
        };
        match answer {
            Ok(rows) => match rows.first().map(|row| get::<Option<Vec<i64>>>(row, 0)) {
                Some(Ok(Some(lost))) => Outcome::Landed { lost_starts: commit::lost(batch, &lost) },
                Some(Ok(None)) => Outcome::Fenced,
                Some(Err(error)) => Outcome::Unknown(error),
                None => Outcome::Unknown(Error::Corrupt("a commit without an answer".into())),
            },
            Err(Failure::NotSent(error)) => Outcome::Failed(error),
            Err(Failure::Sent(error)) if is_definite(&error) => Outcome::Failed(store_error(error)),
            Err(Failure::Sent(error)) => Outcome::Unknown(store_error(error)),
        }
    }

    async fn load(&self, chain: &ChainKey, run: Option<RunId>) -> Result<LoadedChain, Error> {
        load::chain(self, chain, run).await
    }

    async fn scan_wake(
        &self,
        slots: SlotRange,
        until: Timestamp,
        after: Option<&WakeRow>,
        limit: usize,
    ) -> Result<Vec<WakeRow>, Error> {
        load::wake(self, slots, until, after, limit).await
    }
}

fn of(text: &'static str, lane: LaneId) -> Query {
    sqlx::query(text).bind(lane.member.uuid()).bind(i64::from(lane.index))
}
