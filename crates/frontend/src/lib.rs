//! The public API: authenticate, resolve the namespace, limit, validate, route.
//!
//! A call passes the tower layers of [`gate`] (count, authenticate, refuse what is not built, read the deadline), then the
//! steps that need its body (namespace, state, quota, fields that are not built), and ends in the one file of its RPC, which
//! validates and asks history or matching. No execution state lives here.
//!
//! * [`service`]: options and ports in, gRPC routes out.
//! * [`registry`]: the namespaces, in memory; other rooms read them too.
//! * [`table`]: all 135 public RPCs, and what those that are not built say.
//! * [`fields`]: every field of every built request: built, refused, or ignored with a reason.

mod api;
mod cluster;
pub mod fields;
pub mod gate;
mod list;
mod metrics;
mod namespace;
mod operator;
pub mod options;
pub mod ports;
pub mod registry;
pub mod routes;
mod service;
pub mod table;
mod task_queue;
mod token;
mod version;
mod workflow;

pub use gate::authenticate::{AllowAll, Authenticator, Caller, Principal};
pub use options::Options;
pub use ports::{Cluster, Ports};
pub use registry::{Namespace, NamespaceRegistry};
pub use routes::{Answer, Routes};
pub use service::Service;
pub use version::SERVER_VERSION;

#[cfg(test)]
mod tests;
