//! The matching service between a history that remembers what it started and a backlog that can be held back or fail.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod backlog;
mod history;
mod polls;
mod queries;
mod world;
