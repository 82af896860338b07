//! Every suite of the simulation.

#[cfg(feature = "planted-bugs")]
mod bugs;
mod long;
mod seeds;
