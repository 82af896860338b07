//! The history service of another process.

use async_trait::async_trait;
use model::{RunId, RunKey};
use proto::aevum::history::v1 as wire;
use proto::aevum::history::v1::history_service_client::HistoryServiceClient;
use proto::temporal::api::workflowservice::v1 as api;
use tonic::transport::Channel;

use super::{MAX_MESSAGE, failed, outgoing};
use crate::calls::history_calls;
use crate::services::NamespaceRef;
use crate::services::history::{ActivityTaskStart, ChildClose, Heartbeat, History, Initiator, WorkflowTaskStart};
use crate::wire::{self as words, Read};
use crate::{Context, Error};

/// A [`History`] at the other end of a channel. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RemoteHistory {
    client: HistoryServiceClient<Channel>,
}

impl RemoteHistory {
    /// The service that listens there.
    pub fn new(channel: Channel) -> Self {
        let client = HistoryServiceClient::new(channel);
        Self { client: client.max_decoding_message_size(MAX_MESSAGE).max_encoding_message_size(MAX_MESSAGE) }
    }
}

macro_rules! remote {
    (
        answered { $($_safety:ident $method:ident($wire:ident: $request:ident $(, $from:ident)?) -> $answer:ident;)* }
        told { $($_told_safety:ident $told:ident($told_wire:ident: $told_request:ident);)* }
    ) => {
        #[async_trait]
        impl History for RemoteHistory {
            $(
                async fn $method(
                    &self,
                    context: &Context,
                    namespace: &NamespaceRef,
                    request: api::$request,
                    $($from: Option<Initiator>,)?
                ) -> Result<api::$answer, Error> {
                    let message = wire::$wire {
                        namespace: words::namespace(namespace),
                        request: Some(request),
                        $(initiator: $from.map(Into::into),)?
                    };
                    let call = outgoing(context, message)?;
                    Ok(self.client.clone().$method(call).await.map_err(failed)?.into_inner())
                }
            )*
            $(
                async fn $told(
                    &self,
                    context: &Context,
                    namespace: &NamespaceRef,
                    request: api::$told_request,
                ) -> Result<(), Error> {
                    let message = wire::$told_wire { namespace: words::namespace(namespace), request: Some(request) };
                    self.client.clone().$told(outgoing(context, message)?).await.map_err(failed).map(drop)
                }
            )*

            async fn activity_heartbeat(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                request: api::RecordActivityTaskHeartbeatRequest,
            ) -> Result<Heartbeat, Error> {
                let message = wire::ActivityHeartbeatRequest { namespace: words::namespace(namespace), request: Some(request) };
                let call = outgoing(context, message)?;
                Ok(self.client.clone().activity_heartbeat(call).await.map_err(failed)?.into_inner().into())
            }

            async fn workflow_task_started(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                start: WorkflowTaskStart,
            ) -> Result<api::PollWorkflowTaskQueueResponse, Error> {
                let call = outgoing(context, words::history::workflow_task_started(namespace, start))?;
                Ok(self.client.clone().workflow_task_started(call).await.map_err(failed)?.into_inner())
            }

            async fn activity_task_started(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                start: ActivityTaskStart,
            ) -> Result<api::PollActivityTaskQueueResponse, Error> {
                let call = outgoing(context, words::history::activity_task_started(namespace, start))?;
                Ok(self.client.clone().activity_task_started(call).await.map_err(failed)?.into_inner())
            }

            async fn schedule_first_workflow_task(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                child: RunKey,
            ) -> Result<(), Error> {
                let message = wire::ScheduleFirstWorkflowTaskRequest {
                    namespace: words::namespace(namespace),
                    child: words::run_key(child),
                };
                let call = outgoing(context, message)?;
                self.client.clone().schedule_first_workflow_task(call).await.map_err(failed).map(drop)
            }

            async fn child_closed(&self, context: &Context, namespace: &NamespaceRef, close: ChildClose) -> Result<(), Error> {
                let call = outgoing(context, words::history::child_closed(namespace, close))?;
                self.client.clone().child_closed(call).await.map_err(failed).map(drop)
            }

            async fn current_run(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                workflow_id: &str,
            ) -> Result<RunId, Error> {
                let message = wire::CurrentRunRequest {
                    namespace: words::namespace(namespace),
                    workflow_id: workflow_id.to_owned(),
                };
                let call = outgoing(context, message)?;
                self.client.clone().current_run(call).await.map_err(failed)?.into_inner().read()
            }
        }
    };
}

history_calls!(remote);
