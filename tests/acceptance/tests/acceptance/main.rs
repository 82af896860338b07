//! The real binary under the official SDKs, under fire, and under nonsense. One test binary; a module per suite.

mod kill;
mod programs;
mod sdk;
