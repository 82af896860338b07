//! Engine, lanes, matching and store in one seeded world: the real services over a memory store, in virtual time, with crashes,
//! torn and unknown writes, a clock that jumps, and clients and workers that try everything.
//!
//! One seed is one world on one thread; the same seed is the same world, to the last write (`seeds` asserts it). What must hold
//! is written down as named functions in `invariants`, and every one is asked on every seed. A seed that fails is printed;
//! `make sim SEED=n` plays it again and prints its trace, `make sim SEEDS=n` plays the first n instead of 2,000. That the
//! invariants are worth something is shown by bugs planted on purpose (`model::planted`): `make sim-bugs` prints which of them
//! finds each, and with which seed.
//!
//! * `rng`, `clock`: chance and time. * `store`: the wire to the store, and what it does to writes. * `log`: everything that
//!   landed, folded by the engine. * `process`: history and matching, born and killed. * `program`, `worker`, `client`: who
//!   acts. * `world`: one seed. * `coverage`: what was seen. * `tests`: 2,000 seeds, planted bugs, very long lives.

#[cfg(test)]
mod client;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod log;
#[cfg(test)]
mod process;
#[cfg(test)]
mod program;
#[cfg(test)]
mod rng;
#[cfg(test)]
mod store;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod worker;
#[cfg(test)]
mod world;
