//! `completion`: scripts that teach a shell our words.

use crate::args::CompletionArgs;
use crate::screen::Screen;

/// Prints the script for the command line of the binary that runs, under the name it was called by.
pub(crate) fn write(args: &CompletionArgs, mut whole: clap::Command, screen: &mut Screen) -> anyhow::Result<()> {
    let name = whole.get_bin_name().unwrap_or_else(|| whole.get_name()).to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut whole, name, &mut script);
    screen.raw(&script)
}

#[cfg(test)]
mod tests {
    use clap_complete::Shell;

    use super::*;
    use crate::screen::tests::{Captured, screen};

    #[test]
    fn each_shell_gets_a_script_that_knows_the_verbs() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let captured = Captured::default();
            let mut screen = screen(&captured, crate::args::Output::Table);
            write(&CompletionArgs { shell }, crate::command(), &mut screen).unwrap();
            let script = captured.text();
            for word in ["terminate", "search-attribute", "workflow-id"] {
                assert!(script.contains(word), "{shell} lacks {word}");
            }
        }
    }
}
