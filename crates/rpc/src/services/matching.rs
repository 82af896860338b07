//! The matching service: task queues, where tasks meet pollers.

use async_trait::async_trait;
use model::{Epoch, MemberId, RunKey, TaskQueueKind, TaskQueueName, Timestamp};
use proto::temporal::api::query::v1::WorkflowQuery;
use proto::temporal::api::workflowservice::v1 as api;

use super::NamespaceRef;
use crate::{Context, Error};

/// A task offered by history.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Workflow or activity.
    pub kind: TaskQueueKind,
    /// The queue: normal or sticky.
    pub queue: TaskQueueName,
    /// Whether it is a sticky queue (refused at once where nobody polls it).
    pub sticky: bool,
    /// Whose task.
    pub key: RunKey,
    /// Its scheduled event.
    pub scheduled_event_id: i64,
    /// Its attempt.
    pub attempt: i32,
    /// Changes when options of the attempt change.
    pub stamp: i32,
    /// 1 (most urgent) to 5; 3 where none was given.
    pub priority: i32,
    /// When it was scheduled.
    pub scheduled: Timestamp,
    /// When it is not wanted any more ([`Timestamp::MAX`]: never).
    pub expires: Timestamp,
}

/// Matching took an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Which incarnation owns the queue: re-offer when this changes.
    pub owner: MemberId,
    /// The owner's epoch of that queue.
    pub epoch: Epoch,
    /// The task is in the stored backlog: history need not keep it any more.
    pub spilled: bool,
}

/// A query to be answered by a worker directly.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryOffer {
    /// The queue: normal or sticky.
    pub queue: TaskQueueName,
    /// Whether it is a sticky queue.
    pub sticky: bool,
    /// About whom.
    pub key: RunKey,
    /// The question.
    pub query: WorkflowQuery,
    /// The poll answer without query and token: execution, type, previous started event, history (filled by history).
    pub task: api::PollWorkflowTaskQueueResponse,
}

/// The matching service.
#[async_trait]
pub trait Matching: Send + Sync {
    /// Takes a task: hands it to a waiting poller, or keeps it.
    ///
    /// # Errors
    /// [`Error::StickyWorkerUnavailable`] where nobody polls that sticky queue: offer it on the normal one.
    async fn offer(&self, context: &Context, namespace: &NamespaceRef, offer: Offer) -> Result<Receipt, Error>;

    /// A task is not owed any more. Best effort.
    async fn withdraw(&self, namespace: &NamespaceRef, offer: Offer);

    /// Waits for a workflow task or a query. An empty answer means that there was none in time.
    async fn poll_workflow_task(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::PollWorkflowTaskQueueRequest,
    ) -> Result<api::PollWorkflowTaskQueueResponse, Error>;

    /// Waits for an activity task. An empty answer means that there was none in time.
    async fn poll_activity_task(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::PollActivityTaskQueueRequest,
    ) -> Result<api::PollActivityTaskQueueResponse, Error>;

    /// Has a worker answer a query; waits for the answer until the context's deadline.
    async fn query(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        query: QueryOffer,
    ) -> Result<api::QueryWorkflowResponse, Error>;

    /// A worker answers a query.
    async fn query_answered(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::RespondQueryTaskCompletedRequest,
    ) -> Result<(), Error>;

    /// Describes a task queue.
    async fn describe_task_queue(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::DescribeTaskQueueRequest,
    ) -> Result<api::DescribeTaskQueueResponse, Error>;

    /// A worker stops: its sticky queue is dropped and its open polls are answered empty.
    async fn shutdown_worker(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::ShutdownWorkerRequest,
    ) -> Result<(), Error>;
}
