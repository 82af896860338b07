//! Lanes: fenced group commit, and loading what was committed.

use async_trait::async_trait;
use model::{ChainKey, Epoch, LaneId, MemberId, RunId, SlotRange, Timestamp};

use crate::Error;
use crate::record::{Batch, LaneState, LoadedChain, Outcome, WakeRow};

/// Commit streams and the runs they write.
#[async_trait]
pub trait LaneStore: Send + Sync {
    /// Takes a lane: creates its row with epoch 1 (where `from` is `None`), or raises the epoch if it still is `from`.
    /// Waits for a batch of the old owner that is in flight, so that the returned `seq` is final for every older epoch.
    ///
    /// # Errors
    /// [`Error::Fenced`] where the epoch is not `from` any more; [`Error::Conflict`] where the lane to create exists.
    async fn acquire(&self, lane: LaneId, from: Option<Epoch>, me: MemberId) -> Result<LaneState, Error>;

    /// Reads a lane's row.
    async fn lane(&self, lane: LaneId) -> Result<Option<LaneState>, Error>;

    /// Writes a batch atomically, if and only if the lane's row has this epoch and seq; then seq is one more.
    async fn commit(&self, at: &LaneState, batch: &Batch) -> Outcome;

    /// Reads a chain's current run (`run` = `None`), or the run named (with the chain's current run id beside it).
    /// A chain or run that does not exist reads as empty.
    async fn load(&self, chain: &ChainKey, run: Option<RunId>) -> Result<LoadedChain, Error>;

    /// Runs with `wake_at <= until` in these slots, in the order (wake_at, key), after `after`, at most `limit`.
    async fn scan_wake(
        &self,
        slots: SlotRange,
        until: Timestamp,
        after: Option<&WakeRow>,
        limit: usize,
    ) -> Result<Vec<WakeRow>, Error>;
}
