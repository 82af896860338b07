//! How tctl prints: its tables, and messages and times as Go writes them. Text from data, as in the other face.

pub(crate) mod event;
pub(crate) mod executions;
pub(crate) mod go;
pub(crate) mod grid;
pub(crate) mod namespace;
pub(crate) mod search_attributes;
pub(crate) mod state;
pub(crate) mod structure;
