//! What the `aevum` binary does with its words.

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use cli::{ClientCommand, GlobalArgs};

use crate::args::{SchemaArgs, ServerArgs, ServerCommand};

/// A durable-execution server and its command line
#[derive(Debug, Parser)]
#[command(name = "aevum", arg_required_else_help = true, subcommand_required = true)]
struct Program {
    #[command(flatten)]
    globals: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Server(ServerArgs),
    /// Set up a database, or bring its tables up to date
    Schema(SchemaArgs),
    #[command(flatten)]
    Client(ClientCommand),
}

/// Reads the words, does what they say, tells how it went.
pub fn main() -> ExitCode {
    let name = cli::program(std::env::args_os().next().as_deref());
    let command = Program::command().name(name).bin_name(name).version(crate::version());
    let program = match command.clone().try_get_matches().and_then(|matches| Program::from_arg_matches(&matches)) {
        Ok(program) => program,
        Err(error) => return cli::refuse(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(threads()).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("the runtime cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match program.command {
        Command::Client(client) => runtime.block_on(cli::run(&program.globals, client, command)),
        Command::Server(ServerArgs { command: ServerCommand::StartDev(args) }) => {
            ended(runtime.block_on(crate::start_dev::run(&args)))
        }
        Command::Schema(args) => ended(runtime.block_on(crate::schema::run(&args.command))),
    }
}

fn ended(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Half of the machine, at least one: the other half is for the workers beside a development server, and threads that only wake
/// each other are dear.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1))
}

/// The whole command, for tests and completions.
pub fn command() -> clap::Command {
    Program::command()
}

/// A role of its own: not before roles can reach each other over the network.
pub fn lone_role(role: &str) -> ExitCode {
    eprintln!(
        "aevum-{role} cannot run alone yet: roles do not reach each other over the network. Run all of them in one process \
         with `aevum server start-dev`."
    );
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_well_formed() {
        command().debug_assert();
    }
}
