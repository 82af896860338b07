//! Taking a lane and the shards of everybody who is gone, before anything is read.

use std::sync::Arc;

use model::{LaneId, SLOT_COUNT, ShardId, SlotRange};
use persistence::{Batch, Error as StoreError, LaneState, Outcome, ShardRow};

use crate::error::Error;
use crate::shell::Shell;

/// Creates this process's lane and moves every shard to it. Former owners are fenced by it.
pub(crate) async fn acquire(shell: &Arc<Shell>) -> Result<LaneState, Error> {
    let lane = LaneId { member: shell.ports.member, index: 0 };
    let stores = &shell.ports.stores;
    let state = stores.lanes.acquire(lane, None, shell.ports.member).await?;
    let shards = stores.cluster.create_shards(&first_shards(lane, shell.options.shards)).await?;
    let mut others: Vec<LaneId> = shards.iter().map(|shard| shard.lane).filter(|owner| *owner != lane).collect();
    others.sort_unstable();
    others.dedup();
    for other in others {
        #[cfg(feature = "planted-bugs")]
        if model::planted::Bug::NoFence.is_planted() {
            continue;
        }
        take_over(shell, other, lane, &shards).await?;
    }
    Ok(state)
}

fn first_shards(lane: LaneId, count: u16) -> Vec<ShardRow> {
    let count = count.clamp(1, SLOT_COUNT);
    let width = SLOT_COUNT / count;
    (0..count)
        .map(|number| ShardRow {
            shard: ShardId::new(u32::from(number)),
            slots: SlotRange { start: number * width, end: if number + 1 == count { SLOT_COUNT } else { (number + 1) * width } },
            lane,
            version: 1,
        })
        .collect()
}

/// Fences a lane whose owner is gone and hands its shards to ours, in a batch of that lane.
async fn take_over(shell: &Arc<Shell>, other: LaneId, lane: LaneId, shards: &[ShardRow]) -> Result<(), Error> {
    let moved: Vec<ShardRow> = shards
        .iter()
        .filter(|shard| shard.lane == other)
        .map(|shard| ShardRow { lane, version: shard.version + 1, ..*shard })
        .collect();
    let batch = Batch { shards: moved, ..Batch::default() };
    let mut at = acquire_lane(shell, other).await?;
    for _ in 0..10 {
        match shell.ports.stores.lanes.commit(&at, &batch).await {
            Outcome::Landed { .. } => return Ok(()),
            Outcome::Fenced => return Err(Error::Fenced),
            Outcome::Failed(error) => tracing::warn!(%error, "moving shards failed"),
            Outcome::Unknown(error) => {
                tracing::warn!(%error, "moving shards ended unknown");
                // Only where nobody else has had the lane meanwhile is it our batch that landed.
                let state = reacquire(shell, &at).await.ok_or(Error::Fenced)?;
                if state.seq > at.seq {
                    return Ok(());
                }
                at = state;
            }
        }
        tokio::time::sleep(shell.options.store_retry).await;
    }
    Err(Error::Fenced)
}

async fn acquire_lane(shell: &Arc<Shell>, lane: LaneId) -> Result<LaneState, Error> {
    let lanes = &shell.ports.stores.lanes;
    match lanes.lane(lane).await? {
        Some(state) => Ok(lanes.acquire(lane, Some(state.epoch), shell.ports.member).await?),
        None => Ok(lanes.acquire(lane, None, shell.ports.member).await?),
    }
}

/// Takes our own lane again after an unknown outcome, with a new epoch. Tries until the store answers; `None` where somebody
/// else has it.
pub(super) async fn reacquire(shell: &Arc<Shell>, at: &LaneState) -> Option<LaneState> {
    let lanes = &shell.ports.stores.lanes;
    let mut from = at.epoch;
    loop {
        match lanes.acquire(at.lane, Some(from), shell.ports.member).await {
            Ok(state) => return Some(state),
            // Perhaps an earlier try of ours landed and its answer was lost: the row carries who did it.
            Err(StoreError::Fenced(_) | StoreError::Conflict(_)) => match lanes.lane(at.lane).await {
                Ok(Some(state)) if state.owner == shell.ports.member && state.epoch > from => from = state.epoch,
                Ok(_) => return None,
                Err(error) => tracing::warn!(%error, "reading the lane failed"),
            },
            Err(error) => tracing::warn!(%error, "acquiring the lane failed"),
        }
        tokio::time::sleep(shell.options.store_retry).await;
    }
}
