//! Searchable rows: gathered per run for about a second, and written in the lane's batches; a close's row rides in the close's
//! own batch (`chain/rows.rs`).

mod batcher;
mod row;

pub(crate) use batcher::{Batcher, flush};
pub(crate) use row::{row, started};
