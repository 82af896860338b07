//! A batch as the one statement that writes it: `commit_1`, with a list for every column.

use std::collections::HashMap;
use std::sync::LazyLock;

use model::{ChainKey, RunId, RunKey, Timestamp};
use persistence::{Batch, LaneState, NewRun, ShardRow, SnapshotChange, TurnRow};
use uuid::Uuid;

use super::columns::{bind_keys, bind_shown, column};
use super::decode::int;
use super::statement::Query;

/// How many parameters `commit_1` has.
const PARAMETERS: usize = 70;

static COMMIT: LazyLock<String> = LazyLock::new(|| {
    let marks: Vec<String> = (1..=PARAMETERS).map(|at| format!("${at}")).collect();
    format!("SELECT commit_1({})", marks.join(","))
});

/// The statement, its parameters in the order of the function's.
pub(super) fn query(at: &LaneState, batch: &Batch, now: Timestamp) -> Query {
    let query = sqlx::query(COMMIT.as_str())
        .bind(at.lane.member.uuid())
        .bind(i64::from(at.lane.index))
        .bind(int(at.epoch.get()))
        .bind(int(at.seq))
        .bind(now.as_nanos());
    let query = bind_keys(query, batch.deletes.iter());
    let query = bind_keys(query, batch.prunes.iter().map(|(key, _)| key));
    let query = query.bind(column(&batch.prunes, |(_, turn)| int(*turn)));
    let query = bind_changes(query, batch);
    let query = bind_runs(query, &batch.starts);
    let query = bind_runs(query, &batch.new_runs).bind(currents(&batch.new_runs));
    let query = bind_turns(query, &batch.turns);
    let query = bind_keys(query, batch.visibility_deletes.iter().map(|(key, _)| key));
    let query = query.bind(column(&batch.visibility_deletes, |(_, version)| *version));
    let query = bind_shards(query, &batch.shards);
    bind_shown(query, &batch.visibility.iter().collect::<Vec<_>>())
}

/// The starts that the answer names by their numbers, from 1.
pub(super) fn lost(batch: &Batch, numbers: &[i64]) -> Vec<RunKey> {
    let start = |number: &i64| batch.starts.get(usize::try_from(*number).ok()?.checked_sub(1)?);
    numbers.iter().filter_map(start).map(|start| start.key.clone()).collect()
}

fn bind_changes(query: Query, batch: &Batch) -> Query {
    let changes = &batch.changes;
    let query = bind_keys(query, changes.iter().map(|change| &change.key))
        .bind(column(changes, |change| change.current))
        .bind(column(changes, |change| i64::from(change.status)))
        .bind(column(changes, |change| change.wake_at.as_nanos()));
    let snapshots: Vec<(&RunKey, u64, &[u8])> = changes
        .iter()
        .filter_map(|change| match &change.snapshot {
            SnapshotChange::Keep => None,
            SnapshotChange::Replace { state, turn } => Some((&change.key, *turn, state.as_ref())),
        })
        .collect();
    bind_keys(query, snapshots.iter().map(|(key, _, _)| *key))
        .bind(column(&snapshots, |(_, turn, _)| int(*turn)))
        .bind(column(&snapshots, |(_, _, state)| *state))
}

fn bind_runs(query: Query, runs: &[NewRun]) -> Query {
    query
        .bind(column(runs, |run| i64::from(run.key.chain.slot().get())))
        .bind(column(runs, |run| run.key.chain.namespace.uuid()))
        .bind(column(runs, |run| i64::from(run.key.chain.kind.number())))
        .bind(column(runs, |run| run.key.chain.id.as_str()))
        .bind(column(runs, |run| run.key.run.uuid()))
        .bind(column(runs, |run| i64::from(run.status)))
        .bind(column(runs, |run| run.wake_at.as_nanos()))
}

/// Of several new runs of a chain the last is current.
fn currents(runs: &[NewRun]) -> Vec<Option<bool>> {
    let last: HashMap<&ChainKey, RunId> = runs.iter().map(|run| (&run.key.chain, run.key.run)).collect();
    column(runs, |run| (last.get(&run.key.chain) == Some(&run.key.run)).then_some(true))
}

fn bind_turns(query: Query, turns: &[TurnRow]) -> Query {
    bind_keys(query, turns.iter().map(|turn| &turn.key))
        .bind(column(turns, |turn| turn.branch.uuid()))
        .bind(column(turns, |turn| int(turn.turn)))
        .bind(column(turns, |turn| turn.first_event_id))
        .bind(column(turns, |turn| turn.last_event_id))
        .bind(column(turns, |turn| turn.data.as_ref()))
}

fn bind_shards(query: Query, shards: &[ShardRow]) -> Query {
    let members: Vec<Uuid> = column(shards, |shard| shard.lane.member.uuid());
    query
        .bind(column(shards, |shard| i64::from(shard.shard.get())))
        .bind(column(shards, |shard| i64::from(shard.slots.start)))
        .bind(column(shards, |shard| i64::from(shard.slots.end)))
        .bind(members)
        .bind(column(shards, |shard| i64::from(shard.lane.index)))
        .bind(column(shards, |shard| int(shard.version)))
}
