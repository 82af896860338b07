//! One input, one turn: a file per verb below.

mod activity;
mod activity_canceled;
mod activity_completed;
mod activity_failed;
mod activity_heartbeat;
mod activity_spilled;
pub(crate) mod activity_started;
mod child_close_policy_applied;
mod child_closed;
mod child_first_task_scheduled;
mod child_started;
mod due;
mod external_canceled;
mod external_signaled;
mod parent_reported;
pub(crate) mod wake;
pub(crate) mod workflow_task;

use crate::chain::Chain;
use crate::decision::Decision;
use crate::env::Env;
use crate::input::Input;
use crate::rejection::Rejection;
use crate::turn::Turn;

/// Decides what an input does to a chain. Same arguments, same decision.
///
/// # Errors
/// A [`Rejection`] leaves no trace. [`Rejection::RunNotLoaded`] asks the caller to load that run and decide again.
pub fn decide(chain: &Chain, input: &Input, env: &Env) -> Result<Decision, Rejection> {
    let turn = Turn::new(chain, env);
    match input {
        Input::Wake => wake::decide(turn),
        Input::StartActivityTask(of) => activity_started::decide(turn, of),
        Input::CompleteActivity(of) => activity_completed::decide(turn, of),
        Input::FailActivity(of) => activity_failed::decide(turn, of),
        Input::CancelActivity(of) => activity_canceled::decide(turn, of),
        Input::Heartbeat(of) => activity_heartbeat::decide(turn, of),
        Input::ActivitySpilled(of) => activity_spilled::decide(turn, of),
        Input::ChildStarted(of) => child_started::decide(turn, of),
        Input::ChildFirstTaskScheduled(of) => child_first_task_scheduled::decide(turn, *of),
        Input::ChildClosed(of) => child_closed::decide(turn, of),
        Input::ChildClosePolicyApplied(of) => child_close_policy_applied::decide(turn, *of),
        Input::ParentReported(run) => parent_reported::decide(turn, *run),
        Input::ExternalSignaled(of) => external_signaled::decide(turn, of),
        Input::ExternalCanceled(of) => external_canceled::decide(turn, of),
        _ => Err(Rejection::Unavailable("not decided".to_owned())),
    }
}
