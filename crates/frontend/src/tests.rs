//! The frontend over a real connection, with history and matching played by fakes.

mod bad_requests;
mod fakes;
mod lists;
mod namespaces;
mod quotas;
pub(crate) mod raw;
mod routing;
mod table;
mod transport;
pub(crate) mod world;
