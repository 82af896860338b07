//! Workflow and activity tasks go to matching; it keeps them until a worker polls, or spills them to its stored backlog.

use std::sync::Arc;

use history_engine::{ActivityAttempt, Input, Run, Task, WorkflowTaskAttempt};
use model::{MemberId, RunKey, TaskQueueKind, TaskQueueName, Timestamp};
use proto::temporal::api::enums::v1::TaskQueueKind as WireKind;
use proto::temporal::api::history::v1::history_event::Attributes;
use rpc::services::matching::Offer;

use super::{Done, context, owed};
use crate::chain::{Cell, Held, Resident};
use crate::shell::Shell;
use crate::wire::{duration, timestamp};

/// The priority of what names none.
const DEFAULT_PRIORITY: i32 = 3;
/// The least urgent.
const LAST_PRIORITY: i32 = 5;

/// Offers a task to the owner of its queue.
pub(super) async fn offer(shell: &Arc<Shell>, cell: &Arc<Cell>, task: &Task) -> Done {
    let Some(offer) = owed(cell, task, |run| compose(cell, run, task)) else { return Done::Yes };
    let Some(namespace) = shell.namespace(cell.key.namespace) else { return Done::Yes };
    let Ok(matching) = shell.ports.matching.owner(namespace.id, offer.kind, &offer.queue) else { return Done::Retry };
    match matching.offer(&context(), &namespace, offer.clone()).await {
        Ok(receipt) if receipt.spilled => {
            // It will not be owed any more, but must not be taken back for that.
            if let Some(resident) = cell.lock().resident.as_mut() {
                resident.offers.remove(task);
            }
            Box::pin(super::tell(shell, cell, spilled(task))).await
        }
        Ok(receipt) => {
            let ought = shell.ports.matching.owner_of(namespace.id, offer.kind, &offer.queue);
            if let Some(resident) = cell.lock().resident.as_mut()
                && resident.owes(task)
            {
                note(shell, resident, task, offer, receipt.owner);
            }
            // Whoever took it sees another ring than we do, and one of us is behind: offered until both see the same.
            if ought.is_none_or(|ought| ought == receipt.owner) { Done::Yes } else { Done::Retry }
        }
        Err(rpc::Error::StickyWorkerUnavailable) => {
            match Box::pin(super::tell(shell, cell, Input::ResetStickyQueue(Some(task.run())))).await {
                Done::Yes => Done::Again,
                other => other,
            }
        }
        Err(error) if super::is_final(&error) => {
            tracing::warn!(chain = %cell.key, %error, "matching refuses a task");
            Done::Retry
        }
        Err(_) => Done::Retry,
    }
}

/// Remembers who has a task. The oftener the same incarnation takes it, the longer its word is good.
fn note(shell: &Shell, resident: &mut Resident, task: &Task, offer: Offer, by: MemberId) {
    let (first, longest) = shell.options.offer_again;
    let before = resident.offers.get(task).filter(|held| held.by == by && held.offer.queue == offer.queue);
    let trust = before.map_or(first, |held| (held.trust * 2).min(longest));
    // Up to a fifth less, so that what was offered together is not offered again together.
    let [.., last] = *offer.key.run.as_bytes();
    let until = shell.ports.clock.now() + trust - trust.mul_f64(f64::from(last) / 1_280.0);
    resident.offers.insert(task.clone(), Box::new(Held { offer, by, trust, until }));
}

/// Those of the tasks that matching may not have any more.
///
/// A task that was taken stays in the memory of that incarnation until a worker has it, and nobody tells history if it does
/// not: so a task is offered again at once where its queue has another owner by now, or where the queue is a sticky one, which
/// goes with its worker; and once in a while all the same, against a bug. To offer everything each time it is looked at would
/// keep a core busy where many workflows wait for a worker.
pub(crate) fn unsure(shell: &Shell, resident: &Resident, mut owed: Vec<Task>, now: Timestamp) -> Vec<Task> {
    let namespace = resident.chain.key().namespace;
    let has = |held: &Held| {
        let Held { offer, by, until, .. } = held;
        !offer.sticky && now < *until && shell.ports.matching.owner_of(namespace, offer.kind, &offer.queue) == Some(*by)
    };
    owed.retain(|task| !resident.offers.get(task).is_some_and(|held| has(held)));
    owed
}

/// Members came or went: offers again what is with an incarnation that does not own the queue any more.
pub(crate) fn reoffer(shell: &Arc<Shell>) {
    for cell in shell.cache.all() {
        let mut state = cell.lock();
        let Some(resident) = state.resident.as_mut() else { continue };
        let namespace = cell.key.namespace;
        let astray = resident
            .offers
            .iter()
            .filter(|(_, held)| shell.ports.matching.owner_of(namespace, held.offer.kind, &held.offer.queue) != Some(held.by));
        let astray: Vec<Task> = astray.map(|(task, _)| task.clone()).collect();
        super::begin(shell, &cell, resident, astray);
    }
}

/// Offers tasks once more that have been with matching for a while: perhaps it has spilled them, or forgot them.
pub(crate) fn offer_again(shell: &Arc<Shell>, cell: &Arc<Cell>, tasks: Vec<Task>) {
    let mut state = cell.lock();
    if let Some(resident) = state.resident.as_mut() {
        super::begin(shell, cell, resident, tasks);
    }
}

/// Takes back offers of what is not owed any more. The chain's cell is locked.
pub(crate) fn withdraw_unowed(shell: &Arc<Shell>, cell: &Arc<Cell>, resident: &mut Resident) {
    if resident.offers.is_empty() {
        return;
    }
    let mut gone = Vec::new();
    let chain = &resident.chain;
    resident.offers.retain(|task, held| {
        let keep = chain.run(task.run()).is_some_and(|run| run.owes(task));
        if !keep {
            gone.push(held.offer.clone());
        }
        keep
    });
    if gone.is_empty() {
        return;
    }
    let (shell, namespace) = (shell.clone(), cell.key.namespace);
    shell.clone().tracker.spawn(async move {
        let Some(namespace) = shell.namespace(namespace) else { return };
        for offer in gone {
            if let Ok(matching) = shell.ports.matching.owner(namespace.id, offer.kind, &offer.queue) {
                matching.withdraw(&namespace, offer).await;
            }
        }
    });
}

fn spilled(task: &Task) -> Input {
    match task {
        Task::ActivityTask { run, scheduled_event_id, attempt, .. } => {
            Input::ActivitySpilled(ActivityAttempt { run: *run, scheduled_event_id: *scheduled_event_id, attempt: *attempt })
        }
        Task::WorkflowTask { run, scheduled_event_id, attempt } => Input::WorkflowTaskSpilled(WorkflowTaskAttempt {
            run: *run,
            scheduled_event_id: *scheduled_event_id,
            attempt: *attempt,
        }),
        other => Input::FlushBuffer(other.run()),
    }
}

fn compose(cell: &Cell, run: &Run, task: &Task) -> Option<Offer> {
    let key = RunKey { chain: cell.key.clone(), run: run.id() };
    match task {
        Task::WorkflowTask { scheduled_event_id, attempt, .. } => {
            let pending = run.state().workflow_task.as_ref()?;
            let queue = pending.task_queue.clone().unwrap_or_else(|| run.normal_task_queue());
            let scheduled = pending.scheduled_time.as_ref().map_or(Timestamp::EPOCH, timestamp);
            let sticky = queue.kind() == WireKind::Sticky;
            let patience = duration(pending.schedule_to_start_timeout.as_ref());
            Some(Offer {
                kind: TaskQueueKind::Workflow,
                queue: TaskQueueName::parse(&queue.name).ok()?,
                sticky,
                key,
                scheduled_event_id: *scheduled_event_id,
                attempt: *attempt,
                stamp: 0,
                priority: priority(crate::visibility::started(run).and_then(|of| of.priority.as_ref())),
                scheduled,
                expires: if sticky && !patience.is_zero() { scheduled + patience } else { Timestamp::MAX },
            })
        }
        Task::ActivityTask { scheduled_event_id, attempt, stamp, .. } => {
            let activity = run.activity(*scheduled_event_id)?;
            let Some(Attributes::ActivityTaskScheduledEventAttributes(of)) =
                activity.scheduled_event.as_ref().and_then(|event| event.attributes.as_ref())
            else {
                return None;
            };
            let scheduled = activity.scheduled_time.as_ref().map_or(Timestamp::EPOCH, timestamp);
            let patience = duration(of.schedule_to_start_timeout.as_ref());
            let queue = of.task_queue.as_ref().map(|queue| queue.name.as_str()).unwrap_or_default();
            Some(Offer {
                kind: TaskQueueKind::Activity,
                queue: TaskQueueName::parse(queue).ok()?,
                sticky: false,
                key,
                scheduled_event_id: *scheduled_event_id,
                attempt: *attempt,
                stamp: *stamp,
                priority: priority(of.priority.as_ref()),
                scheduled,
                expires: if patience.is_zero() { Timestamp::MAX } else { scheduled + patience },
            })
        }
        _ => None,
    }
}

/// Source: Temporal takes what is beyond the last level for the last one.
fn priority(of: Option<&proto::temporal::api::common::v1::Priority>) -> i32 {
    of.map(|priority| priority.priority_key).filter(|key| *key > 0).unwrap_or(DEFAULT_PRIORITY).min(LAST_PRIORITY)
}

#[cfg(test)]
mod tests {
    use proto::temporal::api::common::v1::Priority;

    use super::*;

    #[test]
    fn priority_beyond_the_last_is_the_last_and_none_is_the_middle() {
        let of = |key| priority(Some(&Priority { priority_key: key, ..Priority::default() }));
        assert_eq!([of(1), of(5), of(6), of(99), of(0), priority(None)], [1, 5, 5, 5, 3, 3]);
    }
}
