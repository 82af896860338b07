//! Wake-ups: of resident chains and of parked runs whose time is near, in one wheel; the rest is found in the store by
//! [`look_ahead`].

pub(crate) mod look_ahead;
mod wheel;

pub(crate) use wheel::{Due, Entry, Wheel};
