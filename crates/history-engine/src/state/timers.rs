//! Timers that a workflow has started.

use model::Timestamp;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::history::v1::{HistoryEvent, TimerStartedEventAttributes, history_event::Attributes as A};

use super::{Run, SharedMap};
use crate::task::Task;
use crate::time::{duration, proto_timestamp, timestamp_opt};

/// Timers by their ids, and when they fire, in this order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Timers {
    all: SharedMap<String, stored::Timer>,
    firings: SharedMap<(Timestamp, i64), String>,
}

impl Timers {
    /// Takes them out of a stored state.
    pub(super) fn take(state: &mut stored::RunState) -> Self {
        let mut timers = Self::default();
        for timer in std::mem::take(&mut state.timers).into_values() {
            timers.insert(timer);
        }
        timers
    }

    pub(super) const fn all(&self) -> &SharedMap<String, stored::Timer> {
        &self.all
    }

    pub(super) const fn memory(&self) -> usize {
        self.all.memory() + self.firings.memory()
    }

    fn insert(&mut self, timer: stored::Timer) {
        self.remove(&timer.timer_id);
        if let Some(firing) = firing(&timer) {
            self.firings.insert(firing, timer.timer_id.clone());
        }
        self.all.insert(timer.timer_id.clone(), timer);
    }

    fn remove(&mut self, timer_id: &String) {
        if let Some(firing) = self.all.remove(timer_id).as_ref().and_then(firing) {
            self.firings.remove(&firing);
        }
    }
}

fn firing(timer: &stored::Timer) -> Option<(Timestamp, i64)> {
    Some((timestamp_opt(timer.fire_time.as_ref())?, timer.started_event_id))
}

impl Run {
    /// Timers that have not fired.
    pub const fn timers(&self) -> &SharedMap<String, stored::Timer> {
        self.timers.all()
    }

    /// Timers in the order in which they fire: time, started event, id.
    pub(crate) fn firings(&self) -> impl Iterator<Item = (Timestamp, i64, &str)> {
        self.timers.firings.iter().map(|((at, started_event_id), id)| (*at, *started_event_id, id.as_str()))
    }

    pub(super) fn timer_started(&mut self, event: &HistoryEvent, of: &TimerStartedEventAttributes) -> Vec<Task> {
        let Some(now) = timestamp_opt(event.event_time.as_ref()) else { return Vec::new() };
        let timer = stored::Timer {
            timer_id: of.timer_id.clone(),
            started_event_id: event.event_id,
            fire_time: Some(proto_timestamp(now + duration(of.start_to_fire_timeout.as_ref()))),
            last_update: event.event_id,
        };
        self.timers.insert(timer);
        Vec::new()
    }

    /// Fired or cancelled; a timer of the same id that was started since stays.
    pub(super) fn timer_ended(&mut self, timer_id: &str, started_event_id: i64) -> Vec<Task> {
        if self.timers.all.get(timer_id).is_some_and(|timer| timer.started_event_id == started_event_id) {
            self.timers.remove(&timer_id.to_owned());
        }
        Vec::new()
    }

    /// The firing of a timer leaves the buffer, since the timer was cancelled before the worker heard of it.
    pub(super) fn buffered_event_removed(&mut self, of: &stored::BufferedEventRemoved) -> Vec<Task> {
        self.state.buffered_events.retain(
            |event| !matches!(&event.attributes, Some(A::TimerFiredEventAttributes(fired)) if fired.timer_id == of.timer_id),
        );
        Vec::new()
    }

    /// The started event of a timer whose firing is in the buffer.
    pub(crate) fn buffered_firing(&self, timer_id: &str) -> Option<i64> {
        self.state.buffered_events.iter().find_map(|event| match &event.attributes {
            Some(A::TimerFiredEventAttributes(fired)) if fired.timer_id == timer_id => Some(fired.started_event_id),
            _ => None,
        })
    }

    /// The earliest firing.
    pub(super) fn timer_wake(&self) -> Option<Timestamp> {
        self.firings().next().map(|(at, ..)| at)
    }
}
