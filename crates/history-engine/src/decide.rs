//! One input, one turn: a file per verb below.

mod activity;
mod activity_canceled;
mod activity_completed;
mod activity_failed;
mod activity_heartbeat;
mod activity_spilled;
pub(crate) mod activity_started;
pub(crate) mod buffer;
mod child_close_policy_applied;
mod child_closed;
mod child_first_task_scheduled;
mod child_started;
pub(crate) mod close;
mod delete;
mod due;
mod external_canceled;
mod external_signaled;
mod leave;
pub(crate) mod limits;
pub(crate) mod new_run;
pub(crate) mod next_run;
mod parent_reported;
mod request_cancel;
mod signal;
mod start;
pub(crate) mod target;
pub(crate) mod terminate;
mod timeouts;
pub(crate) mod wake;
pub(crate) mod workflow_task;
pub(crate) mod workflow_task_completed;
mod workflow_task_failed;
mod workflow_task_moved;
mod workflow_task_started;

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
    let mut turn = Turn::new(chain, env);
    // What comes now must not overtake what waited before a crash.
    buffer::flush_left_over(&mut turn);
    match input {
        Input::Start(of) => start::decide(turn, of),
        Input::SignalWithStart(of) => signal::with_start(turn, of),
        Input::Signal(of) => signal::decide(turn, of),
        Input::RequestCancel(of) => request_cancel::decide(turn, of),
        Input::Terminate(of) => terminate::decide(turn, of),
        Input::Delete(run) => delete::decide(turn, *run),
        Input::Deleted(run) => delete::done(turn, *run),
        Input::StartWorkflowTask(of) => workflow_task_started::decide(turn, of),
        Input::CompleteWorkflowTask(of) => workflow_task_completed::decide(turn, of),
        Input::FailWorkflowTask(of) => workflow_task_failed::decide(turn, of),
        Input::ResetStickyQueue(run) => workflow_task_moved::to_the_normal_queue(turn, *run),
        Input::ScheduleFirstWorkflowTask(run) => workflow_task_moved::first(turn, *run),
        Input::WorkflowTaskOffered(of) => workflow_task_moved::offered(turn, of),
        Input::WorkflowTaskSpilled(of) => workflow_task_moved::spilled(turn, of),
        Input::FlushBuffer(run) => buffer::decide(turn, *run),
        Input::WriteVolatile(run) => leave::decide(turn, *run),
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
    }
}
