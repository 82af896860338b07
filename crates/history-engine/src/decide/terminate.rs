//! A run is ended from outside: by a user, by its parent's close policy, for a new run, or because it outgrew a limit.

use bytes::Bytes;
use model::RunId;
use proto::temporal::api::common::v1::{Link, Payload, Payloads};
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;
use proto::temporal::api::history::v1::{WorkflowExecutionTerminatedEventAttributes, history_event::Attributes as A};

use super::workflow_task::{self, Failing};
use super::{buffer, close, target};
use crate::decision::{Answer, Decision};
use crate::input::Terminate;
use crate::rejection::Rejection;
use crate::turn::{EventDraft, Turn};

/// Who acts where nobody did. Source: Temporal's `IdentityHistoryService`.
pub(crate) const HISTORY_SERVICE: &str = "history-service";

pub(crate) fn decide(mut turn: Turn<'_>, input: &Terminate) -> Result<Decision, Rejection> {
    let request = &input.request;
    let run = target::in_chain(&turn, request.workflow_execution.as_ref(), &request.first_execution_run_id)?;
    if !turn.run(run)?.is_open() {
        return Err(Rejection::closed());
    }
    target::is_of_chain(turn.run(run)?, &request.first_execution_run_id)?;
    if let Some(parent) = &input.from_parent {
        target::is_child_of(turn.run(run)?, parent)?;
    }
    let or = |given: &str, default: &str| if given.is_empty() { default.to_owned() } else { given.to_owned() };
    let why = Why {
        reason: or(&request.reason, "terminated by user via frontend"),
        details: request.details.clone(),
        identity: or(&request.identity, "frontend-service"),
        links: request.links.clone(),
    };
    terminate(&mut turn, run, why);
    Ok(turn.done(Answer::Done))
}

/// What the last event says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Why {
    pub(crate) reason: String,
    pub(crate) details: Option<Payloads>,
    pub(crate) identity: String,
    pub(crate) links: Vec<Link>,
}

impl Why {
    /// The history service itself has a reason.
    pub(crate) fn ours(reason: &str) -> Self {
        Self { reason: reason.to_owned(), identity: HISTORY_SERVICE.to_owned(), ..Self::default() }
    }
}

/// Ends an open run; nothing follows it.
pub(crate) fn terminate(turn: &mut Turn<'_>, run: RunId, why: Why) {
    force_close(turn, run);
    let attributes =
        WorkflowExecutionTerminatedEventAttributes { reason: why.reason, details: why.details, identity: why.identity };
    let draft = EventDraft {
        attributes: Some(A::WorkflowExecutionTerminatedEventAttributes(attributes)),
        links: why.links,
        ..EventDraft::default()
    };
    close::close(turn, run, draft);
}

/// Takes the workflow task from its worker and writes what waited for it, so that the end can follow.
pub(crate) fn force_close(turn: &mut Turn<'_>, run: RunId) {
    if turn.chain.run(run).is_some_and(|state| state.workflow_task_is_started()) {
        let identity = HISTORY_SERVICE.to_owned();
        workflow_task::fail_started(turn, run, Failing { cause: Cause::ForceCloseCommand, identity, ..Failing::default() });
    }
    buffer::flush(turn, run);
}

/// A start that was told to end the open run.
pub(crate) fn replaced(turn: &mut Turn<'_>, old: RunId, new: RunId) {
    let text = format!("\"terminated by new runID: {new}\"");
    let metadata = [("encoding".to_owned(), Bytes::from_static(b"json/plain"))].into_iter().collect();
    let payload = Payload { metadata, data: Bytes::from(text), ..Payload::default() };
    let why =
        Why { details: Some(Payloads { payloads: vec![payload] }), ..Why::ours("TerminateIfRunning WorkflowIdReusePolicy") };
    terminate(turn, old, why);
}
