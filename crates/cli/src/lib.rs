//! The client half of the command line: `aevum workflow|activity|operator ...`, in the words that Temporal's own
//! command line taught everybody.
//!
//! A binary flattens [`ClientCommand`] and [`GlobalArgs`] into its own parser and hands what it parsed to [`run`]; called
//! as `temporal` the same words work, called as `tctl` those of the older command line ([`Face`], [`tctl`]). Arguments
//! become types in [`args`]; each verb group has a file of calls; everything that is printed is made in `render`, as text
//! from data, so that it can be tested without a server. This crate speaks to a cluster only through the public gRPC API.

pub mod args;
pub mod tctl;

mod activity;
mod completion;
mod connection;
mod failure;
mod history;
mod operator;
mod prompt;
mod render;
mod screen;
mod session;
mod workflow;

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

pub use crate::args::{ClientCommand, GlobalArgs};

use crate::connection::Connection;
use crate::screen::Screen;
use crate::session::Session;

/// The client's words as a command of its own, for binaries without a server, completions and tests.
pub fn command() -> clap::Command {
    let bare = clap::Command::new("aevum")
        .about("Talk to a workflow cluster")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true);
    <ClientCommand as clap::Subcommand>::augment_subcommands(<GlobalArgs as clap::Args>::augment_args(bare))
}

/// The faces of the program: the name it was called by decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Our own.
    Aevum,
    /// The same words under the name of Temporal's command line.
    Temporal,
    /// The words of Temporal's older command line ([`tctl`]).
    Tctl,
}

impl Face {
    /// The face of the binary, or of the link to it, that was called.
    pub fn of(argv0: Option<&OsStr>) -> Self {
        let stem = argv0.and_then(|path| Path::new(path).file_stem()).and_then(OsStr::to_str);
        match stem {
            Some("temporal") => Self::Temporal,
            Some("tctl") => Self::Tctl,
            _ => Self::Aevum,
        }
    }

    /// The program's name under this face.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aevum => "aevum",
            Self::Temporal => "temporal",
            Self::Tctl => "tctl",
        }
    }
}

/// Prints what the argument parser has to say: help and version succeed, anything else is a failure (exit code 1).
pub fn refuse(error: &clap::Error) -> ExitCode {
    // Nothing sensible is left to do when even the terminal is gone.
    let _ = error.print();
    if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Does what the command says, prints the outcome to stdout, and says on stderr why it failed if it did.
///
/// `whole` is the complete command line of the calling binary: completions are made from it.
pub async fn run(globals: &GlobalArgs, command: ClientCommand, whole: clap::Command) -> ExitCode {
    let mut screen = Screen::of_terminal(globals);
    let done = match globals.command_timeout {
        Some(limit) => match tokio::time::timeout(limit, perform(globals, command, whole, &mut screen)).await {
            Ok(done) => done,
            Err(_) => Err(anyhow::anyhow!("gave up after --command-timeout {}", render::time::span(limit))),
        },
        None => perform(globals, command, whole, &mut screen).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output had enough (`| head`).
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            screen.complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn perform(globals: &GlobalArgs, command: ClientCommand, whole: clap::Command, screen: &mut Screen) -> anyhow::Result<()> {
    let connection = match &command {
        ClientCommand::Completion(args) => return completion::write(args, whole, screen),
        ClientCommand::Workflow(args) => &args.connection,
        ClientCommand::Activity(args) => &args.connection,
        ClientCommand::Operator(args) => &args.connection,
    };
    let connection = Connection::open(connection, globals).await?;
    let mut session = Session { connection, screen };
    match command {
        ClientCommand::Workflow(args) => workflow::perform(&mut session, args.verb).await,
        ClientCommand::Activity(args) => activity::perform(&mut session, args.verb).await,
        ClientCommand::Operator(args) => operator::perform(&mut session, args.area).await,
        ClientCommand::Completion(_) => Ok(()),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == ErrorKind::BrokenPipe))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        command().debug_assert();
    }

    #[test]
    fn the_name_of_a_link_is_the_face_of_the_program() {
        let table = [
            ("/usr/bin/temporal", "temporal"),
            ("temporal", "temporal"),
            ("bin/tctl", "tctl"),
            ("./aevum", "aevum"),
            ("x", "aevum"),
        ];
        for (argv0, name) in table {
            assert_eq!(Face::of(Some(OsStr::new(argv0))).name(), name);
        }
        assert_eq!(Face::of(None), Face::Aevum);
    }
}
