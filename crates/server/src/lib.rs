//! The binaries: options, wiring, run, drain. Decisions belong to the services; here they only meet.

pub mod args;
pub mod clock;
mod config;
mod corked;
mod database;
mod lifecycle;
mod member;
mod one_process;
pub mod program;
mod schema;
mod scrape;
mod services;
mod settings;
mod start_dev;
mod stores;
mod telemetry;
mod tombstones;

/// Our version, and the server version that we are compatible with.
pub fn version() -> String {
    format!("{} (API {API_VERSION}, compatible with server {})", env!("CARGO_PKG_VERSION"), frontend::SERVER_VERSION)
}

/// The version of the public API that the pinned protos are: a little beyond this one of `go.temporal.io/api`.
const API_VERSION: &str = "1.63.5";
