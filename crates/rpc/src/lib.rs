//! How services talk: one trait per service, routed clients, deadlines, and the one mapping from errors to gRPC.
//!
//! * [`error`]: the errors of every service, and the only place that builds a gRPC status.
//! * [`context`]: what travels with a call: deadline and caller.
//! * [`services`]: the traits that `history` and `matching` implement.
//! * [`clients`]: handles that find the owner on the ring and call it: directly when it is this process.
//! * [`remote`]: a service of another process, behind the same trait.
//! * [`serve`]: the services of this process, for the others.
//! * [`layers`]: what every call between processes passes.

mod calls;
pub mod clients;
pub mod context;
pub mod error;
pub mod layers;
pub mod remote;
pub mod serve;
pub mod services;
#[cfg(test)]
mod tests;
mod wire;

pub use context::Context;
pub use error::{Error, exhausted};
