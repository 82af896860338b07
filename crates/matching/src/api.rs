//! The service trait: one file per call.

mod describe;
mod offer;
mod poll;
mod poll_activity_task;
mod poll_workflow_task;
mod query;

use async_trait::async_trait;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;
use rpc::services::matching::{Matching, Offer, QueryOffer, Receipt};
use rpc::{Context, Error};

use crate::service::Service;

#[async_trait]
impl Matching for Service {
    async fn offer(&self, _context: &Context, namespace: &NamespaceRef, offer: Offer) -> Result<Receipt, Error> {
        self.take_offer(namespace, offer).await
    }

    async fn withdraw(&self, namespace: &NamespaceRef, offer: Offer) {
        self.take_back(namespace, &offer);
    }

    async fn poll_workflow_task(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::PollWorkflowTaskQueueRequest,
    ) -> Result<api::PollWorkflowTaskQueueResponse, Error> {
        self.workflow_poll(context, namespace, request).await
    }

    async fn poll_activity_task(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        request: api::PollActivityTaskQueueRequest,
    ) -> Result<api::PollActivityTaskQueueResponse, Error> {
        self.activity_poll(context, namespace, request).await
    }

    async fn query(
        &self,
        context: &Context,
        namespace: &NamespaceRef,
        query: QueryOffer,
    ) -> Result<api::QueryWorkflowResponse, Error> {
        self.ask(context, namespace, query).await
    }

    async fn query_answered(
        &self,
        _context: &Context,
        namespace: &NamespaceRef,
        request: api::RespondQueryTaskCompletedRequest,
    ) -> Result<(), Error> {
        self.answer(namespace, request)
    }

    async fn describe_task_queue(
        &self,
        _context: &Context,
        namespace: &NamespaceRef,
        request: api::DescribeTaskQueueRequest,
    ) -> Result<api::DescribeTaskQueueResponse, Error> {
        self.describe(namespace, &request)
    }

    async fn shutdown_worker(
        &self,
        _context: &Context,
        namespace: &NamespaceRef,
        request: api::ShutdownWorkerRequest,
    ) -> Result<(), Error> {
        self.say_goodbye(namespace, &request)
    }
}
