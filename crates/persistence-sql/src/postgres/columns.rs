//! Rows as columns: a list per column is what the functions in the database take.

use model::visibility::VisibilityRow;
use model::{RunKey, Timestamp};

use super::statement::Query;
use crate::attributes;

/// One column of the items.
pub(super) fn column<'a, T, C>(items: &'a [T], value: impl Fn(&'a T) -> C) -> Vec<C> {
    items.iter().map(value).collect()
}

/// Two columns: namespaces and runs.
pub(super) fn bind_keys<'a>(query: Query, keys: impl Iterator<Item = &'a RunKey>) -> Query {
    let (namespaces, runs): (Vec<_>, Vec<_>) = keys.map(|key| (key.chain.namespace.uuid(), key.run.uuid())).unzip();
    query.bind(namespaces).bind(runs)
}

/// The twenty columns of searchable rows.
pub(super) fn bind_shown(query: Query, rows: &[&VisibilityRow]) -> Query {
    query
        .bind(column(rows, |row| row.namespace.uuid()))
        .bind(column(rows, |row| row.run_id.uuid()))
        .bind(column(rows, |row| i64::from(row.kind.number())))
        .bind(column(rows, |row| row.workflow_id.as_str()))
        .bind(column(rows, |row| row.version))
        .bind(column(rows, |row| row.workflow_type.as_str()))
        .bind(column(rows, |row| row.task_queue.as_str()))
        .bind(column(rows, |row| i64::from(row.status as i32)))
        .bind(column(rows, |row| row.start_time.as_nanos()))
        .bind(column(rows, |row| row.execution_time.as_nanos()))
        .bind(column(rows, |row| row.close_time.map(Timestamp::as_nanos)))
        .bind(column(rows, |row| row.history_length))
        .bind(column(rows, |row| row.history_size_bytes))
        .bind(column(rows, |row| row.state_transition_count))
        .bind(column(rows, |row| row.parent.as_ref().map(|(id, _)| id.as_str())))
        .bind(column(rows, |row| row.parent.as_ref().map(|(_, run)| run.uuid())))
        .bind(column(rows, |row| row.root.0.as_str()))
        .bind(column(rows, |row| row.root.1.uuid()))
        .bind(column(rows, |row| row.memo.as_slice()))
        .bind(column(rows, |row| attributes::encode(&row.search_attributes)))
}
