//! Load by raw gRPC: plays client and worker with the call sequence of an official SDK, without an SDK's cost.
//!
//! An SDK spends milliseconds of CPU on every workflow, so on a small machine it is the limit and not the server. This
//! program sends the same calls with the same fields and does nothing else. It decides from each task's history, as a
//! worker must, so a server that answers wrongly fails the run.

mod client;
mod load;
mod ready;
mod report;
mod wire;
mod worker;

use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Parser, Subcommand};

/// Load on a Temporal-compatible server by raw gRPC.
#[derive(Parser)]
#[command(name = "raw-load")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Run workflows and print one JSON object
    Run(RunOptions),
    /// Start workflows that only set a 30-day timer, leave them open, and print one JSON object
    Park(ParkOptions),
    /// Wait for a server: print `answers` at its first answer and `accepts` when it has taken a workflow
    Ready(ReadyOptions),
}

/// Where the server is and how to speak with it.
#[derive(Args, Clone)]
struct Target {
    /// The server's gRPC address
    #[arg(long, default_value = "127.0.0.1:7233")]
    address: String,
    /// Namespace to run in
    #[arg(long, default_value = "default")]
    namespace: String,
    /// Connections, used in turn
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Compress requests with gzip, as the SDKs do
    #[arg(long)]
    gzip: bool,
}

#[derive(Args, Clone)]
struct RunOptions {
    #[command(flatten)]
    target: Target,
    /// Workflows to run
    #[arg(long, default_value_t = 10_000)]
    workflows: u64,
    /// Workflows open at once; 1 runs them alone, one after the other
    #[arg(long, default_value_t = 50)]
    in_flight: u64,
    /// Activities per workflow, one after the other
    #[arg(long, default_value_t = 1)]
    activities: u32,
    /// Polls kept open of each kind: workflow tasks (normal and sticky each) and activity tasks
    #[arg(long, default_value_t = 8)]
    pollers: usize,
    /// Workflows run before the measurement
    #[arg(long, default_value_t = 100)]
    warmup: u64,
    /// Start no more workflows after this many seconds (0: no limit)
    #[arg(long, default_value_t = 0.0)]
    seconds: f64,
    /// Process whose CPU time to account to the load
    #[arg(long)]
    server_pid: Option<u32>,
    /// Seconds to wait for the server's deferred work before its CPU time is read
    #[arg(long, default_value_t = 1.0)]
    settle: f64,
}

#[derive(Args, Clone)]
struct ParkOptions {
    #[command(flatten)]
    target: Target,
    /// Workflows to leave open
    #[arg(long, default_value_t = 1_000)]
    workflows: u64,
    /// Starts in flight at once
    #[arg(long, default_value_t = 50)]
    in_flight: u64,
    /// Polls kept open of each kind
    #[arg(long, default_value_t = 8)]
    pollers: usize,
}

#[derive(Args, Clone)]
struct ReadyOptions {
    #[command(flatten)]
    target: Target,
    /// Give up after this many seconds
    #[arg(long, default_value_t = 60.0)]
    timeout: f64,
}

#[tokio::main]
async fn main() -> Result<()> {
    match Cli::parse().verb {
        Verb::Run(options) => {
            let report = load::run(&options).await?;
            println!("{}", serde_json::to_string(&report)?);
            if report.errors > 0 {
                bail!("{} of {} workflows failed", report.errors, report.errors + report.workflows);
            }
            Ok(())
        }
        Verb::Park(options) => {
            println!("{}", serde_json::to_string(&load::park(&options).await?)?);
            Ok(())
        }
        Verb::Ready(options) => ready::wait(&options.target, Duration::from_secs_f64(options.timeout)).await,
    }
}
