//! Asking before something is lost.

use std::io::{BufRead, Write};

use anyhow::{Context as _, bail};

/// Goes on only after a "yes" on stdin, or when told not to ask. No answer is a no, so scripts must say `--yes`.
pub(crate) fn confirm(question: &str, yes: bool) -> anyhow::Result<()> {
    if yes {
        return Ok(());
    }
    if agreed(question)? {
        return Ok(());
    }
    bail!("not confirmed, nothing was done; --yes answers in advance")
}

/// Whether the answer on stdin is a yes.
pub(crate) fn agreed(question: &str) -> anyhow::Result<bool> {
    ask(question, &mut std::io::stdin().lock(), &mut std::io::stderr())
}

fn ask(question: &str, input: &mut dyn BufRead, output: &mut dyn Write) -> anyhow::Result<bool> {
    write!(output, "{question} [y/N] ").and_then(|()| output.flush()).context("cannot ask for confirmation")?;
    let mut answer = String::new();
    input.read_line(&mut answer).context("cannot read the confirmation")?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_a_yes() {
        for (answer, agreed) in [("y\n", true), ("YES\n", true), ("n\n", false), ("\n", false), ("", false)] {
            let mut shown = Vec::new();
            assert_eq!(ask("Sure?", &mut answer.as_bytes(), &mut shown).unwrap(), agreed, "{answer:?}");
            assert_eq!(shown, b"Sure? [y/N] ");
        }
    }
}
