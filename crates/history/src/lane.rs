//! A lane: one commit stream, one writer task, one fenced row in the store.
//!
//! Turns are decided by whoever brings them, under their chain's lock, and pushed here in that order. While a commit is in
//! flight the next batch fills; only in a crowd does one wait a few milliseconds for others. What a turn says leaves only through
//! [`crate::chain::speak`].

mod acquire;
mod batch;
mod outcome;
mod pace;
mod queue;
mod writer;

pub(crate) use acquire::{acquire, first_shards, lane_of, take_over};
pub(crate) use queue::{Lane, LaneTurn, Pressure, Rows, Then};
pub(crate) use writer::write;
