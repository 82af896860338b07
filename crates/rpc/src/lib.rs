//! How services talk: one trait per service, routed clients, deadlines, and the one mapping from errors to gRPC.
//!
//! * [`error`]: the errors of every service, and the only place that builds a gRPC status.
//! * [`context`]: what travels with a call: deadline and caller.
//! * [`services`]: the traits that `history` and `matching` implement.
//! * [`clients`]: handles that find the owner on the ring and call it: directly when it is this process.

pub mod clients;
pub mod context;
pub mod error;
pub mod services;

pub use context::Context;
pub use error::{Error, exhausted};
