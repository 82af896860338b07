//! The history service of this process, for others.

use proto::aevum::history::v1 as wire;
use proto::aevum::history::v1::history_service_server::HistoryService;
use proto::aevum::rpc::v1::Done;
use proto::temporal::api::workflowservice::v1 as api;
use tonic::{Request, Response, Status};

use super::{Behind, incoming, known};
use crate::calls::history_calls;
use crate::error::between::status;
use crate::services::History;
use crate::wire::{Read, required};

macro_rules! serve {
    (
        answered { $($_safety:ident $method:ident($wire:ident: $request:ident $(, $from:ident)?) -> $answer:ident;)* }
        told { $($_told_safety:ident $told:ident($told_wire:ident: $told_request:ident);)* }
    ) => {
        #[tonic::async_trait]
        impl HistoryService for Behind<dyn History> {
            $(
                async fn $method(&self, request: Request<wire::$wire>) -> Result<Response<api::$answer>, Status> {
                    let (context, message) = incoming(request);
                    let answer = async {
                        let namespace = known(&*self.namespaces, message.namespace.read()).await?;
                        let request = required(message.request, "request")?;
                        $(let $from = message.initiator.read()?;)?
                        self.service.$method(&context, &namespace, request $(, $from)?).await
                    };
                    answer.await.map(Response::new).map_err(status)
                }
            )*
            $(
                async fn $told(&self, request: Request<wire::$told_wire>) -> Result<Response<Done>, Status> {
                    let (context, message) = incoming(request);
                    let answer = async {
                        let namespace = known(&*self.namespaces, message.namespace.read()).await?;
                        self.service.$told(&context, &namespace, required(message.request, "request")?).await
                    };
                    answer.await.map(|()| Response::new(Done {})).map_err(status)
                }
            )*

            async fn activity_heartbeat(
                &self,
                request: Request<wire::ActivityHeartbeatRequest>,
            ) -> Result<Response<wire::ActivityHeartbeatAnswer>, Status> {
                let (context, message) = incoming(request);
                let answer = async {
                    let namespace = known(&*self.namespaces, message.namespace.read()).await?;
                    self.service.activity_heartbeat(&context, &namespace, required(message.request, "request")?).await
                };
                answer.await.map(|heartbeat| Response::new(heartbeat.into())).map_err(status)
            }

            async fn workflow_task_started(
                &self,
                request: Request<wire::WorkflowTaskStartedRequest>,
            ) -> Result<Response<api::PollWorkflowTaskQueueResponse>, Status> {
                let (context, message) = incoming(request);
                let answer = async {
                    let (namespace, start) = message.read()?;
                    self.namespaces.know(namespace.id).await;
                    self.service.workflow_task_started(&context, &namespace, start).await
                };
                answer.await.map(Response::new).map_err(status)
            }

            async fn activity_task_started(
                &self,
                request: Request<wire::ActivityTaskStartedRequest>,
            ) -> Result<Response<api::PollActivityTaskQueueResponse>, Status> {
                let (context, message) = incoming(request);
                let answer = async {
                    let (namespace, start) = message.read()?;
                    self.namespaces.know(namespace.id).await;
                    self.service.activity_task_started(&context, &namespace, start).await
                };
                answer.await.map(Response::new).map_err(status)
            }

            async fn schedule_first_workflow_task(
                &self,
                request: Request<wire::ScheduleFirstWorkflowTaskRequest>,
            ) -> Result<Response<Done>, Status> {
                let (context, message) = incoming(request);
                let answer = async {
                    let namespace = known(&*self.namespaces, message.namespace.read()).await?;
                    self.service.schedule_first_workflow_task(&context, &namespace, message.child.read()?).await
                };
                answer.await.map(|()| Response::new(Done {})).map_err(status)
            }

            async fn child_closed(&self, request: Request<wire::ChildClosedRequest>) -> Result<Response<Done>, Status> {
                let (context, message) = incoming(request);
                let answer = async {
                    let (namespace, close) = message.read()?;
                    self.namespaces.know(namespace.id).await;
                    self.service.child_closed(&context, &namespace, close).await
                };
                answer.await.map(|()| Response::new(Done {})).map_err(status)
            }

            async fn current_run(
                &self,
                request: Request<wire::CurrentRunRequest>,
            ) -> Result<Response<wire::CurrentRunAnswer>, Status> {
                let (context, message) = incoming(request);
                let answer = async {
                    let namespace = known(&*self.namespaces, message.namespace.read()).await?;
                    self.service.current_run(&context, &namespace, &message.workflow_id).await
                };
                let run = answer.await.map_err(status)?;
                Ok(Response::new(wire::CurrentRunAnswer { run_id: run.as_bytes().to_vec().into() }))
            }
        }
    };
}

history_calls!(serve);
