//! The history service: everything that reads or changes a workflow execution, around the pure engine.
//!
//! * `api`: one file per call, wire to input and answer to wire.
//! * `chain`: chains in memory; a turn is decided under its chain's lock and pushed to the lane. `chain/speak.rs` is the one
//!   place where anything leaves because of a turn, after its commit.
//! * `shard`: which shards are served here, taken over from the dead, and handed to whom the ring names.
//! * `lane`: the fenced group commit.
//! * `dispatch`: what the state owes the world, from memory, until acknowledged.
//! * `timers`: the wheel, and the look-ahead for parked runs.
//! * `visibility`: searchable rows, coalesced.
//!
//! It never speaks SQL and never calls the frontend.

mod api;
mod chain;
mod dispatch;
mod error;
mod lane;
mod metrics;
mod options;
mod ports;
mod service;
mod shard;
mod shell;
mod timers;
mod visibility;
mod wire;

pub use error::Error;
pub use options::Options;
pub use ports::{NamespaceInfo, NamespaceLookup, Ownership, OwnsAll, OwnsByRing, Ports};
pub use service::Service;
