//! The real binary, started and stopped for tests: by pid, on free loopback ports, on memory or on a SQLite file.

pub mod client;
pub mod commands;
pub mod dice;
pub mod histories;
pub mod postgres;
pub mod process;
pub mod program;
pub mod prometheus;
pub mod raw;
pub mod server;
pub mod worker;

pub use server::{Server, Storage};

/// The root of the checkout.
pub fn checkout() -> std::path::PathBuf {
    // tests/acceptance is two below.
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
