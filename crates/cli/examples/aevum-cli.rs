//! The client's words as a program without a server, to try them against any cluster.

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser};

/// Talk to a workflow cluster.
#[derive(Debug, Parser)]
#[command(name = "aevum", version, subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: cli::ClientCommand,
    #[command(flatten)]
    globals: cli::GlobalArgs,
}

fn main() -> ExitCode {
    let name = cli::Face::of(std::env::args_os().next().as_deref()).name();
    let whole = Cli::command().name(name).bin_name(name);
    let parsed = whole.clone().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return cli::refuse(&error),
    };
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(cli::run(&parsed.globals, parsed.command, whole)),
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}
