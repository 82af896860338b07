//! The real binary under the official SDKs, under fire, and under nonsense. One test binary; a module per suite.

#![allow(clippy::unwrap_used, reason = "everything here is a test")]

mod cluster;
mod command_line;
mod kill;
mod nonsense;
mod operations;
mod parked;
mod postgres;
mod power;
mod programs;
mod sdk;
