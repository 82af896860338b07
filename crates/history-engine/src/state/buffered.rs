//! Events that wait while a workflow task is started.

use proto::aevum::persistence::v1 as stored;

use super::{A, Run};
use crate::task::Task;

impl Run {
    pub(super) fn event_buffered(&mut self, of: &stored::EventBuffered) -> Vec<Task> {
        let Some(event) = &of.event else { return Vec::new() };
        self.state.buffered_events.push((**event).clone());
        match &event.attributes {
            Some(A::WorkflowExecutionSignaledEventAttributes(signal)) => self.signaled(event, signal),
            Some(A::WorkflowExecutionOptionsUpdatedEventAttributes(of)) => self.options_updated(event, of),
            Some(A::WorkflowExecutionCancelRequestedEventAttributes(_)) => self.cancel_requested(),
            _ => self.pending_event(event),
        }
    }

    pub(super) fn buffer_flushed(&mut self) -> Vec<Task> {
        self.state.buffered_events.clear();
        Vec::new()
    }

    /// Buffered events without a started workflow task: only a recovery leaves that.
    pub(crate) fn flush_owed(&self) -> Option<Task> {
        let owed = self.is_open() && !self.state.buffered_events.is_empty() && !self.workflow_task_is_started();
        owed.then_some(Task::FlushBuffer { run: self.id })
    }

    /// Bytes of the buffered events.
    pub(crate) fn buffered_bytes(&self) -> usize {
        self.state.buffered_events.iter().map(prost::Message::encoded_len).sum()
    }
}
