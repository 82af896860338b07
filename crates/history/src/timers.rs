//! Wake-ups: of resident chains and of parked runs whose time is near, in one wheel; the rest is found in the store by
//! [`look_ahead`]. Closed runs that fall due are deleted by [`retention`].

pub(crate) mod look_ahead;
pub(crate) mod retention;
mod wheel;

pub(crate) use retention::Expired;
pub(crate) use wheel::{Due, Entry, Wheel};
