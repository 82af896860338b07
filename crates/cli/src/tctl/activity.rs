//! `tctl activity ...`. Results and details are texts, whatever they look like.

use anyhow::Context as _;

use super::flag::workflow::{ACTIVITY_ID, DETAIL, FAIL_REASON, IDENTITY, RESULT, RUN_ID, WORKFLOW_ID};
use super::input;
use super::words::Words;
use crate::activity;
use crate::args::activity::ActivityReference;
use crate::session::Session;

fn which(words: &Words) -> anyhow::Result<ActivityReference> {
    Ok(ActivityReference {
        workflow_id: words.required(&WORKFLOW_ID)?,
        run_id: words.required(&RUN_ID)?,
        activity_id: words.required(&ACTIVITY_ID)?,
    })
}

/// `complete`.
pub(super) async fn complete(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let (which, result) = (which(words)?, input::text(words.required(&RESULT)?));
    session.connection.identity = words.required(&IDENTITY)?;
    activity::complete_one(session, which, result).await.context("Completing activity failed")?;
    session.screen.text("Complete activity successfully.\n")
}

/// `fail`.
pub(super) async fn fail(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let which = which(words)?;
    let (reason, details) = (words.required(&FAIL_REASON)?, input::text(words.required(&DETAIL)?));
    session.connection.identity = words.required(&IDENTITY)?;
    activity::fail_one(session, which, reason, Some(details)).await.context("Failing activity failed")?;
    session.screen.text("Fail activity successfully.\n")
}
