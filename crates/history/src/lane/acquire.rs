//! Taking a lane and the shards of everybody who is gone, before anything is read.

use std::sync::Arc;

use model::{LaneId, MemberId, SLOT_COUNT, ShardId, SlotRange};
use persistence::{Batch, Error as StoreError, LaneState, Outcome, ShardRow};

use crate::error::Error;
use crate::shell::Shell;

/// The lane of a member.
pub(crate) const fn lane_of(member: MemberId) -> LaneId {
    LaneId { member, index: 0 }
}

/// Creates this process's lane. Where it is alone, every shard moves to it, and former owners are fenced by that; a member of a
/// cluster gets its shards from the others.
pub(crate) async fn acquire(shell: &Arc<Shell>) -> Result<LaneState, Error> {
    let lane = lane_of(shell.ports.member);
    let stores = &shell.ports.stores;
    let state = stores.lanes.acquire(lane, None, shell.ports.member).await?;
    if shell.shards.view().is_some() {
        return Ok(state);
    }
    let shards = stores.cluster.create_shards(&first_shards(shell.options.shards, |_| lane)).await?;
    let mut others: Vec<LaneId> = shards.iter().map(|shard| shard.lane).filter(|owner| *owner != lane).collect();
    others.sort_unstable();
    others.dedup();
    for other in others {
        #[cfg(feature = "planted-bugs")]
        if model::planted::Bug::NoFence.is_planted() {
            continue;
        }
        take_over(shell, other, &shards, |_| lane).await?;
    }
    Ok(state)
}

/// The shards of a new cluster: equal ranges, each of the lane that `to` names.
pub(crate) fn first_shards(count: u16, to: impl Fn(ShardId) -> LaneId) -> Vec<ShardRow> {
    let count = count.clamp(1, SLOT_COUNT);
    let width = SLOT_COUNT / count;
    (0..count)
        .map(|number| ShardRow {
            shard: ShardId::new(u32::from(number)),
            slots: SlotRange { start: number * width, end: if number + 1 == count { SLOT_COUNT } else { (number + 1) * width } },
            lane: to(ShardId::new(u32::from(number))),
            version: 1,
        })
        .collect()
}

/// Fences a lane whose owner is gone and hands its shards to the lanes that `to` names, in a batch of that lane.
pub(crate) async fn take_over(
    shell: &Arc<Shell>,
    other: LaneId,
    shards: &[ShardRow],
    to: impl Fn(ShardId) -> LaneId,
) -> Result<(), Error> {
    let moved: Vec<ShardRow> = shards
        .iter()
        .filter(|shard| shard.lane == other)
        .map(|shard| ShardRow { lane: to(shard.shard), version: shard.version + 1, ..*shard })
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
