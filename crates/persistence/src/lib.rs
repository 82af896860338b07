//! What is stored, and the small traits by which it is: every backend implements [`stores`] and passes one conformance suite.
//!
//! A store knows rows, fences and order. It never knows what a workflow means: run state and turns are opaque bytes here.
//!
//! * [`record`]: the shapes of rows.
//! * [`stores`]: the traits, with their promises.
//! * [`error`]: what can go wrong, by what the caller can do.
//! * [`codec`]: how turns and snapshots become bytes.
//! * [`memory`]: the reference backend.
//! * `conformance`: the suite that every backend passes (feature `conformance`).
//! * [`decorate`]: stores wrapped around stores (faults on demand).

pub mod codec;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod decorate;
pub mod error;
pub mod memory;
pub mod record;
pub mod stores;

pub use error::Error;
pub use memory::{Memory, VisibilitySink};
pub use record::{
    BacklogKey, Batch, ClusterRow, HistoryRange, LaneState, Levels, LoadedChain, LoadedRun, MemberRow, NamespaceRow, NewRun,
    Outcome, Roll, RunChange, RunRow, ShardRow, SnapshotChange, SpilledTask, TurnRow, WakeRow,
};
pub use stores::{Backlog, Cluster, History, LaneStore, Namespaces, Stores};
