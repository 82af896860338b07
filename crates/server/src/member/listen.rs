//! The ports of a member: one for each role that others call, and the public one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use frontend::NamespaceRegistry;
use membership::Role;
use model::NamespaceId;
use opentelemetry::metrics::Meter;
use rpc::serve::{KnowsNamespaces, Served};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::TcpIncoming;

use super::Addresses;
use super::roles::Roles;
use crate::config::Config;
use crate::lifecycle::bind;
use crate::one_process::public_server;

/// Calls of members at once, above which more are refused.
const MOST_CALLS: usize = 20_000;

/// Bound ports.
pub(super) struct Listening {
    listeners: BTreeMap<Role, TcpListener>,
    advertised: Addresses,
}

impl Listening {
    /// Binds the ports of these roles.
    ///
    /// # Errors
    /// A sentence with the address that is taken.
    pub(super) async fn bind(config: &Config, roles: &BTreeSet<Role>) -> anyhow::Result<Self> {
        let mut bound = Self { listeners: BTreeMap::new(), advertised: BTreeMap::new() };
        for role in roles {
            let Some(wanted) = config.listener(*role) else { continue };
            let listener = bind(wanted.bind, role.name()).await?;
            let address = wanted.advertise.clone().unwrap_or(listener.local_addr()?.to_string());
            bound.advertised.insert(*role, address);
            bound.listeners.insert(*role, listener);
        }
        Ok(bound)
    }

    /// Where each role is reached; nowhere, where nobody calls it.
    pub(super) fn addresses(&self, roles: &BTreeSet<Role>) -> Addresses {
        roles.iter().map(|role| (*role, self.advertised.get(role).cloned().unwrap_or_default())).collect()
    }

    /// Begins to serve the other members.
    pub(super) fn serve_members(mut self, made: &Roles, namespaces: &NamespaceRegistry, meter: &Meter) -> Internal {
        let closing = CancellationToken::new();
        let mut serving = Vec::new();
        for role in [Role::History, Role::Matching] {
            let Some(listener) = self.listeners.remove(&role) else { continue };
            let served = Served {
                history: made.history_service().filter(|_| role == Role::History),
                matching: made.matching_service().filter(|_| role == Role::Matching),
                namespaces: Arc::new(Known(namespaces.clone())),
                meter: meter.clone(),
                most_calls: MOST_CALLS,
            };
            let until = closing.clone();
            serving.push(tokio::spawn(async move {
                let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
                let served = rpc::serve::server().add_routes(served.routes());
                if let Err(error) = served.serve_with_incoming_shutdown(incoming, until.cancelled_owned()).await {
                    tracing::error!(%error, %role, "a port for members stopped serving");
                }
            }));
        }
        Internal { closing, serving, public: self.listeners.remove(&Role::Frontend) }
    }
}

/// The ports for members, serving.
pub(super) struct Internal {
    closing: CancellationToken,
    serving: Vec<JoinHandle<()>>,
    public: Option<TcpListener>,
}

impl Internal {
    /// Begins to serve the public API, where this member has that role.
    pub(super) async fn serve_public(&mut self, made: &Roles) -> Public {
        let closing = CancellationToken::new();
        let (Some(listener), Some(frontend)) = (self.public.take(), &made.frontend) else {
            return Public { closing, serving: None };
        };
        frontend.set_serving(true).await;
        let (routes, until) = (frontend.routes(), closing.clone());
        let serving = tokio::spawn(async move {
            if let Err(error) = public_server(listener, routes, until).await {
                tracing::error!(%error, "the public port stopped serving");
            }
        });
        Public { closing, serving: Some(serving) }
    }

    /// Closes the ports once the calls under way have ended, or time is up.
    pub(super) async fn close(self, patience: Duration) {
        self.closing.cancel();
        ended(self.serving, patience).await;
    }
}

/// The public port.
pub(super) struct Public {
    closing: CancellationToken,
    serving: Option<JoinHandle<()>>,
}

impl Public {
    /// Takes no new callers, answers polls empty, and waits for the calls under way.
    pub(super) async fn close(self, made: &Roles, patience: Duration) {
        let (Some(serving), Some(frontend)) = (self.serving, &made.frontend) else { return };
        frontend.set_serving(false).await;
        made.end_polls();
        self.closing.cancel();
        ended(vec![serving], patience).await;
    }
}

async fn ended(serving: Vec<JoinHandle<()>>, patience: Duration) {
    let until = tokio::time::Instant::now() + patience;
    for mut serving in serving {
        if tokio::time::timeout_at(until, &mut serving).await.is_err() {
            tracing::warn!("calls were still under way when their port closed");
            serving.abort();
        }
    }
}

/// The namespaces of this process. Another member vouches for one that is not known here: it is read at once.
struct Known(NamespaceRegistry);

#[async_trait]
impl KnowsNamespaces for Known {
    async fn know(&self, namespace: NamespaceId) {
        if self.0.by_id(namespace).is_none()
            && let Err(error) = self.0.refresh().await
        {
            tracing::warn!(%error, "a namespace that another member named could not be read");
        }
    }
}
