//! The nouns of Aevum: ids, slots, time, limits, searchable rows and the two injected ports.
//!
//! Everybody may lean on this crate; it leans on nobody. No protobuf, no async, no IO, no behaviour beyond parsing.

pub mod clock;
pub mod duration;
pub mod ids;
pub mod limits;
#[cfg(feature = "planted-bugs")]
pub mod planted;
pub mod settings;
pub mod slot;
pub mod timestamp;
pub mod visibility;

pub use clock::Clock;
pub use ids::{
    BranchId, ChainKey, ChainKind, Epoch, EventId, IdError, LaneId, MemberId, NamespaceId, RunId, RunKey, ShardId, TaskQueueKind,
    TaskQueueName, WorkflowId,
};
pub use slot::{SLOT_COUNT, SlotId, SlotRange};
pub use timestamp::Timestamp;
