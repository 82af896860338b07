//! What one chain of runs *is*, and how it changes: the pure heart of Aevum.
//!
//! [`decide`] looks at a [`Chain`] and an [`Input`] and says which [`Record`]s follow, which droppable [`Effect`]s, and what to
//! answer. [`Chain::evolve`] is the only way state changes, live and in recovery. No clock, no randomness, no IO, no locks, no
//! async, no logging: time, limits and a seed for ids come in [`Env`].
//!
//! Laws (property tests in `tests/engine/laws.rs`, invariants of the simulation):
//! 1. The same chain, input and env give the same decision.
//! 2. The fold of the logged records equals [`Chain::recovered`] of the live state; no logged record needs a volatile one.
//! 3. What `evolve` said became owed, less what was done, equals [`Chain::tasks`].
//! 4. Effects can be dropped.
//! 5. A task delivered twice changes nothing the second time.
//! 6. No bytes from storage make it panic.

mod chain;
mod commands;
mod decide;
mod decision;
mod env;
mod failure;
mod input;
mod record;
mod rejection;
mod retry;
mod state;
mod task;
#[cfg(test)]
mod testing;
mod time;
mod turn;

pub use chain::{Chain, Corrupt, StoredRun};
pub use decide::decide;
pub use decision::{
    ActivityHandout, Answer, Counted, Decision, Effect, HeartbeatAnswer, NearLimit, StartAnswer, WorkflowTaskCompletedAnswer,
    WorkflowTaskHandout,
};
pub use env::{Env, NamespaceFacts};
pub use input::*;
pub use record::{Fact, Record, Volatile};
pub use rejection::Rejection;
pub use state::{Run, SharedMap};
pub use task::Task;
