//! The matching service of this process, for others.

use proto::aevum::matching::v1 as wire;
use proto::aevum::matching::v1::matching_service_server::MatchingService;
use proto::aevum::rpc::v1::Done;
use proto::temporal::api::workflowservice::v1 as api;
use tonic::{Request, Response, Status};

use super::{Behind, incoming, known};
use crate::calls::matching_calls;
use crate::error::between::status;
use crate::services::Matching;
use crate::wire::{Read, required};

macro_rules! serve {
    (
        answered { $($_safety:ident $method:ident($wire:ident: $request:ident) -> $answer:ident;)* }
        told { $($_told_safety:ident $told:ident($told_wire:ident: $told_request:ident);)* }
    ) => {
        #[tonic::async_trait]
        impl MatchingService for Behind<dyn Matching> {
            $(
                async fn $method(&self, request: Request<wire::$wire>) -> Result<Response<api::$answer>, Status> {
                    let (context, message) = incoming(request);
                    let answer = async {
                        let namespace = known(&*self.namespaces, message.namespace.read()).await?;
                        self.service.$method(&context, &namespace, required(message.request, "request")?).await
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

            async fn offer(&self, request: Request<wire::OfferRequest>) -> Result<Response<wire::OfferAnswer>, Status> {
                let (context, message) = incoming(request);
                let answer = async {
                    let namespace = known(&*self.namespaces, message.namespace.read()).await?;
                    self.service.offer(&context, &namespace, message.task.read()?).await
                };
                answer.await.map(|receipt| Response::new(receipt.into())).map_err(status)
            }

            async fn withdraw(&self, request: Request<wire::WithdrawRequest>) -> Result<Response<Done>, Status> {
                let (_, message) = incoming(request);
                let namespace = message.namespace.read().map_err(status)?;
                let task = message.task.read().map_err(status)?;
                self.service.withdraw(&namespace, task).await;
                Ok(Response::new(Done {}))
            }

            async fn query(
                &self,
                request: Request<wire::QueryRequest>,
            ) -> Result<Response<api::QueryWorkflowResponse>, Status> {
                let (context, message) = incoming(request);
                let answer = async {
                    let (namespace, query) = message.read()?;
                    self.namespaces.know(namespace.id).await;
                    self.service.query(&context, &namespace, query).await
                };
                answer.await.map(Response::new).map_err(status)
            }
        }
    };
}

matching_calls!(serve);
