//! Who is alive, and the ring that says who should own what.
//!
//! Every decision who owns a shard or a task queue is a lookup here, also while one process is the ring's only member. The
//! ring says who *should* own a shard; the lane's row in the store says who *does*.
//!
//! * [`member`]: a process, what it serves and where.
//! * [`ring`]: the consistent hash over members.
//! * [`view`]: what this process sees at this moment, shared by all its parts.
//! * [`keeper`]: gives signs of life through the store, reads those of the others, and replaces the view.

pub mod keeper;
pub mod member;
pub mod ring;
pub mod view;

pub use keeper::{Gone, Keeper};
pub use member::{Member, Role};
pub use ring::Ring;
pub use view::{Sight, View};
