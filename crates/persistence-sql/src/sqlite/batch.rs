//! What one batch writes, in the order that [`Batch`] promises, within the caller's transaction.

use std::collections::{HashMap, HashSet};

use model::{ChainKey, LaneId, NamespaceId, RunId, RunKey, Timestamp};
use persistence::{Batch, Error, NewRun, RunChange, ShardRow, SnapshotChange, TurnRow};
use sqlx::{Row, SqliteConnection};

use super::decode::{int, run_id};
use super::error::{is_conflict, store_error};
use super::multi_row::{MultiRow, Query};
use super::searchable;

static DELETE_TURNS: MultiRow = MultiRow::new(
    "WITH k (namespace, run) AS (VALUES ",
    "(?,?)",
    ") DELETE FROM turn WHERE run IN (SELECT r.id FROM k CROSS JOIN run r ON r.namespace = k.namespace AND r.run = k.run)",
);
static DELETE_SNAPSHOTS: MultiRow = MultiRow::new(
    "WITH k (namespace, run) AS (VALUES ",
    "(?,?)",
    ") DELETE FROM snapshot WHERE run IN (SELECT r.id FROM k CROSS JOIN run r ON r.namespace = k.namespace AND r.run = k.run)",
);
static DELETE_RUNS: MultiRow = MultiRow::new(
    "WITH k (namespace, run) AS (VALUES ",
    "(?,?)",
    ") DELETE FROM run WHERE id IN (SELECT r.id FROM k CROSS JOIN run r ON r.namespace = k.namespace AND r.run = k.run)",
);
static PRUNE: MultiRow = MultiRow::new(
    "WITH k (namespace, run, up_to) AS (VALUES ",
    "(?,?,?)",
    ") DELETE FROM turn WHERE id IN (SELECT t.id FROM k CROSS JOIN run r ON r.namespace = k.namespace AND r.run = k.run \
     CROSS JOIN turn t INDEXED BY turn_marks ON t.run = r.id AND t.turn <= k.up_to AND t.first_event_id = 0)",
);
static CHANGE: MultiRow = MultiRow::new(
    "WITH k (namespace, run, current, status, wake_at) AS (VALUES ",
    "(?,?,?,?,?)",
    ") UPDATE run SET current = k.current, status = k.status, wake_at = k.wake_at \
     FROM k WHERE run.namespace = k.namespace AND run.run = k.run",
);
static REPLACE_SNAPSHOT: MultiRow = MultiRow::new(
    "WITH k (namespace, run, turn, state) AS (VALUES ",
    "(?,?,?,?)",
    ") INSERT OR REPLACE INTO snapshot (run, turn, state) \
     SELECT r.id, k.turn, k.state FROM k CROSS JOIN run r ON r.namespace = k.namespace AND r.run = k.run",
);
static START: MultiRow = MultiRow::new(
    "INSERT INTO run (slot, namespace, kind, workflow_id, run, current, status, wake_at) VALUES ",
    "(?,?,?,?,?,?,?,?)",
    " ON CONFLICT DO NOTHING RETURNING run",
);
static INSERT_RUN: MultiRow = MultiRow::new(
    "INSERT INTO run (slot, namespace, kind, workflow_id, run, current, status, wake_at) VALUES ",
    "(?,?,?,?,?,?,?,?)",
    "",
);
static CLEAR_CURRENT: MultiRow = MultiRow::new(
    "WITH k (namespace, kind, workflow_id) AS (VALUES ",
    "(?,?,?)",
    ") UPDATE run SET current = NULL WHERE id IN (SELECT r.id FROM k CROSS JOIN run r INDEXED BY run_current \
     ON r.namespace = k.namespace AND r.kind = k.kind AND r.workflow_id = k.workflow_id AND r.current = 1)",
);
static INSERT_TURN: MultiRow = MultiRow::new(
    "WITH k (namespace, run, branch, turn, first_event_id, last_event_id, data) AS (VALUES ",
    "(?,?,?,?,?,?,?)",
    ") INSERT INTO turn (run, branch, turn, first_event_id, last_event_id, data) \
     SELECT r.id, k.branch, k.turn, k.first_event_id, k.last_event_id, k.data \
     FROM k CROSS JOIN run r ON r.namespace = k.namespace AND r.run = k.run",
);
const WRITE_SHARD: &str = "INSERT INTO shard (shard, slot_start, slot_end, member, lane_index, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
     ON CONFLICT (shard) DO UPDATE SET slot_start = ?2, slot_end = ?3, member = ?4, lane_index = ?5, version = ?6 \
     WHERE shard.member = ?7 AND shard.lane_index = ?8 AND shard.version = ?6 - 1";

/// Writes the batch; returns the starts that lost.
pub(super) async fn apply(
    connection: &mut SqliteConnection,
    lane: LaneId,
    batch: &Batch,
    now: Timestamp,
) -> Result<Vec<RunKey>, Error> {
    for delete in [&DELETE_TURNS, &DELETE_SNAPSHOTS, &DELETE_RUNS] {
        delete.execute(connection, &batch.deletes, bind_key).await.map_err(store_error)?;
    }
    let prune = |query, (key, up_to): &(RunKey, u64)| bind_key(query, key).bind(int(*up_to));
    PRUNE.execute(connection, &batch.prunes, prune).await.map_err(store_error)?;
    change(connection, &batch.changes).await?;
    let lost = start(connection, &batch.starts).await?;
    insert(connection, &batch.new_runs).await?;
    append(connection, &batch.turns, &lost).await?;
    show(connection, batch, &lost, now).await?;
    for shard in &batch.shards {
        write_shard(connection, lane, shard).await?;
    }
    Ok(lost)
}

/// Writes the searchable rows, except those of starts that lost.
async fn show(connection: &mut SqliteConnection, batch: &Batch, lost: &[RunKey], now: Timestamp) -> Result<(), Error> {
    if !batch.visibility.is_empty() {
        let kept: Vec<_> = batch.visibility.iter().filter(|row| lost.is_empty() || !lost.contains(&row.key())).collect();
        searchable::upsert(connection, &kept).await?;
    }
    if !batch.visibility_deletes.is_empty() {
        let deletes: Vec<_> = batch.visibility_deletes.iter().map(|(key, version)| (key, *version, now)).collect();
        searchable::delete(connection, &deletes).await?;
        searchable::forget(connection, now).await?;
    }
    Ok(())
}

/// About how much the batch writes: rows and bytes.
pub(super) fn size(batch: &Batch) -> (u64, u64) {
    let rows = batch.starts.len()
        + batch.new_runs.len()
        + batch.changes.len()
        + batch.turns.len()
        + batch.visibility.len()
        + batch.deletes.len() * 4
        + batch.prunes.len();
    let snapshots = batch.changes.iter().map(|change| match &change.snapshot {
        SnapshotChange::Keep => 0,
        SnapshotChange::Replace { state, .. } => state.len(),
    });
    let bytes = batch.turns.iter().map(|row| row.data.len()).chain(snapshots).sum::<usize>();
    (rows as u64, bytes as u64)
}

async fn change(connection: &mut SqliteConnection, changes: &[RunChange]) -> Result<(), Error> {
    if changes.is_empty() {
        return Ok(());
    }
    // A run gives up being current before another takes its place.
    let mut ordered: Vec<&RunChange> = changes.iter().collect();
    ordered.sort_by_key(|change| change.current);
    let bind = |query, change: &&RunChange| {
        let query: Query = bind_key(query, &change.key).bind(change.current.then_some(1_i64));
        query.bind(change.status).bind(change.wake_at.as_nanos())
    };
    let changed = match CHANGE.execute(connection, &ordered, bind).await {
        Err(error) if is_conflict(&error) => {
            // The statement is undone, not the transaction. Whoever else is current steps down.
            let chains: Vec<_> = changes.iter().filter(|change| change.current).map(|change| &change.key.chain).collect();
            CLEAR_CURRENT.execute(connection, &chains, bind_chain).await.map_err(store_error)?;
            CHANGE.execute(connection, &ordered, bind).await
        }
        other => other,
    };
    if changed.map_err(store_error)? != changes.len() as u64 {
        return Err(Error::Conflict("a run to change"));
    }
    let snapshots: Vec<_> = changes
        .iter()
        .filter_map(|change| match &change.snapshot {
            SnapshotChange::Keep => None,
            SnapshotChange::Replace { state, turn } => Some((&change.key, *turn, state)),
        })
        .collect();
    let bind = |query, (key, turn, state): &(&RunKey, u64, &bytes::Bytes)| {
        let query: Query = bind_key(query, key).bind(int(*turn));
        query.bind(state.to_vec())
    };
    REPLACE_SNAPSHOT.execute(connection, &snapshots, bind).await.map_err(store_error)?;
    Ok(())
}

/// Inserts the starts whose chain has no run; returns the others.
async fn start(connection: &mut SqliteConnection, starts: &[NewRun]) -> Result<Vec<RunKey>, Error> {
    let mut won: HashSet<RunId> = HashSet::with_capacity(starts.len());
    for (text, chunk) in START.chunks(starts) {
        let query = chunk.iter().fold(sqlx::query(text), |query, run| bind_run(query, run, true));
        for row in query.fetch_all(&mut *connection).await.map_err(store_error)? {
            won.insert(run_id(row.try_get(0).map_err(store_error)?)?);
        }
    }
    Ok(starts.iter().map(|start| &start.key).filter(|key| !won.contains(&key.run)).cloned().collect())
}

/// Inserts runs that replace their chain's current one; the last of a chain is current afterwards.
async fn insert(connection: &mut SqliteConnection, runs: &[NewRun]) -> Result<(), Error> {
    if runs.is_empty() {
        return Ok(());
    }
    let last: HashMap<&ChainKey, RunId> = runs.iter().map(|run| (&run.key.chain, run.key.run)).collect();
    let chains: Vec<&ChainKey> = last.keys().copied().collect();
    CLEAR_CURRENT.execute(connection, &chains, bind_chain).await.map_err(store_error)?;
    let bind = |query, run: &NewRun| bind_run(query, run, last.get(&run.key.chain) == Some(&run.key.run));
    INSERT_RUN.execute(connection, runs, bind).await.map_err(store_error)?;
    Ok(())
}

async fn append(connection: &mut SqliteConnection, turns: &[TurnRow], lost: &[RunKey]) -> Result<(), Error> {
    let kept: Vec<&TurnRow> = if lost.is_empty() {
        turns.iter().collect()
    } else {
        let lost: HashSet<&RunKey> = lost.iter().collect();
        turns.iter().filter(|row| !lost.contains(&row.key)).collect()
    };
    let bind = |query, row: &&TurnRow| {
        let query: Query = bind_key(query, &row.key).bind(row.branch.as_bytes().to_vec()).bind(int(row.turn));
        query.bind(row.first_event_id).bind(row.last_event_id).bind(row.data.to_vec())
    };
    let written = INSERT_TURN.execute(connection, &kept, bind).await.map_err(store_error)?;
    if written == kept.len() as u64 { Ok(()) } else { Err(Error::Conflict("the run of a turn")) }
}

async fn write_shard(connection: &mut SqliteConnection, lane: LaneId, shard: &ShardRow) -> Result<(), Error> {
    let query = sqlx::query(WRITE_SHARD)
        .bind(i64::from(shard.shard.get()))
        .bind(i64::from(shard.slots.start))
        .bind(i64::from(shard.slots.end))
        .bind(shard.lane.member.as_bytes().to_vec())
        .bind(i64::from(shard.lane.index))
        .bind(int(shard.version))
        .bind(lane.member.as_bytes().to_vec())
        .bind(i64::from(lane.index));
    match query.execute(connection).await.map_err(store_error)?.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Fenced("a shard")),
    }
}

fn bind_key(query: Query, key: &RunKey) -> Query {
    query.bind(namespace(key.chain.namespace)).bind(key.run.as_bytes().to_vec())
}

fn bind_chain(query: Query, chain: &&ChainKey) -> Query {
    query.bind(namespace(chain.namespace)).bind(i64::from(chain.kind.number())).bind(chain.id.as_str().to_owned())
}

fn bind_run(query: Query, run: &NewRun, current: bool) -> Query {
    let chain = &run.key.chain;
    let query = bind_chain(query.bind(i64::from(chain.slot().get())), &chain).bind(run.key.run.as_bytes().to_vec());
    query.bind(current.then_some(1_i64)).bind(run.status).bind(run.wake_at.as_nanos())
}

fn namespace(id: NamespaceId) -> Vec<u8> {
    id.as_bytes().to_vec()
}
