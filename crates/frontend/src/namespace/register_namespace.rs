//! RegisterNamespace.

use model::NamespaceId;
use model::limits::Limits;
use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::enums::v1::{ArchivalState, NamespaceState, ReplicationState};
use proto::temporal::api::namespace::v1::{BadBinaries, NamespaceConfig, NamespaceInfo};
use proto::temporal::api::replication::v1::{ClusterReplicationConfig, NamespaceReplicationConfig};
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::{Context, Error};

use super::retention;
use crate::api::Api;
use crate::gate::namespace::MAX_NAME_BYTES;
use crate::gate::validate::{text, wrong};
use crate::registry::FORMAT;

/// The name of the real server's own namespace.
const SYSTEM: &str = "temporal-system";

pub(crate) async fn call(
    api: &Api,
    _context: &Context,
    request: wire::RegisterNamespaceRequest,
) -> Result<wire::RegisterNamespaceResponse, Error> {
    register(api, request).await?;
    Ok(wire::RegisterNamespaceResponse {})
}

/// Checks the request and stores the namespace.
pub(crate) async fn register(api: &Api, request: wire::RegisterNamespaceRequest) -> Result<(), Error> {
    check(api, &request)?;
    let id = NamespaceId::new((api.ports.ids)());
    let cluster = &api.ports.cluster.name;
    let retention = retention::check(request.workflow_execution_retention_period.as_ref(), api.options.min_retention)?;
    let record = stored::Namespace {
        format: FORMAT,
        info: Some(NamespaceInfo {
            name: request.namespace,
            state: NamespaceState::Registered as i32,
            description: request.description,
            owner_email: request.owner_email,
            data: request.data,
            id: id.to_string(),
            ..NamespaceInfo::default()
        }),
        config: Some(NamespaceConfig {
            workflow_execution_retention_ttl: Some(retention),
            bad_binaries: Some(BadBinaries::default()),
            history_archival_state: ArchivalState::Disabled as i32,
            visibility_archival_state: ArchivalState::Disabled as i32,
            ..NamespaceConfig::default()
        }),
        replication_config: Some(NamespaceReplicationConfig {
            active_cluster_name: cluster.clone(),
            clusters: vec![ClusterReplicationConfig { cluster_name: cluster.clone(), ..ClusterReplicationConfig::default() }],
            state: ReplicationState::Normal as i32,
        }),
        ..stored::Namespace::default()
    };
    api.ports.namespaces.create(id, &record).await
}

fn check(api: &Api, request: &wire::RegisterNamespaceRequest) -> Result<(), Error> {
    if request.namespace.is_empty() {
        return Err(wrong("Namespace is not set on request."));
    }
    if request.namespace.len() > MAX_NAME_BYTES {
        return Err(wrong("Namespace length exceeds limit."));
    }
    text::optional("Namespace", &request.namespace, &Limits::DEFAULT)?;
    if request.namespace == SYSTEM {
        return Err(wrong(format!("Namespace {SYSTEM} belongs to the server; choose another name.")));
    }
    if request.is_global_namespace {
        return Err(wrong("Cannot register global namespace when not enabled"));
    }
    let own = &api.ports.cluster.name;
    if let Some(other) = request.clusters.iter().find(|cluster| cluster.cluster_name != *own) {
        return Err(wrong(format!("Invalid cluster name: {}", other.cluster_name)));
    }
    if !request.active_cluster_name.is_empty() && request.active_cluster_name != *own {
        return Err(wrong("Invalid local namespace active cluster"));
    }
    let description = request.description.len() + request.owner_email.len();
    let data: usize = request.data.iter().map(|(key, value)| key.len() + value.len()).sum();
    if description + data > Limits::DEFAULT.blob_error_bytes {
        return Err(wrong("Blob data size exceeds limit."));
    }
    Ok(())
}
