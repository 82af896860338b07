//! Text and JSON from data. Nothing here asks a server, so every look has a test.

pub(crate) mod cluster;
pub(crate) mod describe;
pub(crate) mod events;
pub(crate) mod executions;
pub(crate) mod failure;
pub(crate) mod json;
pub(crate) mod names;
pub(crate) mod namespace;
pub(crate) mod outcome;
pub(crate) mod payload;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod time;
