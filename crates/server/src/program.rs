//! What the `aevum` binary does with its words.

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use cli::{ClientCommand, GlobalArgs};

use crate::args::{RoleName, SchemaArgs, ServerArgs, ServerCommand, StartArgs};

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
    let mut words = std::env::args_os();
    let face = cli::Face::of(words.next().as_deref());
    if face == cli::Face::Tctl {
        return match runtime() {
            Ok(runtime) => runtime.block_on(cli::tctl::run(words, crate::version())),
            Err(refused) => refused,
        };
    }
    let name = face.name();
    let command = Program::command().name(name).bin_name(name).version(crate::version());
    let program = match command.clone().try_get_matches().and_then(|matches| Program::from_arg_matches(&matches)) {
        Ok(program) => program,
        Err(error) => return cli::refuse(&error),
    };
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(refused) => return refused,
    };
    match program.command {
        Command::Client(client) => runtime.block_on(cli::run(&program.globals, client, command)),
        Command::Server(ServerArgs { command: ServerCommand::StartDev(args) }) => {
            ended(runtime.block_on(crate::start_dev::run(&args)))
        }
        Command::Server(ServerArgs { command: ServerCommand::Start(args) }) => ended(runtime.block_on(crate::member::run(&args))),
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

fn runtime() -> Result<tokio::runtime::Runtime, ExitCode> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(threads()).enable_all().build().map_err(|error| {
        eprintln!("the runtime cannot start: {error}");
        ExitCode::FAILURE
    })
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

/// One role of a cluster in a process of its own
#[derive(Debug, Parser)]
struct LoneRole {
    /// Configuration (YAML); every process of the cluster may read the same one
    #[arg(long, short, value_name = "FILE", env = "AEVUM_CONFIG")]
    config: std::path::PathBuf,
}

/// The binary of one role: `aevum server start --role ROLE` by another name.
pub fn lone_role(name: &'static str, role: RoleName) -> ExitCode {
    let command = LoneRole::command().name(name).bin_name(name).version(crate::version());
    let words = match command.try_get_matches().and_then(|matches| LoneRole::from_arg_matches(&matches)) {
        Ok(words) => words,
        Err(error) => return cli::refuse(&error),
    };
    match runtime() {
        Ok(runtime) => ended(runtime.block_on(crate::member::run(&StartArgs { config: words.config, role: vec![role] }))),
        Err(refused) => refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_well_formed() {
        command().debug_assert();
    }
}
