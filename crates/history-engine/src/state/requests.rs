//! Request ids that dedupe later calls. Those of signals and attached starts follow from their events; others have a mark.

use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::history::v1::{
    HistoryEvent, WorkflowExecutionOptionsUpdatedEventAttributes, WorkflowExecutionSignaledEventAttributes,
};

use super::{Run, SharedMap};
use crate::task::Task;
use crate::turn::BUFFERED_EVENT_ID;

/// Request ids kept per run. Source: `architecture.md` 4.11.
const KEPT: usize = 1_000;

/// What was seen, oldest first, and where each request id stands. Signals, starts that another run answered and starts that were
/// attached stand apart: a caller may use one id for one of each, as signal-with-start does.
#[derive(Debug, Clone, Default)]
pub(super) struct Requests {
    seen: SharedMap<i64, stored::RequestSeen>,
    signals: SharedMap<String, i64>,
    attached: SharedMap<String, i64>,
    starts: SharedMap<String, i64>,
    next: i64,
}

impl PartialEq for Requests {
    /// The same requests in the same order; how they are numbered means nothing.
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Requests {
    /// Takes them out of a stored state.
    pub(super) fn take(state: &mut stored::RunState) -> Self {
        let mut requests = Self::default();
        for seen in std::mem::take(&mut state.requests) {
            requests.push(seen);
        }
        requests
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &stored::RequestSeen> {
        self.seen.values()
    }

    pub(super) const fn memory(&self) -> usize {
        self.seen.memory() + self.signals.memory() + self.attached.memory() + self.starts.memory()
    }

    pub(super) const fn bytes(&self) -> usize {
        self.seen.bytes()
    }

    fn place(&self, kind: stored::RequestKind, request_id: &str) -> Option<i64> {
        let places = match kind {
            stored::RequestKind::Start => &self.starts,
            stored::RequestKind::Attached => &self.attached,
            _ => &self.signals,
        };
        places.get(request_id).copied()
    }

    fn get(&self, kind: stored::RequestKind, request_id: &str) -> Option<&stored::RequestSeen> {
        self.seen.get(&self.place(kind, request_id)?)
    }

    const fn places_of(&mut self, kind: stored::RequestKind) -> &mut SharedMap<String, i64> {
        match kind {
            stored::RequestKind::Start => &mut self.starts,
            stored::RequestKind::Attached => &mut self.attached,
            _ => &mut self.signals,
        }
    }

    fn push(&mut self, seen: stored::RequestSeen) {
        if self.seen.len() >= KEPT {
            let oldest = self.seen.keys().next().copied();
            if let Some((place, gone)) = oldest.and_then(|place| Some((place, self.seen.remove(&place)?)))
                && self.places_of(gone.kind()).get(&gone.request_id) == Some(&place)
            {
                self.places_of(gone.kind()).remove(&gone.request_id);
            }
        }
        let next = self.next;
        self.places_of(seen.kind()).insert(seen.request_id.clone(), next);
        self.seen.insert(self.next, seen);
        self.next += 1;
    }
}

impl Run {
    /// Requests that were seen and dedupe, oldest first.
    pub fn requests(&self) -> impl Iterator<Item = &stored::RequestSeen> {
        self.requests.iter()
    }

    pub(super) fn signaled(&mut self, event: &HistoryEvent, of: &WorkflowExecutionSignaledEventAttributes) -> Vec<Task> {
        #[cfg(feature = "planted-bugs")]
        if model::planted::Bug::RequestIdForgotten.is_planted() {
            return Vec::new();
        }
        self.remember(event, &of.request_id, stored::RequestKind::Signal);
        if event.event_id != BUFFERED_EVENT_ID {
            self.state.signal_count = self.state.signal_count.saturating_add(1);
        }
        Vec::new()
    }

    pub(super) fn options_updated(
        &mut self,
        event: &HistoryEvent,
        of: &WorkflowExecutionOptionsUpdatedEventAttributes,
    ) -> Vec<Task> {
        self.remember(event, &of.attached_request_id, stored::RequestKind::Attached);
        Vec::new()
    }

    pub(super) fn request_seen(&mut self, of: &stored::RequestSeen) -> Vec<Task> {
        // The newest answer to a start counts.
        if of.kind() == stored::RequestKind::Start || self.requests.get(of.kind(), &of.request_id).is_none() {
            self.requests.push(of.clone());
        }
        Vec::new()
    }

    /// Whether a signal with this request id was seen.
    pub(crate) fn has_signal(&self, request_id: &str) -> bool {
        !request_id.is_empty() && self.requests.get(stored::RequestKind::Signal, request_id).is_some()
    }

    /// The start that attached this request id to the run, or to an earlier one of the chain.
    pub(crate) fn attached_start(&self, request_id: &str) -> Option<&stored::RequestSeen> {
        self.requests.get(stored::RequestKind::Attached, request_id).filter(|_| !request_id.is_empty())
    }

    /// The start that an earlier run of the chain answered, if it was seen.
    pub(crate) fn earlier_start(&self, request_id: &str) -> Option<&stored::RequestSeen> {
        self.requests.get(stored::RequestKind::Start, request_id)
    }

    /// Remembers what an event answers. A buffered event has no id yet; it gets one when it is flushed.
    fn remember(&mut self, event: &HistoryEvent, request_id: &str, kind: stored::RequestKind) {
        let event_id = if event.event_id == BUFFERED_EVENT_ID { 0 } else { event.event_id };
        if request_id.is_empty() {
            return;
        }
        if let Some(place) = self.requests.place(kind, request_id) {
            if self.requests.seen.get(&place).is_some_and(|seen| seen.event_id == 0) {
                self.requests.seen.update(&place, |seen| seen.event_id = event_id);
            }
            return;
        }
        self.requests.push(stored::RequestSeen {
            request_id: request_id.to_owned(),
            kind: kind as i32,
            time: event.event_time,
            event_id,
            event_type: event.event_type,
            ..stored::RequestSeen::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(number: usize) -> stored::RequestSeen {
        let kind = stored::RequestKind::Signal as i32;
        stored::RequestSeen { request_id: format!("r-{number}"), kind, ..stored::RequestSeen::default() }
    }

    #[test]
    fn the_newest_thousand_are_remembered() {
        let mut requests = Requests::default();
        for number in 0..=KEPT {
            requests.push(seen(number));
        }
        let get = |requests: &Requests, id| requests.get(stored::RequestKind::Signal, id).cloned();
        assert_eq!((requests.iter().count(), requests.signals.len()), (KEPT, KEPT));
        assert_eq!((get(&requests, "r-0"), get(&requests, "r-1")), (None, Some(seen(1))));
        requests.push(seen(0));
        assert_eq!((get(&requests, "r-0"), get(&requests, "r-1")), (Some(seen(0)), None));
        assert_eq!(requests.iter().last(), Some(&seen(0)), "in the order in which they came");
    }
}
