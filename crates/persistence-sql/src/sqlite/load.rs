//! Reading chains, and finding the runs that somebody has to look at.

use bytes::Bytes;
use model::{ChainKey, RunId, RunKey, SlotRange, Timestamp};
use persistence::{Error, LoadedChain, LoadedRun, RunRow, WakeRow};
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, SqliteConnection};

use super::decode::{Columns, fetch, get, run_id};
use super::error::store_error;

const CURRENT: &str =
    "SELECT id, run, current, status, wake_at FROM run WHERE namespace = ? AND kind = ? AND workflow_id = ? AND current = 1";
const NAMED: &str =
    "SELECT id, run, current, status, wake_at FROM run WHERE namespace = ? AND kind = ? AND workflow_id = ? AND run = ?";
const SNAPSHOT: &str = "SELECT turn, state FROM snapshot WHERE run = ?";
const TURNS: &str = "SELECT branch, turn, first_event_id, last_event_id, data FROM turn WHERE run = ? AND turn > ? \
     ORDER BY branch, turn";
const WAKE: &str = "SELECT namespace, kind, workflow_id, run, wake_at, status FROM run INDEXED BY run_wake \
     WHERE wake_at <= ?3 AND slot >= ?1 AND slot < ?2 \
     ORDER BY wake_at, namespace, kind, workflow_id, run LIMIT ?4";
const WAKE_AFTER: &str = "SELECT namespace, kind, workflow_id, run, wake_at, status FROM run INDEXED BY run_wake \
     WHERE wake_at <= ?3 AND slot >= ?1 AND slot < ?2 \
     AND (wake_at, namespace, kind, workflow_id, run) > (?5, ?6, ?7, ?8, ?9) \
     ORDER BY wake_at, namespace, kind, workflow_id, run LIMIT ?4";

/// Reads a chain in one snapshot of the database.
pub(super) async fn chain(connection: &mut SqliteConnection, chain: &ChainKey, run: Option<RunId>) -> Result<LoadedChain, Error> {
    let mut transaction = connection.begin().await.map_err(store_error)?;
    let by_chain = |text| {
        let query = sqlx::query(text).bind(chain.namespace.as_bytes().to_vec());
        query.bind(i64::from(chain.kind.number())).bind(chain.id.as_str().to_owned())
    };
    let mut found = by_chain(CURRENT).fetch_optional(&mut *transaction).await.map_err(store_error)?;
    let current = found.as_ref().map(|row| run_id(get(row, 1)?)).transpose()?;
    if let Some(run) = run
        && current != Some(run)
    {
        let query = by_chain(NAMED).bind(run.as_bytes().to_vec());
        found = query.fetch_optional(&mut *transaction).await.map_err(store_error)?;
    }
    let mut runs = Vec::new();
    if let Some(row) = found {
        runs.push(loaded(&mut transaction, chain, &row).await?);
    }
    transaction.commit().await.map_err(store_error)?;
    Ok(LoadedChain { current, runs })
}

async fn loaded(connection: &mut SqliteConnection, chain: &ChainKey, row: &SqliteRow) -> Result<LoadedRun, Error> {
    let id: i64 = get(row, 0)?;
    let key = RunKey { chain: chain.clone(), run: run_id(get(row, 1)?)? };
    let snapshot = sqlx::query(SNAPSHOT).bind(id).fetch_optional(&mut *connection).await.map_err(store_error)?;
    let (snapshot_turn, snapshot) = match snapshot {
        None => (0, None),
        Some(row) => (row.unsigned(0)?, Some(Bytes::from(get::<Vec<u8>>(&row, 1)?))),
    };
    let query = sqlx::query(TURNS).bind(id).bind(super::decode::int(snapshot_turn));
    let rows = fetch(query, connection).await?;
    let turns = rows.iter().map(|row| crate::decode::turn(&key, row, 0)).collect::<Result<_, _>>()?;
    let row = RunRow {
        key,
        current: get::<Option<i64>>(row, 2)?.is_some(),
        status: get(row, 3)?,
        wake_at: Timestamp::from_nanos(get(row, 4)?),
        snapshot,
        snapshot_turn,
    };
    Ok(LoadedRun { row, turns })
}

/// Runs that are due, by (wake_at, key).
pub(super) async fn wake(
    connection: &mut SqliteConnection,
    slots: SlotRange,
    until: Timestamp,
    after: Option<&WakeRow>,
    limit: usize,
) -> Result<Vec<WakeRow>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let query = sqlx::query(if after.is_some() { WAKE_AFTER } else { WAKE });
    let mut query = query.bind(i64::from(slots.start)).bind(i64::from(slots.end)).bind(until.as_nanos()).bind(limit);
    if let Some(row) = after {
        let chain = &row.key.chain;
        query = query.bind(row.wake_at.as_nanos()).bind(chain.namespace.as_bytes().to_vec());
        query = query.bind(i64::from(chain.kind.number())).bind(chain.id.as_str().to_owned());
        query = query.bind(row.key.run.as_bytes().to_vec());
    }
    let rows = fetch(query, connection).await?;
    rows.iter().map(crate::decode::wake).collect()
}
