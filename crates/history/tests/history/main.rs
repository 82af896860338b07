//! The history service on the memory store, with a matching that records what it is offered: what a caller, a worker and
//! the store see.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod between;
mod bounds;
mod children;
mod describing;
mod faults;
mod flow;
mod memory;
mod pace;
mod panics;
mod parking;
mod queries;
mod races;
mod reading;
mod slow;
mod world;
