//! `workflow start` and `workflow run`.

use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::ValueEnum as _;
use proto::temporal::api::workflowservice::v1::StartWorkflowExecutionRequest;

use super::history;
use crate::args::start::{ReusePolicy, StartArgs};
use crate::render::style::Ink;
use crate::render::table::Cell;
use crate::session::Session;
use crate::tctl::flag::Flag;
use crate::tctl::flag::workflow::{
    CRON, EXECUTION_TIMEOUT, REUSE_POLICY, RUN_TIMEOUT, TASK_QUEUE, TASK_TIMEOUT, WORKFLOW_ID, WORKFLOW_TYPE,
};
use crate::tctl::input;
use crate::tctl::render::grid::{Lines, grid};
use crate::tctl::render::structure;
use crate::tctl::words::Words;
use crate::workflow::start;

/// The longest text of arguments that is shown.
const LONGEST: usize = 200;

/// The prefix of the API's own names of policies.
const POLICY: &str = "WORKFLOW_ID_REUSE_POLICY_";

fn request(session: &Session<'_>, words: &Words) -> anyhow::Result<StartWorkflowExecutionRequest> {
    let args = StartArgs {
        workflow_id: words.text(&WORKFLOW_ID),
        task_queue: words.required(&TASK_QUEUE)?,
        workflow_type: words.required(&WORKFLOW_TYPE)?,
        execution_timeout: seconds(words, &EXECUTION_TIMEOUT)?,
        run_timeout: seconds(words, &RUN_TIMEOUT)?,
        task_timeout: seconds(words, &TASK_TIMEOUT)?.unwrap_or_default(),
        cron: words.text(&CRON),
        id_reuse_policy: Some(words.text(&REUSE_POLICY).map_or(Ok(ReusePolicy::AllowDuplicate), |text| policy(&text))?),
        memo: input::memo(words)?,
        search_attribute: input::search_attributes(words)?,
        ..StartArgs::default()
    };
    Ok(StartWorkflowExecutionRequest { input: input::inputs(words)?, ..start::request(session, args)? })
}

/// Whole seconds; zero is none.
fn seconds(words: &Words, flag: &Flag) -> anyhow::Result<Option<Duration>> {
    let Some(number) = words.number(flag).filter(|number| *number != 0) else { return Ok(None) };
    match u64::try_from(number) {
        Ok(seconds) => Ok(Some(Duration::from_secs(seconds))),
        Err(_) => bail!("--{} is a number of seconds, not {number}", flag.name()),
    }
}

fn policy(text: &str) -> anyhow::Result<ReusePolicy> {
    let plain = text.to_ascii_uppercase();
    let plain = plain.strip_prefix(POLICY).unwrap_or(&plain).replace('_', "");
    match ReusePolicy::from_str(&plain, true) {
        Ok(policy) => Ok(policy),
        Err(_) => bail!("--workflowidreusepolicy: {text:?} is none of {}", names()),
    }
}

fn names() -> String {
    let names = ReusePolicy::value_variants().iter().filter_map(|policy| policy.to_possible_value());
    names.map(|name| name.get_name().to_owned()).collect::<Vec<_>>().join(", ")
}

/// `start`.
pub(in crate::tctl) async fn start(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let request = request(session, words)?;
    let started = start::send(session, request, false).await.context("Failed to create workflow.")?;
    session.screen.text(&format!("Started Workflow Id: {}, run Id: {}\n", started.workflow_id, started.run_id))
}

/// `run`.
pub(in crate::tctl) async fn run(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let request = request(session, words)?;
    let kind = request.workflow_type.clone().unwrap_or_default().name;
    let queue = request.task_queue.clone().unwrap_or_default().name;
    let arguments = request.input.as_ref().map_or_else(|| "[]".to_owned(), |input| structure::payloads(Some(input)));
    let arguments: String = arguments.chars().take(LONGEST).collect();
    let started = start::send(session, request, false).await.context("Failed to run workflow.")?;
    let facts = [
        ("Workflow Id", started.workflow_id.clone()),
        ("Run Id", started.run_id.clone()),
        ("Type", kind),
        ("Namespace", session.namespace()),
        ("Task Queue", queue),
        ("Args", arguments),
    ];
    let rows: Vec<Vec<Cell>> = facts.into_iter().map(|(label, value)| vec![label.into(), value.into()]).collect();
    session.screen.say(Ink::Stopped, "Running execution:")?;
    let text = grid(&[], &rows, Lines::Between(":"), &session.screen.style);
    session.screen.text(&text)?;
    history::progress(session, words, started.workflow_id, started.run_id).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_go_by_short_and_long_names() {
        for text in
            ["AllowDuplicateFailedOnly", "allowduplicatefailedonly", "WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY"]
        {
            assert_eq!(policy(text).unwrap(), ReusePolicy::AllowDuplicateFailedOnly, "{text}");
        }
        assert!(policy("Sometimes").unwrap_err().to_string().contains("RejectDuplicate"));
    }
}
