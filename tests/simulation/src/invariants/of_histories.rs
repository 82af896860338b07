//! Histories: ids, times, pairs, attempts.

use std::collections::BTreeMap;

use model::Timestamp;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::enums::v1::{ContinueAsNewInitiator, EventType};
use proto::temporal::api::history::v1::{HistoryEvent, history_event::Attributes as A};
use stored::entry::Kind as E;
use stored::mark::Kind as M;

use super::Landed;
use crate::log::{RunLog, is_terminal};

fn marks<'a>(of: &'a Landed<'_>) -> impl Iterator<Item = &'a M> {
    of.entries.iter().filter_map(|entry| match &entry.kind {
        Some(E::Mark(mark)) => mark.kind.as_ref(),
        _ => None,
    })
}

fn fresh<'a>(of: &'a Landed<'_>) -> &'a [HistoryEvent] {
    &of.run.events[of.first..]
}

fn time(event: &HistoryEvent) -> Timestamp {
    event.event_time.map_or(Timestamp::EPOCH, |at| Timestamp::from_parts(at.seconds, at.nanos))
}

/// Events are numbered from 1 without a gap, and the row says which it has.
pub(super) fn history_ids_are_contiguous(of: &Landed<'_>) -> Option<String> {
    for (event, id) in fresh(of).iter().zip(i64::try_from(of.first).ok()? + 1..) {
        if event.event_id != id {
            return Some(format!("event {} ({}) stands where {id} should", event.event_id, event.event_type().as_str_name()));
        }
    }
    let (first, last) = match fresh(of) {
        [] => (0, 0),
        [first, .., last] => (first.event_id, last.event_id),
        [only] => (only.event_id, only.event_id),
    };
    let said = (of.row.first_event_id, of.row.last_event_id);
    (said != (first, last)).then(|| format!("the row says events {said:?}, it has {first} to {last}"))
}

/// A history ends once, and nothing follows.
pub(super) fn one_terminal_event(of: &Landed<'_>) -> Option<String> {
    let end = of.run.events.iter().position(is_terminal)?;
    let after = of.run.events.get(end + 1)?;
    Some(format!("event {} follows the end", after.event_id))
}

/// Time never goes back within a history, but for events that waited: in the buffer, or (the start of an activity) for the end
/// of what they began. They keep the time at which they came.
pub(super) fn event_times_never_go_back(of: &Landed<'_>) -> Option<String> {
    let waited = |event: &HistoryEvent| {
        event.event_type() == EventType::ActivityTaskStarted
            || of.run.buffered.iter().any(|other| (other.event_type, other.event_time) == (event.event_type, event.event_time))
    };
    let before = of.run.events[..of.first].iter().rev().find(|event| !waited(event));
    let mut newest = before.map(|event| (time(event), event.event_id)).unwrap_or((Timestamp::EPOCH, 0));
    for event in fresh(of).iter().filter(|event| !waited(event)) {
        if time(event) < newest.0 {
            return Some(format!(
                "event {} of {:?} is older than event {} of {:?}",
                event.event_id,
                time(event),
                newest.1,
                newest.0
            ));
        }
        newest = (time(event), event.event_id);
    }
    None
}

/// An attempt of an activity starts at most once.
pub(super) fn no_attempt_starts_twice(of: &Landed<'_>) -> Option<String> {
    for mark in marks(of) {
        let M::ActivityStarted(started) = mark else { continue };
        let same = |mark: &&M| matches!(mark, M::ActivityStarted(other) if other.scheduled_event_id == started.scheduled_event_id && other.attempt == started.attempt);
        if of.run.marks.iter().filter(same).count() > 1 {
            return Some(format!("attempt {} of activity {} started twice", started.attempt, started.scheduled_event_id));
        }
    }
    None
}

/// The attempt after attempt n is n + 1.
pub(super) fn attempts_count_up(of: &Landed<'_>) -> Option<String> {
    let mut attempts: BTreeMap<i64, i32> = BTreeMap::new();
    for mark in &of.run.marks {
        match mark {
            M::ActivityRetried(retried) => {
                let last = attempts.insert(retried.scheduled_event_id, retried.attempt).unwrap_or(1);
                if retried.attempt != last + 1 {
                    let id = retried.scheduled_event_id;
                    return Some(format!("activity {id} goes from attempt {last} to {}", retried.attempt));
                }
            }
            M::ActivityStarted(started) => {
                let attempt = attempts.get(&started.scheduled_event_id).copied().unwrap_or(1);
                if started.attempt != attempt {
                    let id = started.scheduled_event_id;
                    return Some(format!("attempt {} of activity {id} started, but {attempt} is due", started.attempt));
                }
            }
            _ => {}
        }
    }
    None
}

/// What was buffered stands in history when the run ends, once for each time it was buffered.
pub(super) fn buffered_events_reach_history(of: &Landed<'_>) -> Option<String> {
    if !fresh(of).last().is_some_and(is_terminal) {
        return None;
    }
    let count = |events: &[HistoryEvent], like: &HistoryEvent| {
        events.iter().filter(|event| event.event_type == like.event_type && event.event_time == like.event_time).count()
    };
    let lost = of.run.buffered.iter().find(|event| count(&of.run.events, event) < count(&of.run.buffered, event))?;
    Some(format!("a buffered {} is not in history", lost.event_type().as_str_name()))
}

/// A workflow task is scheduled, started and ended in this order, once each, one at a time.
pub(super) fn workflow_tasks_pair_up(of: &Landed<'_>) -> Option<String> {
    let mut pending: Option<(i64, Option<i64>)> = None;
    for event in &of.run.events {
        let id = event.event_id;
        let wrong = |what: &str| Some(format!("event {id}: {what}; pending was {pending:?}"));
        match event.attributes.as_ref() {
            Some(A::WorkflowTaskScheduledEventAttributes(_)) => match pending {
                None => pending = Some((id, None)),
                Some(_) => return wrong("scheduled while another one is pending"),
            },
            Some(A::WorkflowTaskStartedEventAttributes(started)) => match pending {
                Some((scheduled, None)) if scheduled == started.scheduled_event_id => pending = Some((scheduled, Some(id))),
                _ => return wrong("started, but not scheduled"),
            },
            Some(A::WorkflowTaskCompletedEventAttributes(end)) => match pending {
                Some((scheduled, Some(started))) if (scheduled, started) == (end.scheduled_event_id, end.started_event_id) => {
                    pending = None;
                }
                _ => return wrong("completed, but not started"),
            },
            Some(A::WorkflowTaskFailedEventAttributes(end)) => match pending {
                Some((scheduled, _)) if scheduled == end.scheduled_event_id => pending = None,
                _ => return wrong("failed, but not scheduled"),
            },
            Some(A::WorkflowTaskTimedOutEventAttributes(end)) => match pending {
                Some((scheduled, _)) if scheduled == end.scheduled_event_id => pending = None,
                _ => return wrong("timed out, but not scheduled"),
            },
            _ => {}
        }
    }
    None
}

/// What an event ends, named by the event that began it.
fn ends(event: &HistoryEvent) -> Option<(&'static str, i64)> {
    Some(match event.attributes.as_ref()? {
        A::ActivityTaskStartedEventAttributes(of) => ("start of activity", of.scheduled_event_id),
        A::ActivityTaskCompletedEventAttributes(of) => ("activity", of.scheduled_event_id),
        A::ActivityTaskFailedEventAttributes(of) => ("activity", of.scheduled_event_id),
        A::ActivityTaskTimedOutEventAttributes(of) => ("activity", of.scheduled_event_id),
        A::ActivityTaskCanceledEventAttributes(of) => ("activity", of.scheduled_event_id),
        A::TimerFiredEventAttributes(of) => ("timer", of.started_event_id),
        A::TimerCanceledEventAttributes(of) => ("timer", of.started_event_id),
        A::StartChildWorkflowExecutionFailedEventAttributes(of) => ("start of child", of.initiated_event_id),
        A::ChildWorkflowExecutionStartedEventAttributes(of) => ("start of child", of.initiated_event_id),
        A::SignalExternalWorkflowExecutionFailedEventAttributes(of) => ("signal to another", of.initiated_event_id),
        A::ExternalWorkflowExecutionSignaledEventAttributes(of) => ("signal to another", of.initiated_event_id),
        A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(of) => ("cancel of another", of.initiated_event_id),
        A::ExternalWorkflowExecutionCancelRequestedEventAttributes(of) => ("cancel of another", of.initiated_event_id),
        _ => return None,
    })
}

fn ended_twice(of: &Landed<'_>, ends: fn(&HistoryEvent) -> Option<(&'static str, i64)>) -> Option<String> {
    for event in fresh(of) {
        let Some(what) = ends(event) else { continue };
        if of.run.events.iter().filter(|other| ends(other) == Some(what)).count() > 1 {
            return Some(format!("event {}: {} {} ended before", event.event_id, what.0, what.1));
        }
        let begun = usize::try_from(what.1 - 1).ok().and_then(|at| of.run.events.get(at));
        if begun.is_none_or(|begun| begun.event_id >= event.event_id) {
            return Some(format!("event {}: {} {} never began", event.event_id, what.0, what.1));
        }
    }
    None
}

/// Activities, timers, starts of children, signals and cancels of others end at most once, and only after they began.
pub(super) fn pending_things_end_once(of: &Landed<'_>) -> Option<String> {
    ended_twice(of, ends)
}

fn child_end(event: &HistoryEvent) -> Option<(&'static str, i64)> {
    Some(match event.attributes.as_ref()? {
        A::ChildWorkflowExecutionCompletedEventAttributes(of) => ("child", of.initiated_event_id),
        A::ChildWorkflowExecutionFailedEventAttributes(of) => ("child", of.initiated_event_id),
        A::ChildWorkflowExecutionCanceledEventAttributes(of) => ("child", of.initiated_event_id),
        A::ChildWorkflowExecutionTimedOutEventAttributes(of) => ("child", of.initiated_event_id),
        A::ChildWorkflowExecutionTerminatedEventAttributes(of) => ("child", of.initiated_event_id),
        _ => return None,
    })
}

/// A child tells its parent once how it ended.
pub(super) fn children_report_once(of: &Landed<'_>) -> Option<String> {
    ended_twice(of, child_end)
}

/// A timer fires when its time has come, not before.
pub(super) fn timers_never_fire_early(of: &Landed<'_>) -> Option<String> {
    for event in fresh(of) {
        let Some(A::TimerFiredEventAttributes(fired)) = &event.attributes else { continue };
        let begun = usize::try_from(fired.started_event_id - 1).ok().and_then(|at| of.run.events.get(at))?;
        let Some(A::TimerStartedEventAttributes(started)) = &begun.attributes else { continue };
        let patience = started.start_to_fire_timeout.unwrap_or_default();
        let patience = std::time::Duration::new(u64::try_from(patience.seconds).unwrap_or(0), 0);
        if time(event).as_millis() < (time(begun) + patience).as_millis() {
            return Some(format!("timer {} fired at {:?}, begun at {:?}", fired.timer_id, time(event), time(begun)));
        }
    }
    None
}

/// A signal stands once in all the histories that follow from one start, however often it was sent or delivered.
pub(super) fn signals_are_applied_once(of: &Landed<'_>) -> Option<String> {
    let lineage = |run: &RunLog| run.started().map(|of| of.first_execution_run_id.clone());
    let mine = lineage(of.run);
    for event in fresh(of) {
        let Some(A::WorkflowExecutionSignaledEventAttributes(signal)) = &event.attributes else { continue };
        if signal.request_id.is_empty() || of.log.lenient {
            continue;
        }
        let same = |event: &&HistoryEvent| matches!(&event.attributes, Some(A::WorkflowExecutionSignaledEventAttributes(other)) if other.request_id == signal.request_id);
        let related = of.log.chain(&of.run.key.chain).filter(|run| lineage(run) == mine);
        let count: usize = related.map(|run| run.events.iter().filter(same).count()).sum();
        if count > 1 {
            return Some(format!("signal {} with request id {} stands {count} times", signal.signal_name, signal.request_id));
        }
    }
    None
}

/// How long a chain remembers which request started which of its runs.
const REMEMBERED: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// A request to start does not start another run after the one that it has started. (Of a chain that somebody deleted runs of,
/// and after a day, nothing is asked.)
pub(super) fn requests_start_one_run(of: &Landed<'_>) -> Option<String> {
    if of.log.lenient || !marks(of).any(|mark| matches!(mark, M::RunCreated(_))) {
        return None;
    }
    let request = |run: &RunLog| match run.marks.first() {
        Some(M::RunCreated(created)) if !created.create_request_id.is_empty() => Some(created.create_request_id.clone()),
        _ => None,
    };
    let mine = request(of.run)?;
    let began = |run: &RunLog| run.events.first().map_or(Timestamp::EPOCH, time);
    let all = || of.log.chain(&of.run.key.chain);
    if all().any(|run| run.deleted) {
        return None;
    }
    let before = all().filter(|run| run.number < of.run.number && began(of.run).since(began(run)) < REMEMBERED);
    let again = before.into_iter().find(|run| request(run).as_ref() == Some(&mine))?;
    Some(format!("request {mine} has started {} before", again.key.run))
}

/// A run that retries another one is its next attempt.
pub(super) fn retries_count_up(of: &Landed<'_>) -> Option<String> {
    let Some(A::WorkflowExecutionStartedEventAttributes(started)) = &fresh(of).first()?.attributes else { return None };
    if started.initiator() != ContinueAsNewInitiator::Retry {
        return None;
    }
    let before = model::RunId::parse(&started.continued_execution_run_id).ok()?;
    let before = of.log.run(&of.run.key.chain, before)?.started()?.attempt.max(1);
    (started.attempt != before + 1).then(|| format!("attempt {} follows attempt {before}", started.attempt))
}

/// The counted size of a history never shrinks, and is there from the first event.
pub(super) fn history_bytes_add_up(of: &Landed<'_>) -> Option<String> {
    let state = of.run.run()?.state();
    let events = i64::try_from(of.run.events.len()).ok()?;
    if state.next_event_id != events + 1 {
        return Some(format!("the state expects event {}, history has {events}", state.next_event_id));
    }
    (events > 0 && state.history_size_bytes <= 0).then(|| "a history without bytes".to_owned())
}
