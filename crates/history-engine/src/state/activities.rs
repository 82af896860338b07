//! Activities that a run waits for: the attempt of each, its deadlines, and what is known of a running one.

use std::time::Duration;

use model::Timestamp;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::enums::v1::TimeoutType;
use proto::temporal::api::history::v1::{
    ActivityTaskCancelRequestedEventAttributes, ActivityTaskScheduledEventAttributes, HistoryEvent,
    history_event::Attributes as A,
};

use super::{Run, SharedMap};
use crate::task::Task;
use crate::time::{duration, timestamp_opt};

/// Activities by scheduled event, what is known of them in memory alone, and indexes.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Activities {
    all: SharedMap<i64, stored::Activity>,
    /// The scheduled event by the id that the workflow gave.
    by_id: SharedMap<String, i64>,
    /// The last sign of life of a running attempt.
    alive: SharedMap<i64, Timestamp>,
    /// Later attempts whose backoff is over.
    due: SharedMap<i64, ()>,
    /// When the next thing falls due of each, and all of these in order.
    wake_of: SharedMap<i64, Timestamp>,
    wakes: SharedMap<(Timestamp, i64), ()>,
}

impl Activities {
    /// Takes them out of a stored state.
    pub(super) fn take(state: &mut stored::RunState) -> Self {
        let mut activities = Self::default();
        for activity in std::mem::take(&mut state.activities).into_values() {
            activities.insert(activity);
        }
        activities
    }

    pub(super) const fn all(&self) -> &SharedMap<i64, stored::Activity> {
        &self.all
    }

    /// With what is remembered of each one's offer to a task queue.
    pub(super) const fn memory(&self) -> usize {
        const OFFER: usize = 640;
        let indexes = self.by_id.memory() + self.alive.memory() + self.due.memory();
        self.all.memory() + OFFER * self.all.len() + indexes + self.wake_of.memory() + self.wakes.memory()
    }

    fn insert(&mut self, activity: stored::Activity) {
        if let Some(of) = scheduled(&activity) {
            self.by_id.insert(of.activity_id.clone(), activity.scheduled_event_id);
        }
        self.all.insert(activity.scheduled_event_id, activity);
    }

    fn remove(&mut self, scheduled_event_id: i64) {
        let Some(gone) = self.all.remove(&scheduled_event_id) else { return };
        if let Some(of) = scheduled(&gone)
            && self.by_id.get(&of.activity_id) == Some(&scheduled_event_id)
        {
            self.by_id.remove(&of.activity_id);
        }
        self.forget_attempt(scheduled_event_id);
        self.wake_at(scheduled_event_id, None);
    }

    /// Forgets what is known of an attempt in memory alone.
    fn forget_attempt(&mut self, scheduled_event_id: i64) {
        self.alive.remove(&scheduled_event_id);
        self.due.remove(&scheduled_event_id);
    }

    fn wake_at(&mut self, scheduled_event_id: i64, at: Option<Timestamp>) {
        let before = match at {
            Some(at) => self.wake_of.insert(scheduled_event_id, at),
            None => self.wake_of.remove(&scheduled_event_id),
        };
        if before == at {
            return;
        }
        if let Some(before) = before {
            self.wakes.remove(&(before, scheduled_event_id));
        }
        if let Some(at) = at {
            self.wakes.insert((at, scheduled_event_id), ());
        }
    }
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
            scheduled_event: Some(Box::new(event.clone())),
            attempt: 1,
            scheduled_time: event.event_time,
            first_scheduled_time: event.event_time,
            last_update: event.event_id,
            ..stored::Activity::default()
        };
        let task = self.activity_task(&activity);
        self.activities.insert(activity);
        self.order_activity(event.event_id);
        vec![task]
    }

    pub(super) fn activity_cancel_requested(
        &mut self,
        event: &HistoryEvent,
        of: &ActivityTaskCancelRequestedEventAttributes,
    ) -> Vec<Task> {
        self.activities.all.update(&of.scheduled_event_id, |activity| {
            activity.cancel_requested = true;
            activity.cancel_requested_event_id = event.event_id;
        });
        Vec::new()
    }

    /// Its last event, or that event in the buffer.
    pub(super) fn activity_ended(&mut self, scheduled_event_id: i64) -> Vec<Task> {
        self.activities.remove(scheduled_event_id);
        Vec::new()
    }

    pub(super) fn activity_started(&mut self, of: &stored::ActivityStarted) -> Vec<Task> {
        self.activities.all.update(&of.scheduled_event_id, |activity| {
            if activity.attempt == of.attempt && activity.started.is_none() {
                activity.last_started_time = of.started_time;
                activity.started = Some(of.clone());
                activity.spilled = false;
            }
        });
        self.order_activity(of.scheduled_event_id);
        Vec::new()
    }

    pub(super) fn activity_retried(&mut self, of: &stored::ActivityRetried) -> Vec<Task> {
        if self.activity(of.scheduled_event_id).is_none_or(|activity| of.attempt <= activity.attempt) {
            return Vec::new();
        }
        self.activities.all.update(&of.scheduled_event_id, |activity| {
            activity.attempt = of.attempt;
            activity.scheduled_time = of.scheduled_time;
            activity.last_failure = of.last_failure.clone();
            activity.last_worker_identity = of.last_worker_identity.clone();
            activity.last_attempt_complete_time = of.last_attempt_complete_time;
            activity.retry_interval = of.retry_interval;
            activity.started = None;
            activity.spilled = false;
        });
        self.activities.forget_attempt(of.scheduled_event_id);
        self.order_activity(of.scheduled_event_id);
        self.activity_owed(of.scheduled_event_id).into_iter().collect()
    }

    pub(super) fn activity_heartbeat(&mut self, of: &stored::ActivityHeartbeat) -> Vec<Task> {
        self.activities.all.update(&of.scheduled_event_id, |activity| {
            activity.heartbeat_details = of.details.clone();
            activity.heartbeat_time = of.time;
            if !of.identity.is_empty() {
                activity.last_worker_identity = of.identity.clone();
            }
        });
        self.order_activity(of.scheduled_event_id);
        Vec::new()
    }

    /// Volatile: a sign of life without news.
    pub(super) fn activity_alive(&mut self, scheduled_event_id: i64, time: Timestamp) -> Vec<Task> {
        if self.activities.all.contains_key(&scheduled_event_id) {
            self.activities.alive.insert(scheduled_event_id, time);
            self.order_activity(scheduled_event_id);
        }
        Vec::new()
    }

    /// Volatile: the backoff before this attempt is over.
    pub(super) fn activity_due(&mut self, scheduled_event_id: i64, attempt: i32) -> Vec<Task> {
        if self.activity(scheduled_event_id).is_none_or(|activity| activity.attempt != attempt) {
            return Vec::new();
        }
        let is_news = self.activities.due.insert(scheduled_event_id, ()).is_none();
        self.order_activity(scheduled_event_id);
        self.activity_owed(scheduled_event_id).filter(|_| is_news).into_iter().collect()
    }

    /// Signs of life that are newer than what is written, of activities whose deadline counts from them.
    pub(crate) fn unwritten_beats(&self) -> impl Iterator<Item = (i64, Timestamp)> {
        let running = self.activities.alive.iter().filter_map(|(id, at)| Some((self.activity(*id)?, *id, *at)));
        let counts = |activity: &stored::Activity, at| timestamp_opt(activity.heartbeat_time.as_ref()) < Some(at);
        running.filter(move |(activity, _, at)| heartbeats(activity) && counts(activity, *at)).map(|(_, id, at)| (id, at))
    }

    pub(super) fn activity_spilled(&mut self, of: &stored::ActivitySpilled) -> Vec<Task> {
        self.activities.all.update(&of.scheduled_event_id, |activity| {
            activity.spilled |= activity.attempt == of.attempt && activity.started.is_none();
        });
        Vec::new()
    }

    pub(super) fn forget_seen_activities(&mut self) {
        self.activities.alive.clear();
        self.activities.due.clear();
        self.order_activities();
    }

    /// Finds out anew when each falls due: what all of them depend on has changed.
    pub(super) fn order_activities(&mut self) {
        let all: Vec<i64> = self.activities.all.keys().copied().collect();
        for scheduled_event_id in all {
            self.order_activity(scheduled_event_id);
        }
    }

    /// Finds out anew when an activity falls due.
    fn order_activity(&mut self, scheduled_event_id: i64) {
        let Some(activity) = self.activity(scheduled_event_id) else { return };
        let retry = self.end_of_backoff(activity);
        let timeout = self.deadlines_of(activity).map(|deadline| deadline.at).min();
        let at = retry.into_iter().chain(timeout).min();
        self.activities.wake_at(scheduled_event_id, at);
    }

    /// Attempts to offer to matching.
    pub(super) fn activities_owed(&self) -> impl Iterator<Item = Task> {
        self.activities
            .all
            .values()
            .filter(|activity| activity.started.is_none() && !activity.spilled && self.backoff_is_over(activity))
            .map(|activity| self.activity_task(activity))
    }

    pub(super) fn activity_owed(&self, scheduled_event_id: i64) -> Option<Task> {
        let activity = self.activity(scheduled_event_id)?;
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
            || self.activities.due.contains_key(&activity.scheduled_event_id)
            || timestamp_opt(activity.scheduled_time.as_ref()) <= timestamp_opt(activity.last_attempt_complete_time.as_ref())
    }

    /// The end of the backoff before an attempt, where it is not known to be over.
    pub(crate) fn end_of_backoff(&self, activity: &stored::Activity) -> Option<Timestamp> {
        let waits = activity.started.is_none() && !self.backoff_is_over(activity);
        timestamp_opt(activity.scheduled_time.as_ref()).filter(|_| waits)
    }

    /// The activities of which something is due, the earliest first.
    pub(crate) fn due_activities(&self, is_due: impl Fn(Timestamp) -> bool) -> impl Iterator<Item = &stored::Activity> {
        let due = self.activities.wakes.keys().take_while(move |(at, _)| is_due(*at));
        due.filter_map(|(_, scheduled_event_id)| self.activity(*scheduled_event_id))
    }

    /// Every moment at which an activity times out. A heartbeat's needs a time to count from: after a recovery there is none
    /// until the first wake.
    pub(crate) fn deadlines_of(&self, activity: &stored::Activity) -> impl Iterator<Item = Deadline> {
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
        let seen = self.activities.alive.get(&activity.scheduled_event_id).copied();
        let beat = timestamp_opt(activity.heartbeat_time.as_ref());
        Some(started?.max(known_from)).max(seen).max(beat)
    }

    /// The earliest end of a backoff or deadline; at once where heartbeats have no time to count from.
    pub(super) fn activity_wake(&self) -> Option<Timestamp> {
        if self.deadlines_from.is_none() && self.activities.all.values().any(heartbeats) {
            return Some(Timestamp::EPOCH);
        }
        let first = self.activities.wakes.keys().next().map(|(at, _)| *at);
        debug_assert_eq!(first, self.all_wakes().min(), "the index of wake-ups is in order");
        first
    }

    fn all_wakes(&self) -> impl Iterator<Item = Timestamp> {
        let all = self.activities.all.values();
        all.flat_map(|activity| self.end_of_backoff(activity).into_iter().chain(self.deadlines_of(activity).map(|of| of.at)))
    }

    /// Activities that are not done, by their scheduled events.
    pub const fn activities(&self) -> &SharedMap<i64, stored::Activity> {
        self.activities.all()
    }

    /// An activity that is not done.
    pub fn activity(&self, scheduled_event_id: i64) -> Option<&stored::Activity> {
        self.activities.all.get(&scheduled_event_id)
    }

    /// The same by the id that the workflow gave it.
    pub fn activity_by_id(&self, activity_id: &str) -> Option<&stored::Activity> {
        self.activity(*self.activities.by_id.get(activity_id)?)
    }

    /// The last heartbeat of a running activity, stored or not.
    pub fn last_heartbeat(&self, scheduled_event_id: i64) -> Option<Timestamp> {
        let stored = self.activity(scheduled_event_id).and_then(|activity| timestamp_opt(activity.heartbeat_time.as_ref()));
        stored.max(self.activities.alive.get(&scheduled_event_id).copied())
    }

    /// The schedule-to-close timeout as a moment.
    pub(crate) fn activity_expiration(&self, activity: &stored::Activity) -> Option<Timestamp> {
        let limit = duration(scheduled(activity)?.schedule_to_close_timeout.as_ref());
        timestamp_opt(activity.first_scheduled_time.as_ref()).filter(|_| limit > Duration::ZERO).map(|first| first + limit)
    }
}
