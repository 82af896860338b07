//! What the outcome of a commit means: landed, refused for good, fenced; an unknown one is resolved here, by the lane's own row.

use std::sync::Arc;

use model::RunKey;
use persistence::{Batch, LaneState, Outcome};
use tokio::time::Instant;

use super::acquire::reacquire;
use super::batch::compose;
use super::queue::LaneTurn;
use crate::shell::Shell;

/// How a batch ended, for sure.
pub(super) enum Attempt {
    /// Durable; these starts lost against a run that existed.
    Landed { lost: Vec<RunKey> },
    /// The store works, but does not take this batch.
    Refused,
    /// Somebody else owns the lane.
    Fenced,
}

/// Commits the turns as one batch: once more after a failure, and until the outcome is known.
pub(super) async fn attempt(shell: &Arc<Shell>, at: &mut LaneState, turns: &[LaneTurn]) -> Attempt {
    let batch = compose(turns);
    if batch.is_empty() {
        return Attempt::Landed { lost: Vec::new() };
    }
    let mut failures = 0;
    loop {
        let began = Instant::now();
        let outcome = shell.ports.stores.lanes.commit(at, &batch).await;
        shell.metrics.committed(turns.len(), began.elapsed(), label(&outcome));
        match outcome {
            Outcome::Landed { lost_starts } => {
                at.seq += 1;
                return Attempt::Landed { lost: lost_starts };
            }
            Outcome::Fenced => return Attempt::Fenced,
            Outcome::Failed(error) => {
                failures += 1;
                tracing::warn!(%error, turns = turns.len(), "a commit failed");
                if failures >= 2 && reachable(shell, at).await {
                    return Attempt::Refused;
                }
            }
            #[cfg(feature = "planted-bugs")]
            Outcome::Unknown(_) if model::planted::Bug::UnknownTakenForDone.is_planted() => {
                at.seq += 1;
                return Attempt::Landed { lost: Vec::new() };
            }
            Outcome::Unknown(error) => {
                tracing::warn!(%error, turns = turns.len(), "a commit ended unknown; acquiring the lane anew");
                let seq = at.seq;
                let Some(state) = reacquire(shell, at).await else { return Attempt::Fenced };
                *at = state;
                match at.seq.checked_sub(seq) {
                    Some(0) => {}
                    Some(1) => return Attempt::Landed { lost: lost_starts(shell, &batch).await },
                    // Batches that were never sent, or acknowledged ones that are gone: memory is worth nothing.
                    _ => return Attempt::Fenced,
                }
            }
        }
    }
}

/// Whether the store answers at all: a batch is only to blame if it does. Waits a little where it does not.
async fn reachable(shell: &Arc<Shell>, at: &LaneState) -> bool {
    match shell.ports.stores.lanes.lane(at.lane).await {
        Ok(_) => true,
        Err(error) => {
            tracing::warn!(%error, "the store cannot be reached");
            tokio::time::sleep(shell.options.store_retry).await;
            false
        }
    }
}

/// Which starts of a batch that landed unseen have no row.
async fn lost_starts(shell: &Arc<Shell>, batch: &Batch) -> Vec<RunKey> {
    let mut lost = Vec::new();
    for start in &batch.starts {
        loop {
            match shell.ports.stores.lanes.load(&start.key.chain, Some(start.key.run)).await {
                Ok(loaded) => {
                    if !loaded.runs.iter().any(|run| run.row.key == start.key) {
                        lost.push(start.key.clone());
                    }
                    break;
                }
                Err(error) => {
                    tracing::warn!(%error, "looking for a start failed");
                    tokio::time::sleep(shell.options.store_retry).await;
                }
            }
        }
    }
    lost
}

const fn label(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Landed { .. } => "landed",
        Outcome::Fenced => "fenced",
        Outcome::Failed(_) => "failed",
        Outcome::Unknown(_) => "unknown",
    }
}
