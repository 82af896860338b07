//! What the frontend needs from outside; the server wires it.

use std::sync::Arc;

use model::Clock;
use model::settings::Settings;
use opentelemetry::metrics::Meter;
use rpc::clients::{HistoryClient, MatchingClient};
use uuid::Uuid;
use visibility::VisibilityStore;

use crate::gate::authenticate::Authenticator;
use crate::registry::NamespaceRegistry;

/// Everything that is handed in.
#[derive(Clone)]
pub struct Ports {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Fresh random ids.
    pub ids: Arc<dyn Fn() -> Uuid + Send + Sync>,
    /// What operators may change live.
    pub settings: Arc<dyn Settings>,
    /// The namespaces.
    pub namespaces: NamespaceRegistry,
    /// Executions.
    pub history: HistoryClient,
    /// Task queues.
    pub matching: MatchingClient,
    /// What lists and counts read.
    pub visibility: Arc<dyn VisibilityStore>,
    /// Who may call.
    pub authenticator: Arc<dyn Authenticator>,
    /// What this cluster is.
    pub cluster: Cluster,
    /// Where metrics are registered.
    pub meter: Meter,
}

/// What this cluster is, as GetClusterInfo tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// For ever.
    pub id: String,
    /// Its name, as namespaces name their active cluster.
    pub name: String,
    /// Shards at creation.
    pub shards: u32,
    /// Failover version that a global namespace starts from.
    pub initial_failover_version: i64,
    /// The database of executions: `sqlite`, `memory`, ...
    pub persistence: &'static str,
    /// The database of lists.
    pub visibility: &'static str,
    /// This host, as ListTaskQueuePartitions names the owner.
    pub host: String,
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ports").field("cluster", &self.cluster).finish_non_exhaustive()
    }
}
