//! `tctl workflow ...`.

pub(super) mod ask;
pub(super) mod history;
pub(super) mod list;
pub(super) mod start;
pub(super) mod steer;

use anyhow::bail;
use proto::temporal::api::common::v1::WorkflowExecution;

use super::flag::workflow::{RUN_ID, WORKFLOW_ID};
use super::words::Words;

/// The execution that flags or, in commands that take them, arguments name.
pub(super) fn execution(words: &Words) -> anyhow::Result<WorkflowExecution> {
    let named = |workflow_id: &String, run_id| WorkflowExecution { workflow_id: workflow_id.clone(), run_id };
    match words.arguments().as_slice() {
        [] => {
            let workflow_id = words.required(&WORKFLOW_ID)?;
            Ok(WorkflowExecution { workflow_id, run_id: words.text(&RUN_ID).unwrap_or_default() })
        }
        [workflow_id] => Ok(named(workflow_id, String::new())),
        [workflow_id, run_id] => Ok(named(workflow_id, run_id.clone())),
        _ => bail!("write WORKFLOW_ID [RUN_ID]"),
    }
}

/// Asks whether to show the next page; an empty line, or the end of the input, is a yes.
pub(super) fn another_page() -> anyhow::Result<bool> {
    use std::io::Write as _;
    let mut out = std::io::stderr();
    write!(out, "Press Enter to show the next page, any other key and Enter to stop: ").and_then(|()| out.flush())?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().is_empty())
}
