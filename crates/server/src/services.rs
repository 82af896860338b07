//! The services of the roles, made of the same parts whether they share a process or not.

use std::sync::Arc;

use anyhow::Context;
use frontend::{AllowAll, NamespaceRegistry};
use history::{NamespaceInfo, NamespaceLookup, Ownership};
use membership::View;
use membership::view::CREATED_SHARDS;
use model::settings::Settings;
use model::{Clock, NamespaceId};
use opentelemetry::metrics::Meter;
use persistence::ClusterRow;
use rpc::clients::{HistoryClient, MatchingClient};
use uuid::Uuid;
use visibility::SearchAttributes;

use crate::stores::Backend;

/// What a process has, whatever its roles.
pub(crate) struct Parts<'a> {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: Arc<dyn Settings>,
    pub(crate) backend: &'a Backend,
    pub(crate) meter: Meter,
}

/// Makes the services of one process.
pub(crate) struct Making<'a> {
    parts: Parts<'a>,
    view: Arc<View>,
    namespaces: NamespaceRegistry,
    ids: Arc<dyn Fn() -> Uuid + Send + Sync>,
    cluster: ClusterRow,
    pub(crate) to_history: HistoryClient,
    pub(crate) to_matching: MatchingClient,
}

impl<'a> Making<'a> {
    /// Sees to the cluster's row first.
    ///
    /// # Errors
    /// Where that cannot be read.
    pub(crate) async fn begin(parts: Parts<'a>, view: Arc<View>, namespaces: NamespaceRegistry) -> anyhow::Result<Self> {
        let first = first_cluster(Uuid::new_v4());
        let cluster = parts.backend.stores.cluster.ensure(&first).await.context("the cluster's row cannot be read")?;
        let (to_history, to_matching) = (HistoryClient::new(Arc::clone(&view)), MatchingClient::new(Arc::clone(&view)));
        Ok(Self { parts, view, namespaces, ids: Arc::new(Uuid::new_v4), cluster, to_history, to_matching })
    }

    /// The history service, which clients of this process find from now on.
    pub(crate) fn history(&self, ownership: Arc<dyn Ownership>) -> Arc<history::Service> {
        let Parts { clock, settings, backend, meter } = &self.parts;
        let options = history::Options { hold: backend.hold(), ..history::Options::DEFAULT };
        let ports = history::Ports {
            clock: Arc::clone(clock),
            settings: Arc::clone(settings),
            stores: backend.stores.clone(),
            matching: self.to_matching.clone(),
            history: self.to_history.clone(),
            namespaces: Arc::new(Lookup(self.namespaces.clone())),
            ids: Arc::clone(&self.ids),
            member: self.view.me(),
            ownership,
            meter: meter.clone(),
        };
        let service = Arc::new(history::Service::new(options, ports));
        self.to_history.set_local(Arc::clone(&service) as Arc<dyn rpc::services::History>);
        service
    }

    /// The matching service, likewise. `make` says whether it shares its queues.
    pub(crate) fn matching(
        &self,
        make: impl FnOnce(matching::Options, matching::Ports) -> matching::Service,
    ) -> matching::Service {
        let lookup = Lookup(self.namespaces.clone());
        let ports = matching::Ports {
            clock: Arc::clone(&self.parts.clock),
            ids: Arc::clone(&self.ids),
            member: self.view.me(),
            backlog: Arc::clone(&self.parts.backend.stores.backlog),
            history: self.to_history.clone(),
            namespaces: Arc::new(move |id| lookup.namespace(id).map(|info| info.name)),
            meter: self.parts.meter.clone(),
        };
        let service = make(matching::Options::STANDARD, ports);
        self.to_matching.set_local(Arc::new(service.clone()));
        service
    }

    /// The public API.
    pub(crate) fn frontend(&self) -> frontend::Service {
        let Parts { clock, settings, backend, meter } = &self.parts;
        let ports = frontend::Ports {
            clock: Arc::clone(clock),
            ids: Arc::clone(&self.ids),
            settings: Arc::clone(settings),
            namespaces: self.namespaces.clone(),
            history: self.to_history.clone(),
            matching: self.to_matching.clone(),
            visibility: Arc::clone(&backend.visibility),
            authenticator: Arc::new(AllowAll),
            cluster: described(&self.cluster, backend.name()),
            meter: meter.clone(),
        };
        frontend::Service::new(frontend::Options::STANDARD, ports)
    }
}

/// The cluster's row of a new store.
fn first_cluster(id: Uuid) -> ClusterRow {
    ClusterRow {
        id: id.to_string(),
        name: "active".to_owned(),
        initial_failover_version: 1,
        format: 1,
        created_shards: CREATED_SHARDS,
        version: 1,
    }
}

fn described(row: &ClusterRow, store: &'static str) -> frontend::Cluster {
    frontend::Cluster {
        id: row.id.clone(),
        name: row.name.clone(),
        shards: row.created_shards,
        initial_failover_version: row.initial_failover_version,
        persistence: store,
        visibility: store,
        host: "localhost".to_owned(),
    }
}

/// What history asks of the namespaces.
struct Lookup(NamespaceRegistry);

impl NamespaceLookup for Lookup {
    fn namespace(&self, id: NamespaceId) -> Option<NamespaceInfo> {
        let found = self.0.by_id(id)?;
        Some(NamespaceInfo {
            name: Arc::clone(&found.reference.name),
            retention: found.retention(),
            version: found.record.failover_version,
        })
    }

    fn search_attributes(&self, id: NamespaceId) -> Arc<SearchAttributes> {
        Arc::new(self.0.by_id(id).map(|found| found.search_attributes.clone()).unwrap_or_default())
    }
}
