//! Writing searchable rows within a lane's batch.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use model::visibility::{SearchAttributeValue, VisibilityRow};
use model::{RunKey, Timestamp};
use persistence::Error;
use serde_json::Value;
use sqlx::SqliteConnection;

use super::Sqlite;
use super::decode::{fetch, get, run_key};
use super::error::store_error;
use super::multi_row::{MultiRow, Query};

/// How long a tombstone stays.
const TOMBSTONE_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

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
    " ON CONFLICT (namespace, run) DO UPDATE SET version = max(version, excluded.version), deleted_at = excluded.deleted_at",
);
const FORGET: &str = "DELETE FROM visibility_tombstone WHERE deleted_at < ?";

/// Writes rows, except those of starts that lost.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    rows: &[VisibilityRow],
    lost: &HashSet<&RunKey>,
) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let kept: Vec<&VisibilityRow> = rows.iter().filter(|row| lost.is_empty() || !lost.contains(&row.key())).collect();
    UPSERT.execute(connection, &kept, |query, row| bind(query, row)).await.map_err(store_error)?;
    Ok(())
}

/// Removes rows and leaves tombstones; forgets old tombstones.
pub(super) async fn delete(connection: &mut SqliteConnection, deletes: &[(RunKey, i64)], now: Timestamp) -> Result<(), Error> {
    if deletes.is_empty() {
        return Ok(());
    }
    let key = |query: Query, (key, version): &(RunKey, i64)| {
        query.bind(key.chain.namespace.as_bytes().to_vec()).bind(key.run.as_bytes().to_vec()).bind(*version)
    };
    DELETE.execute(connection, deletes, key).await.map_err(store_error)?;
    BURY.execute(connection, deletes, |query, item| key(query, item).bind(now.as_nanos())).await.map_err(store_error)?;
    let old = (now - TOMBSTONE_KEPT).as_nanos();
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
        .bind(attributes_json(&row.search_attributes))
}

/// `{"2:CustomOrderStatus":"FAILED"}`: the type's number stands in the key, so that a value of another type is another key.
fn attributes_json(attributes: &BTreeMap<String, SearchAttributeValue>) -> String {
    let member = |(name, value): (&String, &SearchAttributeValue)| {
        let (kind, value) = match value {
            SearchAttributeValue::Text(text) => (1, Value::from(text.as_str())),
            SearchAttributeValue::Keyword(text) => (2, Value::from(text.as_str())),
            SearchAttributeValue::Int(number) => (3, Value::from(*number)),
            SearchAttributeValue::Double(number) => (4, Value::from(*number)),
            SearchAttributeValue::Bool(truth) => (5, Value::from(*truth)),
            SearchAttributeValue::Datetime(time) => (6, Value::from(time.as_nanos())),
            SearchAttributeValue::KeywordList(texts) => (7, Value::from(texts.clone())),
        };
        (format!("{kind}:{name}"), value)
    };
    Value::Object(attributes.iter().map(member).collect()).to_string()
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
