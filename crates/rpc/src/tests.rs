//! Services at the other end of a real loopback connection, beside the same service called directly.

mod every_call;
mod fakes;
mod filled;
mod moving;
mod world;
