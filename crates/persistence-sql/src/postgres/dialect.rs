//! Filters in PostgreSQL's words.

use model::visibility::SearchAttributeType;

use super::statement::Query;
use crate::lower::{Dialect, Parameter, Sql};

/// PostgreSQL: numbered parameters, typed values out of one JSON object.
#[derive(Debug, Default)]
pub(super) struct Postgres;

impl Dialect for Postgres {
    const ATTRIBUTES: &'static str = "attributes::text";

    fn mark(at: usize, parameter: &Parameter) -> String {
        match parameter {
            // Compared as decimals: as floats, whole numbers beyond 2^53 would equal their neighbours.
            Parameter::Double(_) => format!("CAST(${at} AS numeric)"),
            _ => format!("${at}"),
        }
    }

    fn attribute(sql: &mut Sql<Self>, ty: SearchAttributeType, key: String) -> String {
        let key = sql.push(Parameter::Text(key));
        let text = format!("(attributes ->> {key})");
        match ty {
            SearchAttributeType::Int | SearchAttributeType::Double | SearchAttributeType::Datetime => format!("{text}::bigint"),
            SearchAttributeType::Bool => format!("{text}::boolean::integer"),
            _ => format!("({text} COLLATE \"C\")"),
        }
    }

    fn contains(sql: &mut Sql<Self>, key: String, sought: Vec<Parameter>, negated: bool) -> String {
        let exists = sql.push(Parameter::Text(key));
        let list = sql.list(sought);
        let (not, absent) = if negated { ("NOT ", "TRUE") } else { ("", "NULL::boolean") };
        format!(
            "(CASE WHEN attributes ? {exists} THEN {not}((attributes -> {exists}) ?| ARRAY[{list}]::text[]) ELSE {absent} END)"
        )
    }

    fn uuid_text(column: &str) -> String {
        format!("({column}::text COLLATE \"C\")")
    }

    fn unindexed(column: &str) -> String {
        format!("({column} + 0)")
    }
}

/// Hands a parameter to a query.
pub(super) fn bind(parameter: Parameter, query: Query) -> Query {
    match parameter {
        Parameter::Text(text) => query.bind(text),
        Parameter::Int(number) => query.bind(number),
        // Every digit of it: the smallest float has 1074 decimals.
        Parameter::Double(number) => query.bind(format!("{number:.1074}")),
        Parameter::Id(bytes) => query.bind(uuid::Uuid::from_bytes(bytes)),
    }
}
