//! Brings what the store says and what the ring wants together: takes over from the dead, begins what came, hands over what ought
//! to be elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use membership::{Sight, View};
use model::{LaneId, MemberId, ShardId, SlotRange};
use persistence::ShardRow;
use tokio_util::sync::CancellationToken;

use super::{Hold, leave};
use crate::error::Error;
use crate::lane::{first_shards, lane_of, take_over};
use crate::shell::Shell;
use crate::timers::look_ahead;

/// How long the members must have been the same before shards move to a member that came.
const STABLE: Duration = Duration::from_secs(2);
/// How soon to look again where something is not yet as it should be, and where everything is.
const AGAIN: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));
/// The least pause between two looks: calls for shards that are elsewhere ask for one.
const PAUSE: Duration = Duration::from_millis(50);
/// Above so many ranges of slots one scan of everything is cheaper.
const RANGES: usize = 8;

/// Whether everything is as it should be.
enum Round {
    Settled,
    Unsettled,
}

/// Keeps at it until stopped.
pub(crate) async fn keep(shell: Arc<Shell>, view: Arc<View>, stop: CancellationToken) {
    let mut changes = view.changes();
    loop {
        let next = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            round = round(&shell, &view, &stop) => match round {
                Ok(Round::Settled) => AGAIN.1,
                Ok(Round::Unsettled) => AGAIN.0,
                Err(error) => {
                    tracing::warn!(%error, "the shards could not be looked at");
                    AGAIN.0
                }
            },
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            changed = changes.changed() => {
                if changed.is_err() {
                    return;
                }
                crate::dispatch::reoffer(&shell);
            }
            () = shell.shards.asked.notified() => {}
            () = tokio::time::sleep(next) => {}
        }
    }
}

async fn round(shell: &Arc<Shell>, view: &View, stop: &CancellationToken) -> Result<Round, Error> {
    let cluster = &shell.ports.stores.cluster;
    let rows = cluster.shards().await?;
    // Read after the shards: whoever has one had joined before.
    let alive: BTreeSet<MemberId> = cluster.roll().await?.members.into_iter().map(|row| row.member).collect();
    let sight = view.sight();
    if !alive.contains(&view.me()) {
        return Ok(Round::Unsettled);
    }
    if rows.is_empty() {
        let first = first_shards(shell.options.shards, |shard| heir_lane(&sight, &alive, view.me(), shard));
        cluster.create_shards(&first).await?;
        return Ok(Round::Unsettled);
    }
    let dead: BTreeSet<LaneId> = rows.iter().map(|row| row.lane).filter(|lane| !alive.contains(&lane.member)).collect();
    if !dead.is_empty() {
        for lane in dead.into_iter().filter(|lane| sight.history.heir(lane.member) == Some(view.me())) {
            tracing::info!(%lane, "taking over the shards of a member that is gone");
            match take_over(shell, lane, &rows, |shard| heir_lane(&sight, &alive, view.me(), shard)).await {
                // Another heir, by another ring, was first.
                Ok(()) | Err(Error::Fenced) => {}
                Err(error) => return Err(error),
            }
        }
        return Ok(Round::Unsettled);
    }
    begin(shell, view, &rows, stop);
    hand_over(shell, view, &sight, &alive, &rows).await
}

/// The lane that a shard goes to: its ring owner's, or ours where that one is not there yet.
fn heir_lane(sight: &Sight, alive: &BTreeSet<MemberId>, me: MemberId, shard: ShardId) -> LaneId {
    lane_of(sight.history.shard_owner(shard).filter(|owner| alive.contains(owner)).unwrap_or(me))
}

/// Serves the shards that name our lane, and notes who has the others.
fn begin(shell: &Arc<Shell>, view: &View, rows: &[ShardRow], stop: &CancellationToken) {
    let mut came: Vec<&ShardRow> = Vec::new();
    for row in rows {
        match (row.lane.member == view.me(), shell.shards.hold(row.shard)) {
            (true, Hold::Elsewhere) => came.push(row),
            (true, _) => {}
            (false, _) => shell.shards.owned_by(row.shard, row.lane.member),
        }
    }
    if came.is_empty() {
        return;
    }
    tracing::info!(shards = came.len(), "serving shards");
    shell.shards.serve(came.iter().map(|row| row.shard), shell.ports.clock.now());
    recover(shell, came.iter().map(|row| row.slots), stop);
}

/// Wakes what is due in these slots.
pub(super) fn recover(shell: &Arc<Shell>, slots: impl Iterator<Item = SlotRange>, stop: &CancellationToken) {
    let mut slots: Vec<SlotRange> = slots.collect();
    slots.sort_by_key(|range| range.start);
    let mut ranges: Vec<SlotRange> = Vec::new();
    for range in slots {
        match ranges.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => ranges.push(range),
        }
    }
    if ranges.len() > RANGES {
        ranges = vec![SlotRange::ALL];
    }
    let (shell, stop) = (shell.clone(), stop.clone());
    shell.clone().tracker.spawn(async move {
        for range in ranges {
            look_ahead::recover_slots(&shell, &stop, range).await;
        }
    });
}

/// Hands shards of ours to the members that the ring names.
async fn hand_over(
    shell: &Arc<Shell>,
    view: &View,
    sight: &Sight,
    alive: &BTreeSet<MemberId>,
    rows: &[ShardRow],
) -> Result<Round, Error> {
    let mut leaving: BTreeMap<MemberId, Vec<ShardRow>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.lane.member == view.me()) {
        match sight.history.shard_owner(row.shard) {
            Some(owner) if owner != view.me() => leaving.entry(owner).or_default().push(*row),
            _ => {}
        }
    }
    if leaving.is_empty() {
        return Ok(Round::Settled);
    }
    let draining = !sight.history.members().contains(&view.me());
    if !draining && sight.since.elapsed() < STABLE {
        return Ok(Round::Unsettled);
    }
    for (to, rows) in leaving.into_iter().filter(|(to, _)| alive.contains(to)) {
        leave::leave(shell, &rows, to).await;
    }
    Ok(Round::Unsettled)
}
