//! The reckoning: every workflow, every run, every note, every result, every attempt.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use acceptance::client::Client;
use acceptance::histories;
use anyhow::{Context, bail, ensure};
use proto::temporal::api::enums::v1::{EventType, WorkflowExecutionStatus};

use super::load::Ledger;

/// After the last kill, workflows may take so long to end.
const PATIENCE: Duration = Duration::from_secs(90);

/// All runs of one workflow, children included.
#[derive(Default)]
struct Account {
    runs: usize,
    children: usize,
    continued: usize,
    notes: Vec<String>,
    results: Vec<String>,
    outcome: Option<serde_json::Value>,
}

/// Checks everything; returns what was counted, in a sentence.
pub(super) async fn everything(client: &Client, ledger: &Ledger, folder: &Path) -> anyhow::Result<String> {
    let mut accounts = BTreeMap::new();
    for (id, run, _) in &ledger.starts {
        let status = client.wait_until_closed(id, PATIENCE).await?;
        ensure!(status == WorkflowExecutionStatus::Completed, "{id} ended as {status:?}");
        let account = account(client, id, run).await.with_context(|| format!("{id} {run}"))?;
        check_outcome(&account).with_context(|| format!("{id} {run}"))?;
        accounts.insert(id.as_str(), account);
    }
    for (id, note) in &ledger.notes {
        let account = accounts.get(id.as_str()).context("a note without a start")?;
        let times = account.notes.iter().filter(|text| text.trim_matches('"') == note).count();
        // A request that is sent again is known again by the run that took it, not by the next run.
        let known = if account.continued > 0 { times >= 1 } else { times == 1 };
        ensure!(known, "the server acknowledged '{note}', the history has it {times} times");
    }
    let results: BTreeSet<&str> = accounts.values().flat_map(|account| &account.results).map(String::as_str).collect();
    let acknowledged = std::fs::read_to_string(folder.join("acknowledged"))?;
    for line in acknowledged.lines() {
        ensure!(results.contains(line), "the server acknowledged the result {line}, no history has it");
    }
    let attempts = attempts(&folder.join("bodies"))?;
    let sum = |what: fn(&Account) -> usize| accounts.values().map(what).sum::<usize>();
    let (runs, children, continued) = (sum(|a| a.runs), sum(|a| a.children), sum(|a| a.continued));
    Ok(format!(
        "{} workflows completed, {runs} histories whole ({continued} continued as new, {children} children); {} starts, {} \
         signals and {} results acknowledged, 0 missing; {} attempts of {} activities, 0 ran twice",
        accounts.len(),
        ledger.starts.len(),
        ledger.notes.len(),
        acknowledged.lines().count(),
        attempts.ran,
        attempts.activities,
    ))
}

async fn account(client: &Client, id: &str, first: &str) -> anyhow::Result<Account> {
    let mut account = Account::default();
    let mut run = first.to_owned();
    loop {
        let events = client.history(id, &run).await?;
        let end = histories::check_closed(&events)?;
        account.runs += 1;
        account.notes.extend(histories::signals(&events, "note"));
        account.results.extend(histories::activity_results(&events));
        for (child, run) in histories::children(&events) {
            let events = client.history(&child, &run).await?;
            let end = histories::check_closed(&events).with_context(|| format!("child {child}"))?;
            ensure!(end == EventType::WorkflowExecutionCompleted, "child {child} ended with {end:?}");
            account.children += 1;
            account.runs += 1;
            account.results.extend(histories::activity_results(&events));
        }
        match (end, histories::next_run(&events)) {
            (EventType::WorkflowExecutionContinuedAsNew, Some(next)) => {
                account.continued += 1;
                run = next;
            }
            (EventType::WorkflowExecutionCompleted, None) => {
                account.outcome = histories::result(&events);
                return Ok(account);
            }
            _ => bail!("run {run} ended with {end:?}"),
        }
    }
}

/// Five results, in order; the workflow itself saw every note.
fn check_outcome(account: &Account) -> anyhow::Result<()> {
    let outcome = account.outcome.as_ref().context("no result")?;
    let done = outcome["Activities"].as_array().context("no activities")?;
    ensure!(done.len() == 5, "{} activities", done.len());
    for (step, result) in (1..).zip(done) {
        let result = result.as_str().unwrap_or_default();
        ensure!(result.ends_with(&format!("/{step}")), "activity {step} returned {result}");
    }
    let seen: BTreeSet<&str> = outcome["Notes"].as_array().into_iter().flatten().filter_map(|note| note.as_str()).collect();
    let recorded: BTreeSet<&str> = account.notes.iter().map(|note| note.trim_matches('"')).collect();
    ensure!(seen == recorded, "the workflow saw {seen:?}, its histories have {recorded:?}");
    Ok(())
}

struct Attempts {
    activities: usize,
    ran: usize,
}

/// Reads what the bodies wrote, each activity in a file of its own.
fn attempts(folder: &Path) -> anyhow::Result<Attempts> {
    let mut found = Attempts { activities: 0, ran: 0 };
    for entry in std::fs::read_dir(folder)? {
        let text = std::fs::read_to_string(entry?.path())?;
        let mut seen = BTreeSet::new();
        for line in text.lines() {
            ensure!(seen.insert(line), "this attempt ran twice: {line}");
        }
        found.activities += 1;
        found.ran += seen.len();
    }
    ensure!(found.activities > 0, "no body ran");
    Ok(found)
}
