//! Signals to and cancel requests for other workflows that are under way.

use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::history::v1::{
    HistoryEvent, RequestCancelExternalWorkflowExecutionInitiatedEventAttributes as CancelInitiated,
    SignalExternalWorkflowExecutionInitiatedEventAttributes as SignalInitiated, history_event::Attributes as A,
};

use super::Run;
use crate::task::Task;

/// The signal that was initiated.
pub(crate) fn signal(of: &stored::ExternalSignal) -> Option<&SignalInitiated> {
    match of.initiated_event.as_ref()?.attributes.as_ref()? {
        A::SignalExternalWorkflowExecutionInitiatedEventAttributes(of) => Some(of),
        _ => None,
    }
}

/// The cancel request that was initiated.
pub(crate) fn cancel(of: &stored::ExternalCancel) -> Option<&CancelInitiated> {
    match of.initiated_event.as_ref()?.attributes.as_ref()? {
        A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(of) => Some(of),
        _ => None,
    }
}

impl Run {
    pub(super) fn external_signal_initiated(&mut self, event: &HistoryEvent) -> Vec<Task> {
        let signal = stored::ExternalSignal {
            initiated_event_id: event.event_id,
            initiated_event: Some(Box::new(event.clone())),
            request_id: self.request_id_of(event),
        };
        self.pending.external_signals.insert(event.event_id, signal);
        vec![Task::SignalExternal { run: self.id, initiated_event_id: event.event_id }]
    }

    pub(super) fn external_signal_ended(&mut self, initiated_event_id: i64) -> Vec<Task> {
        self.pending.external_signals.remove(&initiated_event_id);
        Vec::new()
    }

    pub(super) fn external_cancel_initiated(&mut self, event: &HistoryEvent) -> Vec<Task> {
        let cancel = stored::ExternalCancel {
            initiated_event_id: event.event_id,
            initiated_event: Some(Box::new(event.clone())),
            request_id: self.request_id_of(event),
        };
        self.pending.external_cancels.insert(event.event_id, cancel);
        vec![Task::CancelExternal { run: self.id, initiated_event_id: event.event_id }]
    }

    pub(super) fn external_cancel_ended(&mut self, initiated_event_id: i64) -> Vec<Task> {
        self.pending.external_cancels.remove(&initiated_event_id);
        Vec::new()
    }

    /// Requests that no answer came to yet.
    pub(super) fn externals_owed(&self) -> impl Iterator<Item = Task> {
        let run = self.id;
        let signals = self.pending.external_signals.keys();
        let cancels = self.pending.external_cancels.keys();
        let signals = signals.map(move |id| Task::SignalExternal { run, initiated_event_id: *id });
        signals.chain(cancels.map(move |id| Task::CancelExternal { run, initiated_event_id: *id }))
    }
}
