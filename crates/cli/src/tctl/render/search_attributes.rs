//! Search attributes and their types.

use std::collections::BTreeMap;

use proto::temporal::api::enums::v1::IndexedValueType;
use proto::temporal::api::operatorservice::v1::ListSearchAttributesResponse;
use serde::Serialize;

use super::grid::{Lines, grid};
use crate::render::names;
use crate::render::style::Style;
use crate::render::table::Cell;

/// A type's name; a number for one that we do not know.
pub(crate) fn type_name(number: i32) -> String {
    IndexedValueType::try_from(number)
        .map_or_else(|_| number.to_string(), |kind| names::short("IndexedValueType", kind.as_str_name()))
}

/// A heading and a framed table, sorted by name.
pub(crate) fn table(heading: &str, attributes: &BTreeMap<String, i32>, style: &Style) -> String {
    let rows: Vec<Vec<Cell>> =
        attributes.iter().map(|(name, kind)| vec![name.as_str().into(), type_name(*kind).into()]).collect();
    format!("{heading}:\n") + &grid(&["Name", "Type"], &rows, Lines::Framed, style)
}

/// What a namespace knows, and how it is stored.
pub(crate) fn all(answer: &ListSearchAttributesResponse, style: &Style) -> String {
    let columns: Vec<Vec<Cell>> =
        answer.storage_schema.iter().map(|(name, kind)| vec![name.as_str().into(), kind.as_str().into()]).collect();
    table("Custom search attributes", &answer.custom_attributes, style)
        + &table("System search attributes", &answer.system_attributes, style)
        + "Storage mappings:\n"
        + &grid(&["Column name", "Column type"], &columns, Lines::Framed, style)
}

/// The same in JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Registered {
    custom_search_attributes: BTreeMap<String, String>,
    system_search_attributes: BTreeMap<String, String>,
    mapping: BTreeMap<String, String>,
}

impl Registered {
    /// From the API's answer.
    pub(crate) fn of(answer: ListSearchAttributesResponse) -> Self {
        let named = |all: BTreeMap<String, i32>| all.into_iter().map(|(name, kind)| (name, type_name(kind))).collect();
        Self {
            custom_search_attributes: named(answer.custom_attributes),
            system_search_attributes: named(answer.system_attributes),
            mapping: answer.storage_schema,
        }
    }
}
