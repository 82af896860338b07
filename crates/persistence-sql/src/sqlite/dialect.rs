//! Filters in SQLite's words.

use model::visibility::SearchAttributeType;
use serde_json::Value;
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite as Database, SqliteArguments};

use crate::lower::{Dialect, Parameter, Sql};

/// SQLite: question marks, and JSON by path.
#[derive(Debug, Default)]
pub(super) struct Sqlite;

impl Dialect for Sqlite {
    const ATTRIBUTES: &'static str = "attributes";

    fn mark(_at: usize, _parameter: &Parameter) -> String {
        "?".to_owned()
    }

    fn attribute(sql: &mut Sql<Self>, _ty: SearchAttributeType, key: String) -> String {
        let path = sql.push(path(key));
        format!("json_extract(attributes, {path})")
    }

    fn contains(sql: &mut Sql<Self>, key: String, sought: Vec<Parameter>, negated: bool) -> String {
        let exists = sql.push(path(key.clone()));
        let items = sql.push(path(key));
        let list = sql.list(sought);
        let (not, absent) = if negated { ("NOT ", "1") } else { ("", "NULL") };
        format!(
            "(CASE WHEN json_type(attributes, {exists}) IS NOT NULL \
             THEN {not}EXISTS (SELECT 1 FROM json_each(attributes, {items}) item WHERE item.value IN ({list})) ELSE {absent} END)"
        )
    }

    fn uuid_text(column: &str) -> String {
        let part = |from: u8, length: u8| format!("substr(hex({column}), {from}, {length})");
        let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)].join(" || '-' || ");
        format!("(CASE WHEN {column} IS NOT NULL THEN lower({parts}) END)")
    }

    fn unindexed(column: &str) -> String {
        // A plus takes it out of the planner's sight.
        format!("+{column}")
    }
}

/// Hands a parameter to a query.
pub(super) fn bind(parameter: Parameter, query: Query<'_, Database, SqliteArguments>) -> Query<'_, Database, SqliteArguments> {
    match parameter {
        Parameter::Text(text) => query.bind(text),
        Parameter::Int(number) => query.bind(number),
        Parameter::Double(number) => query.bind(number),
        Parameter::Id(bytes) => query.bind(bytes.to_vec()),
    }
}

fn path(key: String) -> Parameter {
    Parameter::Text(format!("$.{}", Value::from(key)))
}
