//! What only the history service is sent.

use proto::aevum::history::v1 as wire;

use super::{Read, namespace, required, run_id, run_key};
use crate::Error;
use crate::services::NamespaceRef;
use crate::services::history::{ActivityTaskStart, ChildClose, Heartbeat, Initiator, WorkflowTaskStart};

impl From<Initiator> for wire::Initiator {
    fn from(of: Initiator) -> Self {
        Self {
            execution: Some(of.execution),
            namespace: namespace(&of.namespace),
            initiated_event_id: of.initiated_event_id,
            initiated_event_version: of.initiated_event_version,
            child_workflow_only: of.child_workflow_only,
            root: Some(of.root),
        }
    }
}

impl Read<Option<Initiator>> for Option<wire::Initiator> {
    fn read(self) -> Result<Option<Initiator>, Error> {
        let Some(of) = self else { return Ok(None) };
        Ok(Some(Initiator {
            execution: required(of.execution, "initiator")?,
            namespace: of.namespace.read()?,
            initiated_event_id: of.initiated_event_id,
            initiated_event_version: of.initiated_event_version,
            child_workflow_only: of.child_workflow_only,
            root: required(of.root, "root")?,
        }))
    }
}

/// A message with the namespace that it is about.
pub(crate) type About<T> = (NamespaceRef, T);

/// As it is sent.
pub(crate) fn workflow_task_started(about: &NamespaceRef, start: WorkflowTaskStart) -> wire::WorkflowTaskStartedRequest {
    wire::WorkflowTaskStartedRequest {
        namespace: namespace(about),
        key: run_key(start.key),
        scheduled_event_id: start.scheduled_event_id,
        attempt: start.attempt,
        request_id: start.request_id,
        poll: Some(start.poll),
    }
}

impl Read<About<WorkflowTaskStart>> for wire::WorkflowTaskStartedRequest {
    fn read(self) -> Result<About<WorkflowTaskStart>, Error> {
        let start = WorkflowTaskStart {
            key: self.key.read()?,
            scheduled_event_id: self.scheduled_event_id,
            attempt: self.attempt,
            request_id: self.request_id,
            poll: required(self.poll, "poll")?,
        };
        Ok((self.namespace.read()?, start))
    }
}

/// As it is sent.
pub(crate) fn activity_task_started(about: &NamespaceRef, start: ActivityTaskStart) -> wire::ActivityTaskStartedRequest {
    wire::ActivityTaskStartedRequest {
        namespace: namespace(about),
        key: run_key(start.key),
        scheduled_event_id: start.scheduled_event_id,
        attempt: start.attempt,
        stamp: start.stamp,
        request_id: start.request_id,
        poll: Some(start.poll),
    }
}

impl Read<About<ActivityTaskStart>> for wire::ActivityTaskStartedRequest {
    fn read(self) -> Result<About<ActivityTaskStart>, Error> {
        let start = ActivityTaskStart {
            key: self.key.read()?,
            scheduled_event_id: self.scheduled_event_id,
            attempt: self.attempt,
            stamp: self.stamp,
            request_id: self.request_id,
            poll: required(self.poll, "poll")?,
        };
        Ok((self.namespace.read()?, start))
    }
}

/// As it is sent.
pub(crate) fn child_closed(about: &NamespaceRef, close: ChildClose) -> wire::ChildClosedRequest {
    wire::ChildClosedRequest {
        namespace: namespace(about),
        parent: run_key(close.parent),
        initiated_event_id: close.initiated_event_id,
        child: Some(close.child),
        first_run_id: close.first_run_id,
        workflow_type: close.workflow_type,
        close_event: Some(close.close_event),
    }
}

impl Read<About<ChildClose>> for wire::ChildClosedRequest {
    fn read(self) -> Result<About<ChildClose>, Error> {
        let close = ChildClose {
            parent: self.parent.read()?,
            initiated_event_id: self.initiated_event_id,
            child: required(self.child, "child")?,
            first_run_id: self.first_run_id,
            workflow_type: self.workflow_type,
            close_event: required(self.close_event, "close event")?,
        };
        Ok((self.namespace.read()?, close))
    }
}

impl From<Heartbeat> for wire::ActivityHeartbeatAnswer {
    fn from(of: Heartbeat) -> Self {
        Self { cancel_requested: of.cancel_requested, activity_paused: of.activity_paused, activity_reset: of.activity_reset }
    }
}

impl From<wire::ActivityHeartbeatAnswer> for Heartbeat {
    fn from(of: wire::ActivityHeartbeatAnswer) -> Self {
        Self { cancel_requested: of.cancel_requested, activity_paused: of.activity_paused, activity_reset: of.activity_reset }
    }
}

impl Read<model::RunId> for wire::CurrentRunAnswer {
    fn read(self) -> Result<model::RunId, Error> {
        run_id(&self.run_id)
    }
}
