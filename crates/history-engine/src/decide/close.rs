//! A run ends: its last event, and what is counted.

use model::RunId;

use crate::decision::{Counted, Effect};
use crate::time::timestamp_opt;
use crate::turn::{EventDraft, Turn};

/// Writes the last event of a run.
pub(crate) fn close(turn: &mut Turn<'_>, run: RunId, last: impl Into<EventDraft>) {
    turn.event(run, last);
    let Some(state) = turn.chain.run(run) else { return };
    let began = state.state().started_event.as_ref().and_then(|event| timestamp_opt(event.event_time.as_ref()));
    let ended = timestamp_opt(state.state().close_time.as_ref());
    let latency = ended.unwrap_or_default().since(began.or(ended).unwrap_or_default());
    let latency_nanos = i64::try_from(latency.as_nanos()).unwrap_or(i64::MAX);
    let status = state.status();
    turn.effect(Effect::Counted(Counted::WorkflowClosed { status, latency_nanos }));
}
