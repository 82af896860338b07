//! Who is alive, and the ring that says who should own what.
//!
//! Every decision who owns a shard or a task queue is a lookup here, also while one process is the ring's only member. The
//! ring says who *should* own a shard; the lane's row in the store says who *does*.

pub mod ring;
pub mod view;

pub use ring::Ring;
pub use view::View;
