//! What the state owes the world, done from memory once it is durable, and tried until it is acknowledged.
//!
//! A task names what is owed; the details are read from the state when it is tried, and so is whether it is still owed.

mod children;
mod external;
mod offer;
mod parent;

use std::sync::Arc;
use std::time::Duration;

use history_engine::{Input, Run, Task};
use model::RunId;
use rpc::Context;

use crate::chain::{Cell, Resident};
use crate::shell::Shell;

pub(crate) use offer::{offer_again, reoffer, unsure, withdraw_unowed};

/// How long one call to another service or chain may take.
const CALL: Duration = Duration::from_secs(10);

/// How one try ended.
pub(crate) enum Done {
    /// Acknowledged, or not owed any more.
    Yes,
    /// Try again at once: the state has changed.
    Again,
    /// Try again after a pause.
    Retry,
}

/// Starts the tasks that are not in progress already. The chain's cell is locked.
pub(crate) fn begin(shell: &Arc<Shell>, cell: &Arc<Cell>, resident: &mut Resident, tasks: Vec<Task>) {
    if tasks.is_empty() || shell.is_stopping() {
        return;
    }
    for task in tasks {
        // An activity that was handed out with the answer of its own turn, most of all.
        if matches!(task, Task::WorkflowTask { .. } | Task::ActivityTask { .. }) && !resident.owes(&task) {
            continue;
        }
        match resident.dispatching.get_mut(&task) {
            Some(again) => *again = true,
            None => {
                resident.dispatching.insert(task.clone(), false);
                let (shell, cell, generation) = (shell.clone(), cell.clone(), resident.generation);
                shell.clone().tracker.spawn(async move { see_through(&shell, &cell, generation, task).await });
            }
        }
    }
}

/// Tries one task until it is done, or until the memory that it was begun on is gone: what is read instead begins it anew.
async fn see_through(shell: &Arc<Shell>, cell: &Arc<Cell>, generation: u64, task: Task) {
    let (first, longest) = shell.options.dispatch_backoff;
    let mut wait = first;
    loop {
        let done = tokio::select! {
            biased;
            () = shell.stop.cancelled() => return end(cell, generation, &task),
            done = attempt(shell, cell, &task) => done,
        };
        match done {
            Done::Yes => match finish(cell, generation, &task) {
                true => return,
                false => wait = first,
            },
            _ if !cell.lives(generation) => return,
            Done::Again => wait = first,
            Done::Retry => {
                tokio::select! {
                    biased;
                    () = shell.stop.cancelled() => return end(cell, generation, &task),
                    () = tokio::time::sleep(wait) => wait = (wait * 2).min(longest),
                }
            }
        }
    }
}

/// Whether the task is over; not where it became owed again meanwhile.
fn finish(cell: &Cell, generation: u64, task: &Task) -> bool {
    let mut state = cell.lock();
    let resident = state.resident.as_mut().filter(|resident| resident.generation == generation);
    let Some(resident) = resident else { return true };
    if resident.dispatching.get_mut(task).is_some_and(std::mem::take) {
        return false;
    }
    resident.dispatching.remove(task);
    true
}

fn end(cell: &Cell, generation: u64, task: &Task) {
    if let Some(resident) = cell.lock().resident.as_mut().filter(|resident| resident.generation == generation) {
        resident.dispatching.remove(task);
    }
}

async fn attempt(shell: &Arc<Shell>, cell: &Arc<Cell>, task: &Task) -> Done {
    let Ok(_permit) = shell.dispatches.acquire().await else { return Done::Yes };
    match task {
        Task::WorkflowTask { .. } | Task::ActivityTask { .. } => offer::offer(shell, cell, task).await,
        // Boxed, so that the many offers are not moved around with room for these.
        _ => Box::pin(call(shell, cell, task)).await,
    }
}

async fn call(shell: &Arc<Shell>, cell: &Arc<Cell>, task: &Task) -> Done {
    match task {
        Task::WorkflowTask { .. } | Task::ActivityTask { .. } => Done::Yes,
        Task::StartChild { run, initiated_event_id } => children::start(shell, cell, task, *run, *initiated_event_id).await,
        Task::ScheduleChildFirstTask { run, initiated_event_id } => {
            children::schedule_first_task(shell, cell, task, *run, *initiated_event_id).await
        }
        Task::CloseChild { run, initiated_event_id } => children::close(shell, cell, task, *run, *initiated_event_id).await,
        Task::SignalExternal { run, initiated_event_id } => external::signal(shell, cell, task, *run, *initiated_event_id).await,
        Task::CancelExternal { run, initiated_event_id } => external::cancel(shell, cell, task, *run, *initiated_event_id).await,
        Task::ReportToParent { run } => parent::report(shell, cell, task, *run).await,
        Task::DeleteRun { run } => tell(shell, cell, Input::Deleted(*run)).await,
        Task::FlushBuffer { run } => tell(shell, cell, Input::FlushBuffer(*run)).await,
    }
}

/// Reads what a task needs from the state, if it is still owed.
fn owed<T>(cell: &Cell, task: &Task, read: impl FnOnce(&Run) -> Option<T>) -> Option<T> {
    let state = cell.lock();
    let resident = state.resident.as_ref()?;
    let run = resident.chain.run(task.run())?;
    if !run.owes(task) {
        return None;
    }
    read(run)
}

/// Brings an outcome home; `Retry` where it could not be stored.
async fn tell(shell: &Arc<Shell>, cell: &Arc<Cell>, input: Input) -> Done {
    match shell.turn_on(cell, &input).await {
        Ok(_) => Done::Yes,
        Err(error) if is_final(&error) => Done::Yes,
        Err(error) => {
            tracing::debug!(chain = %cell.key, %error, "the outcome of a task could not be stored yet");
            Done::Retry
        }
    }
}

/// Whether asking again gets the same answer.
fn is_final(error: &rpc::Error) -> bool {
    matches!(
        error,
        rpc::Error::NotFound(_)
            | rpc::Error::InvalidArgument(_)
            | rpc::Error::FailedPrecondition(_)
            | rpc::Error::ObsoleteTask
            | rpc::Error::TaskAlreadyStarted
            | rpc::Error::NamespaceNotFound(_)
    )
}

fn context() -> Context {
    Context::within(CALL)
}

/// The sender of a call on behalf of a run.
fn initiator(
    shell: &Shell,
    cell: &Cell,
    run: &Run,
    initiated_event_id: i64,
    initiated_event_version: i64,
    child_workflow_only: bool,
) -> Option<rpc::services::history::Initiator> {
    let execution = crate::wire::execution_of(&cell.key, run.id());
    let root = crate::visibility::started(run).and_then(|of| of.root_workflow_execution.clone());
    Some(rpc::services::history::Initiator {
        root: root.unwrap_or_else(|| execution.clone()),
        execution,
        namespace: shell.namespace(cell.key.namespace)?,
        initiated_event_id,
        initiated_event_version,
        child_workflow_only,
    })
}

/// The namespace that a command names: by id, or the sender's own.
fn target_namespace(shell: &Shell, cell: &Cell, id: &str) -> Option<rpc::services::NamespaceRef> {
    let id = if id.is_empty() { cell.key.namespace } else { model::NamespaceId::parse(id).ok()? };
    shell.namespace(id)
}

/// Who acts for the workflows of a namespace.
const IDENTITY: &str = "history-service";

fn to(run: RunId, initiated_event_id: i64) -> history_engine::ToInitiator {
    history_engine::ToInitiator { run, initiated_event_id }
}
