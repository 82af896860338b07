//! Programs in the official SDKs, run against a server.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

/// What a program printed, and how many proofs passed in it.
#[derive(Debug)]
pub struct Report {
    /// Proofs that passed.
    pub passed: usize,
    /// Everything it printed.
    pub text: String,
}

/// Runs the Go programs' tests, all or those whose name matches `only`.
///
/// # Errors
/// Where one fails; with the output.
pub fn go_tests(address: &str, only: Option<&str>) -> anyhow::Result<Report> {
    let folder = crate::checkout().join("examples/go");
    let mut words = vec!["test", "-count=1", "-v"];
    if let Some(only) = only {
        words.extend(["-run", only]);
    }
    words.push("./...");
    let text = output(Command::new("go").args(words).current_dir(folder), address)?;
    let passed = text.lines().filter(|line| line.starts_with("--- PASS")).count();
    ensure!(passed > 0, "no Go test ran:\n{text}");
    Ok(Report { passed, text })
}

/// Runs `examples/LANGUAGE/run`, which ends with `N passed, M failed`.
///
/// # Errors
/// Where a proof fails or the seven are not all there; with the output.
pub fn sdk(language: &str, address: &str) -> anyhow::Result<Report> {
    let folder = crate::checkout().join("examples").join(language);
    let text = output(Command::new(Path::new("./run")).current_dir(folder), address)?;
    let passed = text.lines().filter(|line| line.starts_with("ok ")).count();
    ensure!(passed >= 7, "only {passed} of the seven passed:\n{text}");
    Ok(Report { passed, text })
}

fn output(command: &mut Command, address: &str) -> anyhow::Result<String> {
    let done = command
        .env("TEMPORAL_ADDRESS", address)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {command:?}"))?;
    let text = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    let tail: String = text.lines().rev().take(150).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n");
    ensure!(done.status.success(), "{command:?} failed ({}):\n{tail}", done.status);
    Ok(text)
}
