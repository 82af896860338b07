//! Writing searchable rows: within a lane's batch, or by themselves.

use model::visibility::VisibilityRow;
use model::{RunKey, Timestamp};
use persistence::Error;
use sqlx::SqliteConnection;
use visibility::store::TOMBSTONE_RETENTION;

use super::Sqlite;
use super::decode::{fetch, get, run_key};
use super::error::store_error;
use super::multi_row::{MultiRow, Query};
use crate::attributes;

static UPSERT: MultiRow = MultiRow::new(
    "WITH k (namespace, run, kind, workflow_id, version, workflow_type, task_queue, status, start_time, execution_time, \
     close_time, history_length, history_size_bytes, state_transition_count, parent_workflow_id, parent_run, \
     root_workflow_id, root_run, memo, attributes) AS (VALUES ",
    "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    ") INSERT INTO visibility (namespace, run, kind, workflow_id, version, workflow_type, task_queue, status, start_time, \
     execution_time, close_time, history_length, history_size_bytes, state_transition_count, parent_workflow_id, parent_run, \
     root_workflow_id, root_run, memo, attributes) \
     SELECT * FROM k WHERE NOT EXISTS (SELECT 1 FROM visibility_tombstone t \
     WHERE t.namespace = k.namespace AND t.run = k.run AND t.version >= k.version) \
     ON CONFLICT (namespace, run) DO UPDATE SET version = excluded.version, workflow_type = excluded.workflow_type, \
     task_queue = excluded.task_queue, status = excluded.status, start_time = excluded.start_time, \
     execution_time = excluded.execution_time, close_time = excluded.close_time, history_length = excluded.history_length, \
     history_size_bytes = excluded.history_size_bytes, state_transition_count = excluded.state_transition_count, \
     parent_workflow_id = excluded.parent_workflow_id, parent_run = excluded.parent_run, \
     root_workflow_id = excluded.root_workflow_id, root_run = excluded.root_run, memo = excluded.memo, \
     attributes = excluded.attributes WHERE excluded.version > visibility.version",
);
static DELETE: MultiRow = MultiRow::new(
    "WITH k (namespace, run, version) AS (VALUES ",
    "(?,?,?)",
    ") DELETE FROM visibility WHERE id IN (SELECT v.id FROM k CROSS JOIN visibility v \
     ON v.namespace = k.namespace AND v.run = k.run AND v.version <= k.version)",
);
static BURY: MultiRow = MultiRow::new(
    "INSERT INTO visibility_tombstone (namespace, run, version, deleted_at) VALUES ",
    "(?,?,?,?)",
    " ON CONFLICT (namespace, run) DO UPDATE SET version = max(version, excluded.version), deleted_at = max(deleted_at, excluded.deleted_at)",
);
const FORGET: &str = "DELETE FROM visibility_tombstone WHERE deleted_at <= ?";

/// Writes rows, unless something newer is known of their run.
pub(super) async fn upsert(connection: &mut SqliteConnection, rows: &[&VisibilityRow]) -> Result<(), Error> {
    UPSERT.execute(connection, rows, |query, row| bind(query, row)).await.map_err(store_error)?;
    Ok(())
}

/// Removes rows that are not newer than their deletion, and leaves tombstones.
pub(super) async fn delete(connection: &mut SqliteConnection, deletes: &[(&RunKey, i64, Timestamp)]) -> Result<(), Error> {
    let key = |query: Query, (key, version, _): &(&RunKey, i64, Timestamp)| {
        query.bind(key.chain.namespace.as_bytes().to_vec()).bind(key.run.as_bytes().to_vec()).bind(*version)
    };
    DELETE.execute(connection, deletes, key).await.map_err(store_error)?;
    let bury = |query, item: &(&RunKey, i64, Timestamp)| key(query, item).bind(item.2.as_nanos());
    BURY.execute(connection, deletes, bury).await.map_err(store_error)?;
    Ok(())
}

/// Forgets tombstones that are a day old.
pub(super) async fn forget(connection: &mut SqliteConnection, now: Timestamp) -> Result<(), Error> {
    let old = (now - TOMBSTONE_RETENTION).as_nanos();
    sqlx::query(FORGET).bind(old).execute(connection).await.map_err(store_error)?;
    Ok(())
}

fn bind(query: Query, row: &VisibilityRow) -> Query {
    let (parent, parent_run) = match &row.parent {
        Some((id, run)) => (Some(id.as_str().to_owned()), Some(run.as_bytes().to_vec())),
        None => (None, None),
    };
    query
        .bind(row.namespace.as_bytes().to_vec())
        .bind(row.run_id.as_bytes().to_vec())
        .bind(i64::from(row.kind.number()))
        .bind(row.workflow_id.as_str().to_owned())
        .bind(row.version)
        .bind(row.workflow_type.clone())
        .bind(row.task_queue.clone())
        .bind(row.status as i32)
        .bind(row.start_time.as_nanos())
        .bind(row.execution_time.as_nanos())
        .bind(row.close_time.map(Timestamp::as_nanos))
        .bind(row.history_length)
        .bind(row.history_size_bytes)
        .bind(row.state_transition_count)
        .bind(parent)
        .bind(parent_run)
        .bind(row.root.0.as_str().to_owned())
        .bind(row.root.1.as_bytes().to_vec())
        .bind(row.memo.clone())
        .bind(attributes::encode(&row.search_attributes))
}

const VERSIONS: &str =
    "SELECT namespace, kind, workflow_id, run, version FROM visibility ORDER BY namespace, kind, workflow_id, run";

impl Sqlite {
    /// Which searchable rows there are, with their versions, by key.
    pub async fn searchable_versions(&self) -> Result<Vec<(RunKey, i64)>, Error> {
        let mut reader = self.reader().await?;
        let rows = fetch(sqlx::query(VERSIONS), &mut reader).await?;
        rows.iter().map(|row| Ok((run_key(row, 0)?, get(row, 4)?))).collect()
    }
}
