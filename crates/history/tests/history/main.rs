//! The history service on the memory store, with a matching that records what it is offered: what a caller, a worker and
//! the store see.

mod faults;
mod flow;
mod parking;
mod reading;
mod world;
