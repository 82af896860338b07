//! The binaries: options, wiring, run, drain. Decisions belong to the services; here they only meet.

pub mod args;
pub mod clock;
