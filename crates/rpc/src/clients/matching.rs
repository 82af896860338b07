//! The client of the matching service.

use std::sync::Arc;

use async_trait::async_trait;
use membership::{Role, View};
use model::{MemberId, NamespaceId, TaskQueueKind, TaskQueueName};
use parking_lot::RwLock;
use proto::temporal::api::workflowservice::v1 as api;
use tokio::sync::watch;

use super::peers::Peers;
use super::route::{Route, Safety, follow, safety};
use crate::calls::matching_calls;
use crate::remote::RemoteMatching;
use crate::services::matching::{Offer, QueryOffer, Receipt};
use crate::services::{Matching, NamespaceRef};
use crate::{Context, Error};

/// A handle on the matching service: the ring says who owns a task queue.
#[derive(Clone)]
pub struct MatchingClient {
    view: Arc<View>,
    local: Arc<RwLock<Option<Arc<dyn Matching>>>>,
    peers: Arc<Peers<RemoteMatching>>,
    /// Whether this process's callers still may wait.
    waiting: Arc<watch::Sender<bool>>,
}

impl MatchingClient {
    /// A client that looks owners up in this view.
    pub fn new(view: Arc<View>) -> Self {
        Self {
            view,
            local: Arc::default(),
            peers: Arc::new(Peers::new(Role::Matching, RemoteMatching::new)),
            waiting: Arc::new(watch::Sender::new(true)),
        }
    }

    /// Names the service of this process.
    pub fn set_local(&self, service: Arc<dyn Matching>) {
        // A second call is a wiring fault that the first service survives.
        self.local.write().get_or_insert(service);
    }

    /// The service of this process is gone. Services hold clients of each other, and would keep each other for ever.
    pub fn forget_local(&self) {
        self.local.write().take();
    }

    /// Answers the polls that this process waits for elsewhere empty, from now on: it stops.
    pub fn end_polls(&self) {
        self.waiting.send_replace(false);
    }

    /// Ends where a call of this kind must not wait any more.
    async fn closing(&self, safety: Safety) {
        if safety == Safety::Poll && self.waiting.subscribe().wait_for(|waiting| !waiting).await.is_ok() {
            return;
        }
        std::future::pending().await
    }

    /// Which incarnation owns a task queue.
    pub fn owner_of(&self, namespace: NamespaceId, kind: TaskQueueKind, queue: &TaskQueueName) -> Option<MemberId> {
        self.view.queue_owner(namespace, kind, queue)
    }

    /// The service that owns a task queue: of a process that is alone its own, else one that finds the owner with each call.
    ///
    /// # Errors
    /// [`Error::Unavailable`] before the service is built, or where nobody reachable owns the queue.
    pub fn owner(&self, namespace: NamespaceId, kind: TaskQueueKind, queue: &TaskQueueName) -> Result<Arc<dyn Matching>, Error> {
        if !self.view.is_alone() {
            return Ok(Arc::new(Routed { client: self.clone(), namespace, kind, queue: queue.clone() }));
        }
        if self.view.queue_owner(namespace, kind, queue) != Some(self.view.me()) {
            return Err(Error::Unavailable("no host owns this task queue at the moment; try again".to_owned()));
        }
        self.local.read().clone().ok_or_else(|| Error::Unavailable("the matching service is starting; try again".to_owned()))
    }

    /// The service of a member, here or elsewhere.
    fn member(&self, member: MemberId) -> Option<Arc<dyn Matching>> {
        if member == self.view.me() {
            return self.local.read().clone();
        }
        self.peers.get(&self.view, member).map(|remote| Arc::new(remote) as Arc<dyn Matching>)
    }
}

impl std::fmt::Debug for MatchingClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MatchingClient")
    }
}

/// The owner of one task queue, whoever that is when it is called.
struct Routed {
    client: MatchingClient,
    namespace: NamespaceId,
    kind: TaskQueueKind,
    queue: TaskQueueName,
}

impl Routed {
    fn owner(&self) -> Option<MemberId> {
        self.client.view.queue_owner(self.namespace, self.kind, &self.queue)
    }
}

macro_rules! routed {
    (
        answered { $($safety:ident $method:ident($_wire:ident: $request:ident) -> $answer:ident;)* }
        told { $($told_safety:ident $told:ident($_told_wire:ident: $told_request:ident);)* }
    ) => {
        #[async_trait]
        impl Matching for Routed {
            $(
                async fn $method(
                    &self,
                    context: &Context,
                    namespace: &NamespaceRef,
                    request: api::$request,
                ) -> Result<api::$answer, Error> {
                    let followed = async {
                        follow!(self.client, self.owner(), context, safety!($safety),
                            peer => peer.$method(context, namespace, request.clone()))
                    };
                    tokio::select! {
                        biased;
                        () = self.client.closing(safety!($safety)) => Ok(api::$answer::default()),
                        answer = followed => answer,
                    }
                }
            )*
            $(
                async fn $told(
                    &self,
                    context: &Context,
                    namespace: &NamespaceRef,
                    request: api::$told_request,
                ) -> Result<(), Error> {
                    follow!(self.client, self.owner(), context, safety!($told_safety), peer => peer.$told(context, namespace, request.clone()))
                }
            )*

            async fn offer(&self, context: &Context, namespace: &NamespaceRef, offer: Offer) -> Result<Receipt, Error> {
                follow!(self.client, self.owner(), context, Safety::Safe, peer => peer.offer(context, namespace, offer.clone()))
            }

            async fn withdraw(&self, namespace: &NamespaceRef, offer: Offer) {
                if let Some(peer) = self.owner().and_then(|member| self.client.member(member)) {
                    peer.withdraw(namespace, offer).await;
                }
            }

            async fn query(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                query: QueryOffer,
            ) -> Result<api::QueryWorkflowResponse, Error> {
                follow!(self.client, self.owner(), context, Safety::Safe, peer => peer.query(context, namespace, query.clone()))
            }
        }
    };
}

matching_calls!(routed);
