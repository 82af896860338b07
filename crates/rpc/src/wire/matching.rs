//! What only the matching service is sent.

use model::{Epoch, TaskQueueKind, TaskQueueName, Timestamp};
use proto::aevum::matching::v1 as wire;

use super::{Read, malformed, member, namespace, required, run_key};
use crate::Error;
use crate::services::NamespaceRef;
use crate::services::matching::{Offer, QueryOffer, Receipt};

const WORKFLOW: u32 = 1;
const ACTIVITY: u32 = 2;

impl From<Offer> for wire::Task {
    fn from(of: Offer) -> Self {
        Self {
            kind: match of.kind {
                TaskQueueKind::Workflow => WORKFLOW,
                TaskQueueKind::Activity => ACTIVITY,
            },
            queue: of.queue.as_str().to_owned(),
            sticky: of.sticky,
            key: run_key(of.key),
            scheduled_event_id: of.scheduled_event_id,
            attempt: of.attempt,
            stamp: of.stamp,
            priority: of.priority,
            scheduled: of.scheduled.as_nanos(),
            expires: of.expires.as_nanos(),
        }
    }
}

fn queue(name: &str) -> Result<TaskQueueName, Error> {
    TaskQueueName::parse(name).map_err(|_| malformed("task queue"))
}

impl Read<Offer> for Option<wire::Task> {
    fn read(self) -> Result<Offer, Error> {
        let of = required(self, "task")?;
        Ok(Offer {
            kind: match of.kind {
                WORKFLOW => TaskQueueKind::Workflow,
                ACTIVITY => TaskQueueKind::Activity,
                _ => return Err(malformed("kind of task")),
            },
            queue: queue(&of.queue)?,
            sticky: of.sticky,
            key: of.key.read()?,
            scheduled_event_id: of.scheduled_event_id,
            attempt: of.attempt,
            stamp: of.stamp,
            priority: of.priority,
            scheduled: Timestamp::from_nanos(of.scheduled),
            expires: Timestamp::from_nanos(of.expires),
        })
    }
}

impl From<Receipt> for wire::OfferAnswer {
    fn from(of: Receipt) -> Self {
        Self { owner: of.owner.as_bytes().to_vec().into(), epoch: of.epoch.get(), spilled: of.spilled }
    }
}

impl Read<Receipt> for wire::OfferAnswer {
    fn read(self) -> Result<Receipt, Error> {
        Ok(Receipt { owner: member(&self.owner)?, epoch: Epoch::new(self.epoch), spilled: self.spilled })
    }
}

/// As it is sent.
pub(crate) fn query(about: &NamespaceRef, query: QueryOffer) -> wire::QueryRequest {
    wire::QueryRequest {
        namespace: namespace(about),
        queue: query.queue.as_str().to_owned(),
        sticky: query.sticky,
        key: run_key(query.key),
        query: Some(query.query),
        task: Some(query.task),
    }
}

impl Read<(NamespaceRef, QueryOffer)> for wire::QueryRequest {
    fn read(self) -> Result<(NamespaceRef, QueryOffer), Error> {
        let query = QueryOffer {
            queue: queue(&self.queue)?,
            sticky: self.sticky,
            key: self.key.read()?,
            query: required(self.query, "query")?,
            task: required(self.task, "task")?,
        };
        Ok((self.namespace.read()?, query))
    }
}
