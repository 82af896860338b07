//! The matching service of another process.

use std::time::Duration;

use async_trait::async_trait;
use proto::aevum::matching::v1 as wire;
use proto::aevum::matching::v1::matching_service_client::MatchingServiceClient;
use proto::temporal::api::workflowservice::v1 as api;
use tonic::transport::Channel;

use super::{MAX_MESSAGE, failed, outgoing};
use crate::calls::matching_calls;
use crate::services::NamespaceRef;
use crate::services::matching::{Matching, Offer, QueryOffer, Receipt};
use crate::wire::{self as words, Read};
use crate::{Context, Error};

/// How long taking a task back may take: it is a favour.
const WITHDRAW: Duration = Duration::from_secs(5);

/// A [`Matching`] at the other end of a channel. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RemoteMatching {
    client: MatchingServiceClient<Channel>,
}

impl RemoteMatching {
    /// The service that listens there.
    pub fn new(channel: Channel) -> Self {
        let client = MatchingServiceClient::new(channel);
        Self { client: client.max_decoding_message_size(MAX_MESSAGE).max_encoding_message_size(MAX_MESSAGE) }
    }
}

macro_rules! remote {
    (
        answered { $($_safety:ident $method:ident($wire:ident: $request:ident) -> $answer:ident;)* }
        told { $($_told_safety:ident $told:ident($told_wire:ident: $told_request:ident);)* }
    ) => {
        #[async_trait]
        impl Matching for RemoteMatching {
            $(
                async fn $method(
                    &self,
                    context: &Context,
                    namespace: &NamespaceRef,
                    request: api::$request,
                ) -> Result<api::$answer, Error> {
                    let message = wire::$wire { namespace: words::namespace(namespace), request: Some(request) };
                    Ok(self.client.clone().$method(outgoing(context, message)?).await.map_err(failed)?.into_inner())
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

            async fn offer(&self, context: &Context, namespace: &NamespaceRef, offer: Offer) -> Result<Receipt, Error> {
                let message = wire::OfferRequest { namespace: words::namespace(namespace), task: Some(offer.into()) };
                self.client.clone().offer(outgoing(context, message)?).await.map_err(failed)?.into_inner().read()
            }

            async fn withdraw(&self, namespace: &NamespaceRef, offer: Offer) {
                let message = wire::WithdrawRequest { namespace: words::namespace(namespace), task: Some(offer.into()) };
                let Ok(call) = outgoing(&Context::within(WITHDRAW), message) else { return };
                if let Err(status) = self.client.clone().withdraw(call).await {
                    tracing::debug!(error = %failed(status), "a task could not be taken back");
                }
            }

            async fn query(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                query: QueryOffer,
            ) -> Result<api::QueryWorkflowResponse, Error> {
                let call = outgoing(context, words::matching::query(namespace, query))?;
                Ok(self.client.clone().query(call).await.map_err(failed)?.into_inner())
            }
        }
    };
}

matching_calls!(remote);
