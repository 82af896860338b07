//! Activities that a run waits for: the attempt of each, its deadlines, and what is known of a running one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::Timestamp;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::enums::v1::TimeoutType;
use proto::temporal::api::history::v1::{
    ActivityTaskCancelRequestedEventAttributes, ActivityTaskScheduledEventAttributes, HistoryEvent,
    history_event::Attributes as A,
};

use super::Run;
use crate::task::Task;
use crate::time::{duration, timestamp_opt};

/// What is known of activities in memory alone.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Seen {
    /// The last sign of life of a running attempt, by scheduled event.
    alive: BTreeMap<i64, Timestamp>,
    /// Later attempts whose backoff is over, by scheduled event.
    due: BTreeSet<i64>,
}

/// A moment at which an activity times out, in the order in which they count: time, event, kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Deadline {
    pub(crate) at: Timestamp,
    pub(crate) scheduled_event_id: i64,
    pub(crate) of: TimeoutType,
    pub(crate) attempt: i32,
}

/// What was scheduled.
pub(crate) fn scheduled(activity: &stored::Activity) -> Option<&ActivityTaskScheduledEventAttributes> {
    match activity.scheduled_event.as_ref()?.attributes.as_ref()? {
        A::ActivityTaskScheduledEventAttributes(of) => Some(of),
        _ => None,
    }
}

/// Whether it runs and must give signs of life.
fn heartbeats(activity: &stored::Activity) -> bool {
    activity.started.is_some() && scheduled(activity).is_some_and(|of| !duration(of.heartbeat_timeout.as_ref()).is_zero())
}

impl Run {
    pub(super) fn activity_scheduled(&mut self, event: &HistoryEvent) -> Vec<Task> {
        let activity = stored::Activity {
            scheduled_event_id: event.event_id,
            scheduled_event: Some(event.clone()),
            attempt: 1,
            scheduled_time: event.event_time,
            first_scheduled_time: event.event_time,
            last_update: event.event_id,
            ..stored::Activity::default()
        };
        let task = self.activity_task(&activity);
        self.state.activities.insert(event.event_id, activity);
        vec![task]
    }

    pub(super) fn activity_cancel_requested(
        &mut self,
        event: &HistoryEvent,
        of: &ActivityTaskCancelRequestedEventAttributes,
    ) -> Vec<Task> {
        if let Some(activity) = self.state.activities.get_mut(&of.scheduled_event_id) {
            activity.cancel_requested = true;
            activity.cancel_requested_event_id = event.event_id;
        }
        Vec::new()
    }

    /// Its last event, or that event in the buffer.
    pub(super) fn activity_ended(&mut self, scheduled_event_id: i64) -> Vec<Task> {
        self.state.activities.remove(&scheduled_event_id);
        self.seen.forget(scheduled_event_id);
        Vec::new()
    }

    pub(super) fn activity_started(&mut self, of: &stored::ActivityStarted) -> Vec<Task> {
        if let Some(activity) = self.state.activities.get_mut(&of.scheduled_event_id)
            && activity.attempt == of.attempt
            && activity.started.is_none()
        {
            activity.last_started_time = of.started_time;
            activity.started = Some(of.clone());
            activity.spilled = false;
        }
        Vec::new()
    }

    pub(super) fn activity_retried(&mut self, of: &stored::ActivityRetried) -> Vec<Task> {
        let Some(activity) = self.state.activities.get_mut(&of.scheduled_event_id) else { return Vec::new() };
        if of.attempt <= activity.attempt {
            return Vec::new();
        }
        activity.attempt = of.attempt;
        activity.scheduled_time = of.scheduled_time;
        activity.last_failure = of.last_failure.clone();
        activity.last_worker_identity = of.last_worker_identity.clone();
        activity.last_attempt_complete_time = of.last_attempt_complete_time;
        activity.retry_interval = of.retry_interval;
        activity.started = None;
        activity.spilled = false;
        self.seen.forget(of.scheduled_event_id);
        self.activity_owed(of.scheduled_event_id).into_iter().collect()
    }

    pub(super) fn activity_heartbeat(&mut self, of: &stored::ActivityHeartbeat) -> Vec<Task> {
        if let Some(activity) = self.state.activities.get_mut(&of.scheduled_event_id) {
            activity.heartbeat_details = of.details.clone();
            activity.heartbeat_time = of.time;
            if !of.identity.is_empty() {
                activity.last_worker_identity = of.identity.clone();
            }
        }
        Vec::new()
    }

    /// Volatile: a sign of life without news.
    pub(super) fn activity_alive(&mut self, scheduled_event_id: i64, time: Timestamp) -> Vec<Task> {
        if self.state.activities.contains_key(&scheduled_event_id) {
            self.seen.alive.insert(scheduled_event_id, time);
        }
        Vec::new()
    }

    /// Volatile: the backoff before this attempt is over.
    pub(super) fn activity_due(&mut self, scheduled_event_id: i64, attempt: i32) -> Vec<Task> {
        if self.state.activities.get(&scheduled_event_id).is_none_or(|activity| activity.attempt != attempt) {
            return Vec::new();
        }
        let is_news = self.seen.due.insert(scheduled_event_id);
        self.activity_owed(scheduled_event_id).filter(|_| is_news).into_iter().collect()
    }

    pub(super) fn activity_spilled(&mut self, of: &stored::ActivitySpilled) -> Vec<Task> {
        if let Some(activity) = self.state.activities.get_mut(&of.scheduled_event_id)
            && activity.attempt == of.attempt
            && activity.started.is_none()
        {
            activity.spilled = true;
        }
        Vec::new()
    }

    pub(super) fn forget_seen(&mut self) {
        self.seen = Seen::default();
    }

    /// Attempts to offer to matching.
    pub(super) fn activities_owed(&self) -> impl Iterator<Item = Task> {
        self.state
            .activities
            .values()
            .filter(|activity| activity.started.is_none() && !activity.spilled && self.backoff_is_over(activity))
            .map(|activity| self.activity_task(activity))
    }

    fn activity_owed(&self, scheduled_event_id: i64) -> Option<Task> {
        let activity = self.state.activities.get(&scheduled_event_id)?;
        let owed = activity.started.is_none() && !activity.spilled && self.backoff_is_over(activity);
        owed.then(|| self.activity_task(activity))
    }

    fn activity_task(&self, activity: &stored::Activity) -> Task {
        Task::ActivityTask {
            run: self.id,
            scheduled_event_id: activity.scheduled_event_id,
            attempt: activity.attempt,
            stamp: activity.stamp,
        }
    }

    /// First attempts and those without a delay never wait; others until a wake says so.
    fn backoff_is_over(&self, activity: &stored::Activity) -> bool {
        activity.attempt <= 1
            || self.seen.due.contains(&activity.scheduled_event_id)
            || timestamp_opt(activity.scheduled_time.as_ref()) <= timestamp_opt(activity.last_attempt_complete_time.as_ref())
    }

    /// The attempts whose backoff is not known to be over, with its end.
    pub(crate) fn activities_in_backoff(&self) -> impl Iterator<Item = (&stored::Activity, Timestamp)> {
        self.state
            .activities
            .values()
            .filter(|activity| activity.started.is_none() && !self.backoff_is_over(activity))
            .filter_map(|activity| Some((activity, timestamp_opt(activity.scheduled_time.as_ref())?)))
    }

    /// Every moment at which one of the activities times out. A heartbeat's needs a time to count from: after a recovery there
    /// is none until the first wake.
    pub(crate) fn activity_deadlines(&self) -> impl Iterator<Item = Deadline> {
        self.state.activities.values().flat_map(|activity| self.deadlines_of(activity))
    }

    fn deadlines_of(&self, activity: &stored::Activity) -> impl Iterator<Item = Deadline> {
        let deadline = |of, from: Option<Timestamp>, limit: Option<&prost_types::Duration>| {
            let limit = duration(limit);
            let at = from.filter(|_| !limit.is_zero())? + limit;
            Some(Deadline { at, scheduled_event_id: activity.scheduled_event_id, of, attempt: activity.attempt })
        };
        let limits = scheduled(activity);
        let started = activity.started.as_ref().and_then(|started| timestamp_opt(started.started_time.as_ref()));
        let waiting = if activity.started.is_none() { timestamp_opt(activity.scheduled_time.as_ref()) } else { None };
        let first = timestamp_opt(activity.first_scheduled_time.as_ref());
        [
            deadline(TimeoutType::StartToClose, started, limits.and_then(|of| of.start_to_close_timeout.as_ref())),
            deadline(TimeoutType::ScheduleToStart, waiting, limits.and_then(|of| of.schedule_to_start_timeout.as_ref())),
            deadline(TimeoutType::ScheduleToClose, first, limits.and_then(|of| of.schedule_to_close_timeout.as_ref())),
            deadline(
                TimeoutType::Heartbeat,
                self.alive_at(activity, started),
                limits.and_then(|of| of.heartbeat_timeout.as_ref()),
            ),
        ]
        .into_iter()
        .flatten()
    }

    /// From when a heartbeat's timeout counts: the last sign of life of this attempt, and no earlier than this process knows of it.
    fn alive_at(&self, activity: &stored::Activity, started: Option<Timestamp>) -> Option<Timestamp> {
        let known_from = self.deadlines_from?;
        let seen = self.seen.alive.get(&activity.scheduled_event_id).copied();
        let beat = timestamp_opt(activity.heartbeat_time.as_ref());
        Some(started?.max(known_from)).max(seen).max(beat)
    }

    /// The earliest end of a backoff or deadline; at once where heartbeats have no time to count from.
    pub(super) fn activity_wake(&self) -> Option<Timestamp> {
        if self.deadlines_from.is_none() && self.state.activities.values().any(heartbeats) {
            return Some(Timestamp::EPOCH);
        }
        let retry = self.activities_in_backoff().map(|(_, at)| at).min();
        let timeout = self.activity_deadlines().map(|deadline| deadline.at).min();
        retry.into_iter().chain(timeout).min()
    }

    /// An activity that is not done.
    pub fn activity(&self, scheduled_event_id: i64) -> Option<&stored::Activity> {
        self.state.activities.get(&scheduled_event_id)
    }

    /// The same by the id that the workflow gave it.
    pub fn activity_by_id(&self, activity_id: &str) -> Option<&stored::Activity> {
        self.state.activities.values().find(|activity| scheduled(activity).is_some_and(|of| of.activity_id == activity_id))
    }

    /// The last heartbeat of a running activity, stored or not.
    pub fn last_heartbeat(&self, scheduled_event_id: i64) -> Option<Timestamp> {
        let stored = self.activity(scheduled_event_id).and_then(|activity| timestamp_opt(activity.heartbeat_time.as_ref()));
        stored.max(self.seen.alive.get(&scheduled_event_id).copied())
    }

    /// The schedule-to-close timeout as a moment.
    pub(crate) fn activity_expiration(&self, activity: &stored::Activity) -> Option<Timestamp> {
        let limit = duration(scheduled(activity)?.schedule_to_close_timeout.as_ref());
        timestamp_opt(activity.first_scheduled_time.as_ref()).filter(|_| limit > Duration::ZERO).map(|first| first + limit)
    }
}

impl Seen {
    fn forget(&mut self, scheduled_event_id: i64) {
        self.alive.remove(&scheduled_event_id);
        self.due.remove(&scheduled_event_id);
    }
}
