//! A planned move: the shard admits nothing new, its chains write down their last state and leave memory, and its row follows
//! them out of the lane, naming the new owner's. Who asks meanwhile is told to ask again, and afterwards whom.

use std::sync::Arc;
use std::time::Duration;

use model::{ChainKey, MemberId, NamespaceId, ShardId, SlotId, WorkflowId};
use persistence::ShardRow;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::Hold;
use crate::chain::{Cell, drain_of, speak};
use crate::lane::{LaneTurn, Rows, Then, lane_of};
use crate::shell::Shell;

/// Shards that leave together: the time that their callers wait grows with them.
const TOGETHER: usize = 16;
/// How long chains may take to leave memory; then they leave as after a crash, which their rows allow at any time.
const PATIENCE: Duration = Duration::from_secs(2);

/// Hands these shards of ours to a member.
pub(super) async fn leave(shell: &Arc<Shell>, rows: &[ShardRow], to: MemberId) {
    for part in rows.chunks(TOGETHER) {
        let shards: Vec<ShardId> = part.iter().map(|row| row.shard).collect();
        let leaves = |slot: SlotId| part.iter().any(|row| row.slots.contains(slot));
        shell.shards.set(shards.iter().copied(), Hold::Leaving);
        drain_of(shell, PATIENCE, leaves).await;
        let cells: Vec<Arc<Cell>> = shell.cache.all().into_iter().filter(|cell| leaves(cell.key.slot())).collect();
        for cell in &cells {
            let generation = cell.lock().generation;
            let gone = rpc::Error::Lost("the workflow moves to another host, and it is unknown whether this happened".to_owned());
            speak::discard(shell, cell, generation, &gone);
        }
        if hand(shell, part, to).await {
            tracing::info!(shards = part.len(), %to, "handed shards over");
            shards.iter().for_each(|shard| shell.shards.owned_by(*shard, to));
            shell.shards.set(shards, Hold::Elsewhere);
            // Who waits for news of a chain asks the new owner from now on.
            cells.iter().for_each(|cell| cell.moved.notify_waiters());
        } else {
            tracing::warn!(shards = part.len(), %to, "shards could not be handed over; they stay");
            shell.shards.serve(shards, shell.ports.clock.now());
            super::keep::recover(shell, part.iter().map(|row| row.slots), &shell.stop);
            return;
        }
    }
}

/// Writes the rows of the shards behind everything that was decided on their chains; whether they are stored.
async fn hand(shell: &Arc<Shell>, part: &[ShardRow], to: MemberId) -> bool {
    let Ok(name) = WorkflowId::parse("shards") else { return false };
    // A turn of no chain: it stands in the lane as any other.
    let cell = Arc::new(Cell::new(ChainKey::workflow(NamespaceId::new(Uuid::nil()), name)));
    let shards = part.iter().map(|row| ShardRow { lane: lane_of(to), version: row.version + 1, ..*row }).collect();
    let (handed, stored) = oneshot::channel();
    let turn = LaneTurn {
        position: 0,
        cell,
        generation: 1,
        rows: Rows { shards, ..Rows::default() },
        bytes: part.len() * 64,
        then: Then { handed: Some(handed), ..Then::default() },
    };
    shell.lane.push(turn).is_ok() && stored.await.unwrap_or(false)
}
