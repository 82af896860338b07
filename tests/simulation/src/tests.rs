//! Every suite of the simulation.

#[cfg(feature = "planted-bugs")]
mod bugs;
#[cfg(not(feature = "planted-bugs"))]
mod long;
#[cfg(not(feature = "planted-bugs"))]
mod seeds;
