//! The binaries: options, wiring, run, drain. Decisions belong to the services; here they only meet.

pub mod args;
pub mod clock;
pub mod program;
mod lifecycle;
mod one_process;
mod scrape;
mod settings;
mod start_dev;
mod stores;
mod telemetry;

/// Our version, the API's and the server version that we are compatible with.
pub fn version() -> String {
    format!(
        "{} (API {}, compatible with server {})",
        env!("CARGO_PKG_VERSION"),
        frontend::API_VERSION,
        frontend::COMPATIBLE_SERVER_VERSION
    )
}
