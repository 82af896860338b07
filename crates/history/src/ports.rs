//! What the service needs from its surroundings; the server wires it.

use std::sync::Arc;
use std::time::Duration;

use membership::View;
use model::settings::Settings;
use model::{Clock, MemberId, NamespaceId};
use opentelemetry::metrics::Meter;
use persistence::Stores;
use rpc::clients::{HistoryClient, MatchingClient};
use uuid::Uuid;

/// Everything that is handed in.
#[derive(Clone)]
pub struct Ports {
    /// The time for events, timers and rows.
    pub clock: Arc<dyn Clock>,
    /// What operators may change live.
    pub settings: Arc<dyn Settings>,
    /// The database.
    pub stores: Stores,
    /// Where tasks are offered.
    pub matching: MatchingClient,
    /// Other chains, here or elsewhere.
    pub history: HistoryClient,
    /// Namespaces by id.
    pub namespaces: Arc<dyn NamespaceLookup>,
    /// Fresh random ids.
    pub ids: Arc<dyn Fn() -> Uuid + Send + Sync>,
    /// This incarnation.
    pub member: MemberId,
    /// Which shards are ours.
    pub ownership: Arc<dyn Ownership>,
    /// Where metrics are registered.
    pub meter: Meter,
}

/// What history needs to know of a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespaceInfo {
    /// Its name now.
    pub name: Arc<str>,
    /// How long closed runs are kept.
    pub retention: Duration,
    /// Failover version; 0 for a local namespace.
    pub version: i64,
}

/// Namespaces by id, from memory.
pub trait NamespaceLookup: Send + Sync + 'static {
    /// The namespace, if there is one.
    fn namespace(&self, id: NamespaceId) -> Option<NamespaceInfo>;

    /// The search attributes of the namespace, system ones included.
    fn search_attributes(&self, id: NamespaceId) -> Arc<visibility::SearchAttributes>;
}

/// Who else serves shards.
pub trait Ownership: Send + Sync + 'static {
    /// The members that share the shards, as this process sees them; `None` where it is alone: then every shard is its own, and
    /// whoever had them before is gone.
    fn shared(&self) -> Option<Arc<View>>;
}

/// One process that owns everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct OwnsAll;

impl Ownership for OwnsAll {
    fn shared(&self) -> Option<Arc<View>> {
        None
    }
}

/// A member of a cluster: the ring says which shards ought to be ours, the store which are.
#[derive(Debug, Clone)]
pub struct OwnsByRing(pub Arc<View>);

impl Ownership for OwnsByRing {
    fn shared(&self) -> Option<Arc<View>> {
        Some(Arc::clone(&self.0))
    }
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ports")
    }
}
