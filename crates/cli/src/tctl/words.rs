//! From words to a command: tctl's ways of writing flags, the parser made from the table, and typed reading of what was
//! given.
//!
//! tctl takes Go's flags: one dash or two, `-w x`, `--w=x`, `--open=false`, the last of several counts. [`plainly`] writes
//! them the one way that the parser knows, walking down the commands so that it knows which words are values.

use anyhow::{Context as _, bail};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args as _, Command, FromArgMatches as _};

use super::flag::{Flag, global};
use super::row::{GROUPS, Group, Row, rows, split};
use crate::args::CompletionArgs;

/// The id of what stands behind the flags.
const ARGUMENTS: &str = "arguments";
/// The one command that is not of the table: scripts for shells.
const COMPLETION: &str = "completion";

/// The whole parser.
pub(crate) fn command(version: String) -> Command {
    let root = Command::new("tctl")
        .about("Talk to a workflow cluster, in tctl's words")
        .version(version)
        .args_override_self(true)
        .args(global::ALL.iter().map(Flag::arg));
    let completion = CompletionArgs::augment_args(Command::new(COMPLETION)).about("Print a completion script for your shell");
    inside("", root).subcommand(completion)
}

/// A command with all that lies below these words.
fn inside(path: &str, command: Command) -> Command {
    let groups = GROUPS.iter().filter(|group| split(group.path).0 == path).map(of_group);
    let rows = rows().filter(|row| split(row.path).0 == path).map(of_row);
    command.subcommands(groups).subcommands(rows)
}

fn of_group(group: &Group) -> Command {
    let command = Command::new(split(group.path).1).about(group.about).visible_aliases(group.aliases.to_vec());
    inside(group.path, command)
}

fn of_row(row: &'static Row) -> Command {
    let command = Command::new(split(row.path).1)
        .about(row.about)
        .visible_aliases(row.aliases.to_vec())
        .args_override_self(true)
        .args(row.flags.iter().copied().flatten().map(Flag::arg));
    match row.arguments {
        Some(name) => command.arg(Arg::new(ARGUMENTS).num_args(0..).value_name(name)),
        None => command,
    }
}

/// What was named.
#[derive(Debug)]
pub(crate) enum Found {
    /// A command, with its flags and arguments.
    Row(&'static Row, Words),
    /// Only words that lead to commands; the help tells which.
    Group(Vec<String>),
    /// The completion script of a shell.
    Completion(CompletionArgs),
}

/// What the parsed words name.
pub(crate) fn find(matches: ArgMatches) -> Result<Found, clap::Error> {
    let mut path: Vec<String> = Vec::new();
    let mut matches = matches;
    while let Some((name, inner)) = matches.remove_subcommand() {
        path.push(name);
        matches = inner;
    }
    if path.first().is_some_and(|first| first == COMPLETION) {
        return Ok(Found::Completion(CompletionArgs::from_arg_matches(&matches)?));
    }
    let name = path.join(" ");
    Ok(match rows().find(|row| row.path == name) {
        Some(row) => Found::Row(row, Words(matches)),
        None => Found::Group(path),
    })
}

/// Flags as the parser knows them. A global flag behind its command is refused with a word on where it belongs.
pub(crate) fn plainly(words: Vec<String>, root: &Command) -> anyhow::Result<Vec<String>> {
    let mut plain = Vec::with_capacity(words.len());
    let mut level = root;
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let bare = word.trim_start_matches('-');
        let dashes = word.len() - bare.len();
        if word == "--" {
            plain.push(word);
            plain.extend(words);
            break;
        }
        if bare.is_empty() || !(1..=2).contains(&dashes) {
            if let Some(inner) = level.find_subcommand(&word) {
                level = inner;
            }
            plain.push(word);
            continue;
        }
        let (name, value) = bare.split_once('=').map_or((bare, None), |(name, value)| (name, Some(value)));
        let Some(arg) = flag_of(level, name) else {
            if flag_of(root, name).is_some() {
                bail!("--{name} is a global flag: write it before the command, as in `tctl --{name} ... workflow list`");
            }
            plain.push(match name {
                "h" => "--help".to_owned(),
                "v" => "--version".to_owned(),
                _ => format!("--{bare}"),
            });
            continue;
        };
        let name = arg.get_long().unwrap_or(name);
        if arg.get_action().takes_values() {
            match value.map(str::to_owned).or_else(|| words.next()) {
                Some(value) => plain.push(format!("--{name}={value}")),
                None => plain.push(format!("--{name}")),
            }
        } else if value.is_none_or(is_true) {
            plain.push(format!("--{name}"));
        }
    }
    Ok(plain)
}

fn flag_of<'a>(level: &'a Command, name: &str) -> Option<&'a Arg> {
    level
        .get_arguments()
        .find(|arg| arg.get_long() == Some(name) || arg.get_all_aliases().is_some_and(|aliases| aliases.contains(&name)))
}

/// What Go reads as true.
pub(crate) fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True")
}

/// The flags and arguments of one command.
#[derive(Debug)]
pub(crate) struct Words(ArgMatches);

impl Words {
    /// The flags and arguments of the parser's matches.
    pub(crate) fn of(matches: &ArgMatches) -> Self {
        Self(matches.clone())
    }

    /// Whether it was said, be it in the environment.
    pub(crate) fn given(&self, flag: &Flag) -> bool {
        self.source(flag).is_some_and(|source| source != ValueSource::DefaultValue)
    }

    fn source(&self, flag: &Flag) -> Option<ValueSource> {
        // Asking for a flag that this command lacks would be a panic.
        let known = self.0.try_contains_id(flag.name()).is_ok();
        known.then(|| self.0.value_source(flag.name())).flatten()
    }

    /// A text; an empty one is none.
    pub(crate) fn text(&self, flag: &Flag) -> Option<String> {
        self.0.try_get_one::<String>(flag.name()).ok().flatten().filter(|text| !text.is_empty()).cloned()
    }

    /// A text that must be there.
    pub(crate) fn required(&self, flag: &Flag) -> anyhow::Result<String> {
        self.text(flag).with_context(|| format!("option {} is required", flag.name()))
    }

    /// All texts.
    pub(crate) fn texts(&self, flag: &Flag) -> Vec<String> {
        self.0.try_get_many::<String>(flag.name()).ok().flatten().map(|texts| texts.cloned().collect()).unwrap_or_default()
    }

    /// A number.
    pub(crate) fn number(&self, flag: &Flag) -> Option<i64> {
        self.0.try_get_one::<i64>(flag.name()).ok().flatten().copied()
    }

    /// Whether a switch is on.
    pub(crate) fn on(&self, flag: &Flag) -> bool {
        self.0.try_get_one::<bool>(flag.name()).ok().flatten().copied().unwrap_or(false)
    }

    /// What stands behind the flags.
    pub(crate) fn arguments(&self) -> Vec<String> {
        self.0.try_get_many::<String>(ARGUMENTS).ok().flatten().map(|texts| texts.cloned().collect()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &[&str]) -> anyhow::Result<Found> {
        let root = command("1".to_owned());
        let words = plainly(line.iter().map(|word| (*word).to_owned()).collect(), &root)?;
        Ok(find(root.try_get_matches_from(std::iter::once("tctl".to_owned()).chain(words))?)?)
    }

    fn row(line: &[&str]) -> (&'static str, Words) {
        match parse(line).unwrap() {
            Found::Row(row, words) => (row.path, words),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn flags_are_written_as_in_go() {
        use crate::tctl::flag::workflow::{INPUT, OPEN, TASK_QUEUE, WORKFLOW_ID};
        let line = ["wf", "start", "-tq", "q", "--wid=a", "-w", "-5", "-i", "1", "--i", "--x", "-wt", "T"];
        let (path, words) = row(&line);
        assert_eq!(path, "workflow start");
        assert_eq!(words.text(&TASK_QUEUE).as_deref(), Some("q"));
        assert_eq!(words.text(&WORKFLOW_ID).as_deref(), Some("-5"), "the last one counts");
        assert_eq!(words.texts(&INPUT), ["1", "--x"]);
        for (line, open) in [("-op", true), ("--open=true", true), ("--open=false", false)] {
            assert_eq!(row(&["wf", "l", line]).1.on(&OPEN), open, "{line}");
        }
    }

    #[test]
    fn arguments_may_stand_before_flags() {
        use crate::tctl::flag::workflow::PRINT_FULL;
        let (path, words) = row(&["workflow", "showid", "a", "b", "-pf"]);
        assert_eq!((path, words.on(&PRINT_FULL)), ("workflow showid", true));
        assert_eq!(words.arguments(), ["a", "b"]);
    }

    #[test]
    fn global_flags_stand_before_the_command() {
        assert_eq!(row(&["--ns", "shop", "-ct", "9", "n", "desc"]).0, "namespace describe");
        let late = parse(&["namespace", "describe", "--ns", "shop"]).unwrap_err().to_string();
        assert!(late.contains("before the command"), "{late}");
    }

    #[test]
    fn what_is_unknown_is_refused_and_a_group_alone_is_none() {
        assert!(parse(&["workflow", "show", "--no_such_flag"]).is_err());
        assert!(parse(&["workflow", "dance"]).is_err());
        assert!(parse(&["workflow", "count", "surplus"]).is_err());
        assert!(matches!(parse(&["adm", "wf"]).unwrap(), Found::Group(path) if path == ["admin", "workflow"]));
        let (_, words) = row(&["workflow", "count"]);
        assert_eq!((words.text(&global::ADDRESS), words.number(&global::CONTEXT_TIMEOUT)), (None, None));
    }

    #[test]
    fn the_parser_is_well_formed() {
        command("1".to_owned()).debug_assert();
    }
}
