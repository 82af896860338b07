//! Reading chains, and finding the runs that somebody has to look at. A chain is read by one statement, hence in one snapshot
//! of the database.

use bytes::Bytes;
use model::{ChainKey, RunId, RunKey, SlotRange, Timestamp};
use persistence::{Error, LoadedChain, LoadedRun, RunRow, WakeRow};
use sqlx::postgres::PgRow;

use super::Postgres;
use super::decode::{Columns, get};
use crate::decode::{run_id, turn};

/// Rows of two kinds, told apart by the first column: runs with their snapshots, then turns. Where a run is named and is not
/// the current one, the current one comes without snapshot and turns.
const CHAIN: &str = "WITH found AS MATERIALIZED ( \
       SELECT r.id, r.run, r.current, r.status, r.wake_at, (r.run = $4 OR ($4 IS NULL AND r.current)) AS wanted, s.turn AS covered, \
         CASE WHEN r.run = $4 OR $4 IS NULL THEN s.state END AS state \
       FROM run r LEFT JOIN snapshot s ON s.run = r.id \
       WHERE r.namespace = $1 AND r.kind = $2 AND r.workflow_id = $3 AND r.current \
       UNION ALL \
       SELECT r.id, r.run, r.current, r.status, r.wake_at, true, s.turn, s.state \
       FROM run r LEFT JOIN snapshot s ON s.run = r.id \
       WHERE r.namespace = $1 AND r.kind = $2 AND r.workflow_id = $3 AND r.run = $4 AND r.current IS NULL) \
     SELECT 0 AS part, run, current, status, wake_at, wanted, covered, state, \
       NULL::uuid AS branch, NULL::bigint AS number, NULL::bigint AS first, NULL::bigint AS last, NULL::bytea AS data FROM found \
     UNION ALL \
     SELECT 1, f.run, NULL, NULL, NULL, true, NULL, NULL, t.branch, t.turn, t.first_event_id, t.last_event_id, t.data \
     FROM found f JOIN turn t ON t.run = f.id AND t.turn > coalesce(f.covered, 0) WHERE f.wanted \
     ORDER BY part, branch, number";
const WAKE: &str = "SELECT namespace, kind, workflow_id, run, wake_at, status FROM run \
     WHERE wake_at <= $3 AND slot >= $1 AND slot < $2 \
     ORDER BY wake_at, namespace, kind, workflow_id, run LIMIT $4";
const WAKE_AFTER: &str = "SELECT namespace, kind, workflow_id, run, wake_at, status FROM run \
     WHERE wake_at <= $3 AND slot >= $1 AND slot < $2 \
     AND (wake_at, namespace, kind, workflow_id, run) > ($5, $6, $7, $8, $9) \
     ORDER BY wake_at, namespace, kind, workflow_id, run LIMIT $4";

/// Reads a chain's current run, or the one that is named.
pub(super) async fn chain(store: &Postgres, chain: &ChainKey, run: Option<RunId>) -> Result<LoadedChain, Error> {
    let query = || {
        let query = sqlx::query(CHAIN).bind(chain.namespace.uuid()).bind(i64::from(chain.kind.number()));
        query.bind(chain.id.as_str()).bind(run.map(|run| run.uuid()))
    };
    let mut loaded = LoadedChain::default();
    for row in &store.read(query).await? {
        let key = RunKey { chain: chain.clone(), run: run_id(&row.id(1)?)? };
        if row.int(0)? == 1 {
            let turn = turn(&key, row, 8)?;
            let run = loaded.runs.last_mut().ok_or_else(|| Error::Corrupt("a turn without run".into()))?;
            run.turns.push(turn);
            continue;
        }
        if current(row)? {
            loaded.current = Some(key.run);
        }
        if get::<Option<bool>>(row, 5)? == Some(true) {
            loaded.runs.push(LoadedRun { row: run_row(key, row)?, turns: Vec::new() });
        }
    }
    Ok(loaded)
}

fn run_row(key: RunKey, row: &PgRow) -> Result<RunRow, Error> {
    Ok(RunRow {
        key,
        current: current(row)?,
        status: row.small(3)?,
        wake_at: row.moment(4)?,
        snapshot: row.maybe_bytes(7)?.map(Bytes::copy_from_slice),
        snapshot_turn: if row.maybe_int(6)?.is_some() { row.unsigned(6)? } else { 0 },
    })
}

fn current(row: &PgRow) -> Result<bool, Error> {
    Ok(get::<Option<bool>>(row, 2)? == Some(true))
}

/// Runs that are due, by (wake_at, key).
pub(super) async fn wake(
    store: &Postgres,
    slots: SlotRange,
    until: Timestamp,
    after: Option<&WakeRow>,
    limit: usize,
) -> Result<Vec<WakeRow>, Error> {
    let query = || {
        let query = sqlx::query(if after.is_some() { WAKE_AFTER } else { WAKE });
        let query = query.bind(i64::from(slots.start)).bind(i64::from(slots.end)).bind(until.as_nanos());
        let query = query.bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let Some(row) = after else { return query };
        let chain = &row.key.chain;
        let query = query.bind(row.wake_at.as_nanos()).bind(chain.namespace.uuid()).bind(i64::from(chain.kind.number()));
        query.bind(chain.id.as_str()).bind(row.key.run.uuid())
    };
    store.read(query).await?.iter().map(crate::decode::wake).collect()
}
