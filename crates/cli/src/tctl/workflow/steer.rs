//! `workflow cancel`, `signal` and `terminate`: one execution, or all that a filter selects.

use anyhow::Context as _;
use proto::temporal::api::batch::v1::{BatchOperationCancellation, BatchOperationSignal, BatchOperationTermination};
use proto::temporal::api::workflowservice::v1::StartBatchOperationRequest;
use proto::temporal::api::workflowservice::v1::start_batch_operation_request::Operation;

use super::execution;
use crate::connection::user;
use crate::session::Session;
use crate::tctl::admin::confirm;
use crate::tctl::flag::workflow::{QUERY, REASON, SIGNAL_NAME, YES};
use crate::tctl::input;
use crate::tctl::words::Words;
use crate::workflow::{steer, target};

/// `cancel`.
pub(in crate::tctl) async fn cancel(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    if let Some(query) = words.text(&QUERY) {
        let cancel = BatchOperationCancellation { identity: user() };
        return batch(session, words, query, Operation::CancellationOperation(cancel)).await;
    }
    let reason = words.text(&REASON).unwrap_or_default();
    steer::cancel_one(session, execution(words)?, reason).await.context("Cancel workflow failed.")?;
    session.screen.text("Cancel workflow succeeded.\n")
}

/// `signal`.
pub(in crate::tctl) async fn signal(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let identity = if words.text(&QUERY).is_some() { user() } else { session.identity() };
    let signal =
        BatchOperationSignal { signal: words.required(&SIGNAL_NAME)?, input: input::inputs(words)?, header: None, identity };
    if let Some(query) = words.text(&QUERY) {
        return batch(session, words, query, Operation::SignalOperation(signal)).await;
    }
    steer::signal_one(session, execution(words)?, signal).await.context("Signal workflow failed.")?;
    session.screen.text("Signal workflow succeeded.\n")
}

/// `terminate`.
pub(in crate::tctl) async fn terminate(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    if let Some(query) = words.text(&QUERY) {
        let terminate = BatchOperationTermination { identity: user(), details: None };
        return batch(session, words, query, Operation::TerminationOperation(terminate)).await;
    }
    let reason = words.text(&REASON).unwrap_or_default();
    steer::terminate_one(session, execution(words)?, reason).await.context("Terminate workflow failed.")?;
    session.screen.text("Terminate workflow succeeded.\n")
}

async fn batch(session: &mut Session<'_>, words: &Words, query: String, operation: Operation) -> anyhow::Result<()> {
    let count = target::count_selected(session, query.clone()).await.context("unable to count impacted workflows")?;
    confirm(&format!("Start a batch job over about {count} workflows?"), words.on(&YES))?;
    let job = StartBatchOperationRequest {
        visibility_query: query,
        reason: words.text(&REASON).unwrap_or_default(),
        operation: Some(operation),
        ..StartBatchOperationRequest::default()
    };
    let job_id = target::submit_batch(session, job).await.context("unable to start batch job")?;
    session.screen.text(&format!("Batch job {job_id} is started\n"))
}
