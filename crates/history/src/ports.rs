//! What the service needs from its surroundings; the server wires it.

use std::sync::Arc;
use std::time::Duration;

use model::settings::Settings;
use model::{Clock, MemberId, NamespaceId, SlotId};
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
    /// Which slots are ours.
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

/// Which slots this process serves.
pub trait Ownership: Send + Sync + 'static {
    /// Whether the slot is ours.
    fn owns(&self, slot: SlotId) -> bool;
}

/// One process that owns everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct OwnsAll;

impl Ownership for OwnsAll {
    fn owns(&self, _slot: SlotId) -> bool {
        true
    }
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ports")
    }
}
