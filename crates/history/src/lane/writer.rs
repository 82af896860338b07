//! The writer task: takes what has gathered, commits it, and lets it speak.

use std::sync::Arc;

use persistence::LaneState;

use super::outcome::{Attempt, attempt};
use super::queue::LaneTurn;
use crate::chain::speak;
use crate::error::Error;
use crate::shell::Shell;

/// Commits batch after batch until the lane is closed and empty, or somebody else owns it.
pub(crate) async fn write(shell: Arc<Shell>, mut at: LaneState) -> Result<(), Error> {
    while let Some(turns) = shell.lane.next(&shell.options).await {
        if let Err(fenced) = land(&shell, &mut at, turns).await {
            shell.lane.close();
            for turn in shell.lane.drain() {
                speak::failed(&shell, turn, &crate::error::fenced());
            }
            shell.forget_everything();
            return Err(fenced);
        }
    }
    Ok(())
}

/// Brings these turns to an end, in order. A batch that the store refuses twice is halved until the turn that cannot be stored
/// stands alone; it fails, with what its chain queued behind it.
async fn land(shell: &Arc<Shell>, at: &mut LaneState, turns: Vec<LaneTurn>) -> Result<(), Error> {
    let mut stack = vec![turns];
    while let Some(part) = stack.pop() {
        let mut live = Vec::with_capacity(part.len());
        for turn in part {
            if turn.cell.lives(turn.generation) {
                live.push(turn);
            } else {
                speak::failed(shell, turn, &crate::error::not_stored());
            }
        }
        if live.is_empty() {
            continue;
        }
        match attempt(shell, at, &live).await {
            Attempt::Landed { lost } => {
                for turn in live {
                    speak::landed(shell, turn, &lost);
                }
            }
            Attempt::Fenced => {
                for turn in live.into_iter().chain(stack.into_iter().rev().flatten()) {
                    speak::failed(shell, turn, &crate::error::fenced());
                }
                return Err(Error::Fenced);
            }
            Attempt::Refused => match live.len() {
                0 | 1 => {
                    for turn in live {
                        tracing::error!(chain = %turn.cell.key, "a turn cannot be stored; its chain is reloaded");
                        speak::failed_alone(shell, turn);
                    }
                }
                n => {
                    let back = live.split_off(n / 2);
                    stack.push(back);
                    stack.push(live);
                }
            },
        }
    }
    Ok(())
}
