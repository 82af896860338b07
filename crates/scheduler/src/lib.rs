//! When a cron or schedule fires next. Pure: no clock, no IO, no time zones from the operating system.
//!
//! `now` is an argument everywhere; time zone rules are compiled in, so that every host of a cluster answers alike.

pub mod cron;

pub use cron::{Cron, CronError};
