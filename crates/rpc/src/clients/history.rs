//! The client of the history service.

use std::sync::Arc;

use async_trait::async_trait;
use membership::{Role, View};
use model::{ChainKey, MemberId, RunId, RunKey};
use parking_lot::RwLock;
use proto::temporal::api::workflowservice::v1 as api;

use super::peers::Peers;
use super::route::{Route, Safety, follow, safety};
use crate::calls::history_calls;
use crate::remote::RemoteHistory;
use crate::services::history::{ActivityTaskStart, ChildClose, Heartbeat, Initiator, WorkflowTaskStart};
use crate::services::{History, NamespaceRef};
use crate::{Context, Error};

/// A handle on the history service: the ring says who owns a chain. The local service is set once, when it is built (history and
/// matching know each other).
#[derive(Clone)]
pub struct HistoryClient {
    view: Arc<View>,
    local: Arc<RwLock<Option<Arc<dyn History>>>>,
    peers: Arc<Peers<RemoteHistory>>,
}

impl HistoryClient {
    /// A client that looks owners up in this view.
    pub fn new(view: Arc<View>) -> Self {
        Self { view, local: Arc::default(), peers: Arc::new(Peers::new(Role::History, RemoteHistory::new)) }
    }

    /// Names the service of this process.
    pub fn set_local(&self, service: Arc<dyn History>) {
        // A second call is a wiring fault that the first service survives.
        self.local.write().get_or_insert(service);
    }

    /// The service of this process is gone. Services hold clients of each other, and would keep each other for ever.
    pub fn forget_local(&self) {
        self.local.write().take();
    }

    /// The service that owns a chain: of a process that is alone its own, else one that finds the owner with each call.
    ///
    /// # Errors
    /// [`Error::Unavailable`] before the service is built, or where nobody reachable owns the chain.
    pub fn owner(&self, chain: &ChainKey) -> Result<Arc<dyn History>, Error> {
        if !self.view.is_alone() {
            return Ok(Arc::new(Routed { client: self.clone(), chain: chain.clone() }));
        }
        if self.view.chain_owner(chain) != Some(self.view.me()) {
            return Err(Error::Unavailable("no host owns this workflow at the moment; try again".to_owned()));
        }
        self.local.read().clone().ok_or_else(|| Error::Unavailable("the history service is starting; try again".to_owned()))
    }

    /// The service of a member, here or elsewhere.
    fn member(&self, member: MemberId) -> Option<Arc<dyn History>> {
        if member == self.view.me() {
            return self.local.read().clone();
        }
        self.peers.get(&self.view, member).map(|remote| Arc::new(remote) as Arc<dyn History>)
    }
}

impl std::fmt::Debug for HistoryClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HistoryClient")
    }
}

/// The owner of one chain, whoever that is when it is called.
struct Routed {
    client: HistoryClient,
    chain: ChainKey,
}

macro_rules! routed {
    (
        answered { $($safety:ident $method:ident($_wire:ident: $request:ident $(, $from:ident)?) -> $answer:ident;)* }
        told { $($told_safety:ident $told:ident($_told_wire:ident: $told_request:ident);)* }
    ) => {
        #[async_trait]
        impl History for Routed {
            $(
                async fn $method(
                    &self,
                    context: &Context,
                    namespace: &NamespaceRef,
                    request: api::$request,
                    $($from: Option<Initiator>,)?
                ) -> Result<api::$answer, Error> {
                    follow!(self.client, self.client.view.chain_owner(&self.chain), context, safety!($safety),
                        peer => peer.$method(context, namespace, request.clone() $(, $from.clone())?))
                }
            )*
            $(
                async fn $told(
                    &self,
                    context: &Context,
                    namespace: &NamespaceRef,
                    request: api::$told_request,
                ) -> Result<(), Error> {
                    follow!(self.client, self.client.view.chain_owner(&self.chain), context, safety!($told_safety), peer => peer.$told(context, namespace, request.clone()))
                }
            )*

            async fn activity_heartbeat(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                request: api::RecordActivityTaskHeartbeatRequest,
            ) -> Result<Heartbeat, Error> {
                follow!(self.client, self.client.view.chain_owner(&self.chain), context, Safety::Safe, peer => peer.activity_heartbeat(context, namespace, request.clone()))
            }

            async fn workflow_task_started(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                start: WorkflowTaskStart,
            ) -> Result<api::PollWorkflowTaskQueueResponse, Error> {
                follow!(self.client, self.client.view.chain_owner(&self.chain), context, Safety::Safe, peer => peer.workflow_task_started(context, namespace, start.clone()))
            }

            async fn activity_task_started(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                start: ActivityTaskStart,
            ) -> Result<api::PollActivityTaskQueueResponse, Error> {
                follow!(self.client, self.client.view.chain_owner(&self.chain), context, Safety::Safe, peer => peer.activity_task_started(context, namespace, start.clone()))
            }

            async fn schedule_first_workflow_task(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                child: RunKey,
            ) -> Result<(), Error> {
                follow!(self.client, self.client.view.chain_owner(&self.chain), context, Safety::Safe,
                    peer => peer.schedule_first_workflow_task(context, namespace, child.clone()))
            }

            async fn child_closed(&self, context: &Context, namespace: &NamespaceRef, close: ChildClose) -> Result<(), Error> {
                follow!(self.client, self.client.view.chain_owner(&self.chain), context, Safety::Safe, peer => peer.child_closed(context, namespace, close.clone()))
            }

            async fn current_run(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                workflow_id: &str,
            ) -> Result<RunId, Error> {
                follow!(self.client, self.client.view.chain_owner(&self.chain), context, Safety::Safe, peer => peer.current_run(context, namespace, workflow_id))
            }
        }
    };
}

history_calls!(routed);
