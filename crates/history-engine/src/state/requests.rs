//! Request ids that dedupe later calls. Those of signals and attached starts follow from their events; others have a mark.

use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::history::v1::{
    HistoryEvent, WorkflowExecutionOptionsUpdatedEventAttributes, WorkflowExecutionSignaledEventAttributes,
};

use super::Run;
use crate::task::Task;
use crate::turn::BUFFERED_EVENT_ID;

/// Request ids kept per run. Source: `architecture.md` 4.11.
const KEPT: usize = 1_000;

impl Run {
    pub(super) fn signaled(&mut self, event: &HistoryEvent, of: &WorkflowExecutionSignaledEventAttributes) -> Vec<Task> {
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
        if self.request(&of.request_id).is_none() {
            self.push_request(of.clone());
        }
        Vec::new()
    }

    /// The request, if it was seen.
    pub fn request(&self, request_id: &str) -> Option<&stored::RequestSeen> {
        self.state.requests.iter().rev().find(|seen| !request_id.is_empty() && seen.request_id == request_id)
    }

    /// Remembers what an event answers. A buffered event has no id yet; it gets one when it is flushed.
    fn remember(&mut self, event: &HistoryEvent, request_id: &str, kind: stored::RequestKind) {
        let event_id = if event.event_id == BUFFERED_EVENT_ID { 0 } else { event.event_id };
        if request_id.is_empty() {
            return;
        }
        if let Some(seen) = self.state.requests.iter_mut().rev().find(|seen| seen.request_id == request_id) {
            if seen.event_id == 0 {
                seen.event_id = event_id;
            }
            return;
        }
        self.push_request(stored::RequestSeen {
            request_id: request_id.to_owned(),
            kind: kind as i32,
            time: event.event_time,
            event_id,
            event_type: event.event_type,
        });
    }

    fn push_request(&mut self, seen: stored::RequestSeen) {
        if self.state.requests.len() >= KEPT {
            self.state.requests.remove(0);
        }
        self.state.requests.push(seen);
    }
}
