//! Timers that a workflow has started.

use model::Timestamp;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::history::v1::{HistoryEvent, TimerStartedEventAttributes, history_event::Attributes as A};

use super::Run;
use crate::task::Task;
use crate::time::{duration, proto_timestamp, timestamp_opt};

impl Run {
    pub(super) fn timer_started(&mut self, event: &HistoryEvent, of: &TimerStartedEventAttributes) -> Vec<Task> {
        let Some(now) = timestamp_opt(event.event_time.as_ref()) else { return Vec::new() };
        let timer = stored::Timer {
            timer_id: of.timer_id.clone(),
            started_event_id: event.event_id,
            fire_time: Some(proto_timestamp(now + duration(of.start_to_fire_timeout.as_ref()))),
            last_update: event.event_id,
        };
        self.state.timers.insert(of.timer_id.clone(), timer);
        Vec::new()
    }

    /// Fired or cancelled; a timer of the same id that was started since stays.
    pub(super) fn timer_ended(&mut self, timer_id: &str, started_event_id: i64) -> Vec<Task> {
        if self.state.timers.get(timer_id).is_some_and(|timer| timer.started_event_id == started_event_id) {
            self.state.timers.remove(timer_id);
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
        self.state.timers.values().filter_map(|timer| timestamp_opt(timer.fire_time.as_ref())).min()
    }
}
