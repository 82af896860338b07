//! What a turn must not leave behind: a buffer that overflows, a run that outgrew its limits. Checked once, when a turn ends.

use std::collections::BTreeSet;

use model::RunId;
use proto::temporal::api::enums::v1::WorkflowTaskFailedCause as Cause;

use super::terminate::{self, HISTORY_SERVICE, Why};
use super::workflow_task::{self, Failing};
use crate::decision::{Effect, NearLimit};
use crate::rejection::Rejection;
use crate::state::Run;
use crate::turn::Turn;

/// Enforces the limits on every open run that the turn changed. A run that outgrew one is terminated instead of what the turn
/// would have done, and the caller learns it.
pub(crate) fn enforce(turn: &mut Turn<'_>) -> Option<Rejection> {
    for run in turn.touched() {
        relieve(turn, run);
        let (Some(before), Some(state)) = (turn.original().run(run), turn.chain.run(run)) else { continue };
        if let Some(reason) = outgrown(turn, before, state) {
            turn.discard();
            terminate::terminate(turn, run, Why::ours(reason));
            return Some(Rejection::InvalidArgument(reason.to_owned()));
        }
        if !state.is_open() {
            continue;
        }
        for limit in near(turn, state) {
            turn.effect(Effect::NearLimit { run, limit });
        }
    }
    None
}

/// A worker that sits on its task while events pile up loses it.
fn relieve(turn: &mut Turn<'_>, run: RunId) {
    let limits = &turn.env.limits;
    let Some(state) = turn.chain.run(run).filter(|state| state.is_open() && state.workflow_task_is_started()) else { return };
    let buffered = &state.state().buffered_events;
    if buffered.len() <= limits.buffered_events && state.buffered_bytes() <= limits.buffered_bytes {
        return;
    }
    let identity = HISTORY_SERVICE.to_owned();
    workflow_task::fail_started(turn, run, Failing { cause: Cause::ForceCloseCommand, identity, ..Failing::default() });
    workflow_task::schedule(turn, run);
}

fn outgrown(turn: &Turn<'_>, before: &Run, run: &Run) -> Option<&'static str> {
    let (limits, state) = (&turn.env.limits, run.state());
    let added = state.history_size_bytes.saturating_sub(before.state().history_size_bytes);
    if before.is_open() && added > limits.transaction_bytes {
        return Some("Transaction size exceeds limit.");
    }
    if !run.is_open() {
        return None;
    }
    if state.history_size_bytes > limits.history_error_bytes {
        return Some("Workflow history size exceeds limit.");
    }
    if state.next_event_id.saturating_sub(1) > limits.history_error_count {
        return Some("Workflow history count exceeds limit.");
    }
    // State is what history brought and what is pending: measured only where these could be too much.
    let most = usize::try_from(state.history_size_bytes).unwrap_or(usize::MAX).saturating_add(run.pending_bytes());
    let too_large =
        most.saturating_add(run.buffered_bytes()) > limits.state_error_bytes && run.stored_bytes() > limits.state_error_bytes;
    too_large.then_some("Workflow mutable state size exceeds limit.")
}

/// Limits whose warning mark was passed in this turn.
fn near(turn: &Turn<'_>, run: &Run) -> BTreeSet<NearLimit> {
    let Some(before) = turn.original().run(run.id()).map(Run::state) else { return BTreeSet::new() };
    let (limits, after) = (&turn.env.limits, run.state());
    let passed = |before: i64, after: i64, mark: i64| before <= mark && after > mark;
    let size = passed(before.history_size_bytes, after.history_size_bytes, limits.history_warn_bytes);
    let count = passed(before.next_event_id - 1, after.next_event_id - 1, limits.history_warn_count);
    size.then_some(NearLimit::HistorySize).into_iter().chain(count.then_some(NearLimit::HistoryCount)).collect()
}
