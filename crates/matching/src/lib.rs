//! Task queues: where tasks meet pollers.
//!
//! A queue is a data structure in memory ([`engine`], pure), owned by one host. A task that finds no poller waits in order; past
//! a memory budget it is spilled to the stored backlog and read back. Everything here can be rebuilt: history offers again
//! what it owes, so a crash of this service loses nothing.

mod api;
mod engine;
mod metrics;
mod options;
mod queue;
mod ring;
mod service;

pub use options::Options;
pub use service::{Ports, Service};
