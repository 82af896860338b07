//! tctl's face: the words, flags and output of Temporal's older command line, in force when the program is called `tctl`.
//!
//! The table of commands in [`row`] says which work; [`words`] parses them as tctl did; each group of verbs has a file, and
//! calls the cluster through the functions of the other face. What is printed is made in `render`, in the shapes that
//! people's scripts know. Complaints go to stderr, where tctl printed them to stdout.

mod activity;
mod admin;
mod cluster;
mod flag;
mod input;
mod local;
mod moment;
mod namespace;
mod place;
mod render;
mod row;
mod task_queue;
mod words;
mod workflow;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{anyhow, bail};
use clap::Command;

use crate::args::{ColorChoice, TimeFormat};
use crate::connection::Connection;
use crate::render::style::Ink;
use crate::screen::Screen;
use crate::session::Session;
use crate::{completion, is_broken_pipe, refuse};
use place::Place;
use row::{Row, State, Verb};
use words::{Found, Words};

/// Does what the words (without the program's name) say; the exit code is 0 or 1.
pub async fn run(words: impl IntoIterator<Item = OsString>, version: String) -> ExitCode {
    let mut screen = Screen::for_people(ColorChoice::Auto, TimeFormat::Raw);
    let root = words::command(version);
    let parsed = match parse(words, &root) {
        Ok(Ok(parsed)) => parsed,
        Ok(Err(error)) => return refuse(&error),
        Err(error) => return complain(&mut screen, &error),
    };
    match perform(parsed, root, &mut screen).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => complain(&mut screen, &error),
    }
}

/// The whole command, for tests and completions.
pub fn command(version: String) -> Command {
    words::command(version)
}

/// The global flags, and what else was said.
type Parsed = (Words, Found);

fn parse(words: impl IntoIterator<Item = OsString>, root: &Command) -> anyhow::Result<Result<Parsed, clap::Error>> {
    let unicode = |word: OsString| word.into_string().map_err(|word| anyhow!("{} is not UTF-8", word.display()));
    let words = words.into_iter().map(unicode).collect::<Result<Vec<_>, _>>()?;
    let plain = words::plainly(words, root)?;
    let matches = root.clone().try_get_matches_from(std::iter::once("tctl".to_owned()).chain(plain));
    Ok(matches.and_then(|matches| Ok((Words::of(&matches), words::find(matches)?))))
}

/// What went wrong, and why: two lines, as tctl has them.
fn complain(screen: &mut Screen, error: &anyhow::Error) -> ExitCode {
    screen.alarm(Ink::Bad, "Error:", &error.to_string());
    let causes: Vec<_> = error.chain().skip(1).map(ToString::to_string).collect();
    if !causes.is_empty() {
        screen.alarm(Ink::Stopped, "Error Details:", &causes.join(": "));
    }
    ExitCode::FAILURE
}

async fn perform((globals, found): Parsed, mut root: Command, screen: &mut Screen) -> anyhow::Result<()> {
    let (row, words) = match found {
        Found::Row(row, words) => (row, words),
        Found::Completion(args) => return completion::write(&args, root, screen),
        Found::Group(path) => {
            root.build();
            let group = path.iter().try_fold(&mut root, |group, name| group.find_subcommand_mut(name));
            let help = group.map(|group| group.render_help().to_string()).unwrap_or_default();
            return screen.text(&help);
        }
    };
    let verb = match row {
        Row { state: State::Works(verb), .. } => *verb,
        Row { state: State::Refused(why), path, .. } => bail!("`tctl {path}`: {why}"),
    };
    let place = Place::of(&globals)?;
    if verb.is_local() {
        return local::perform(verb, &words, screen);
    }
    let limit = place.limit;
    let mut call = Call { place, words };
    let connection = Connection::to(call.place.destination()?).await?;
    let mut session = Session { connection, screen };
    match limit {
        // Who names a limit means it for the whole of a command that waits.
        Some(limit) if matches!(verb, Verb::WorkflowRun | Verb::WorkflowObserve) => {
            let done = tokio::time::timeout(limit, ask(&mut session, verb, &mut call)).await;
            done.unwrap_or_else(|_| bail!("gave up after --context_timeout {}", limit.as_secs()))
        }
        _ => ask(&mut session, verb, &mut call).await,
    }
}

/// A command that works: its words, and where it acts.
#[derive(Debug)]
struct Call {
    place: Place,
    words: Words,
}

async fn ask(session: &mut Session<'_>, verb: Verb, call: &mut Call) -> anyhow::Result<()> {
    let words = &call.words;
    match verb {
        Verb::NamespaceRegister => namespace::register(session, words).await,
        Verb::NamespaceUpdate => namespace::update(session, words).await,
        Verb::NamespaceDescribe => namespace::describe(session, words, call.place.names_namespace).await,
        Verb::NamespaceList => namespace::list(session).await,
        Verb::WorkflowShow => workflow::history::show(session, words).await,
        Verb::WorkflowStart => workflow::start::start(session, words).await,
        Verb::WorkflowRun => workflow::start::run(session, words).await,
        Verb::WorkflowObserve => workflow::history::observe(session, words).await,
        Verb::WorkflowCancel => workflow::steer::cancel(session, words).await,
        Verb::WorkflowSignal => workflow::steer::signal(session, words).await,
        Verb::WorkflowTerminate => workflow::steer::terminate(session, words).await,
        Verb::WorkflowList => workflow::list::list(session, words).await,
        Verb::WorkflowListAll => workflow::list::list_all(session, words).await,
        Verb::WorkflowListArchived => workflow::list::list_archived(session, words).await,
        Verb::WorkflowScan => workflow::list::scan(session, words).await,
        Verb::WorkflowCount => workflow::list::count(session, words).await,
        Verb::WorkflowQuery => workflow::ask::query(session, words).await,
        Verb::WorkflowStack => workflow::ask::stack(session, words).await,
        Verb::WorkflowDescribe => workflow::ask::describe(session, words).await,
        Verb::ActivityComplete => activity::complete(session, words).await,
        Verb::ActivityFail => activity::fail(session, words).await,
        Verb::TaskQueueDescribe => task_queue::describe(session, words).await,
        Verb::TaskQueuePartitions => task_queue::partitions(session, words).await,
        Verb::AdminTaskQueueDescribe => task_queue::describe_inside(session, words).await,
        Verb::ClusterHealth => cluster::health(session).await,
        Verb::ClusterSearchAttributes => cluster::search_attributes(session).await,
        Verb::AdminWorkflowDelete => admin::delete_workflow(session, words).await,
        Verb::AdminAddSearchAttributes => admin::add_search_attributes(session, words, call.place.auto_confirm).await,
        Verb::AdminRemoveSearchAttributes => admin::remove_search_attributes(session, words, call.place.auto_confirm).await,
        Verb::AdminGetSearchAttributes => admin::get_search_attributes(session, words).await,
        Verb::AdminClusterDescribe => admin::describe_cluster(session, words).await,
        Verb::ConfigGet | Verb::ConfigSet | Verb::DecodeProto | Verb::DecodeBase64 => local::perform(verb, words, session.screen),
    }
}

#[cfg(test)]
mod tests;
