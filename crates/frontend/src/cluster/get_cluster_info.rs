//! GetClusterInfo: what the UI and operators read.

use proto::temporal::api::version::v1::{ReleaseInfo, VersionInfo};
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::{Context, Error};

use crate::api::Api;
use crate::version::{SERVER_VERSION, SUPPORTED_CLIENTS};

/// By how much a failover raises a namespace's version. Source: Temporal's default.
const FAILOVER_VERSION_INCREMENT: i64 = 10;

pub(crate) async fn call(
    api: &Api,
    _context: &Context,
    _request: wire::GetClusterInfoRequest,
) -> Result<wire::GetClusterInfoResponse, Error> {
    let cluster = &api.ports.cluster;
    let current = ReleaseInfo { version: SERVER_VERSION.to_owned(), ..ReleaseInfo::default() };
    Ok(wire::GetClusterInfoResponse {
        supported_clients: SUPPORTED_CLIENTS.into_iter().map(|(name, range)| (name.to_owned(), range.to_owned())).collect(),
        server_version: SERVER_VERSION.to_owned(),
        cluster_id: cluster.id.clone(),
        version_info: Some(VersionInfo { current: Some(current), ..VersionInfo::default() }),
        cluster_name: cluster.name.clone(),
        history_shard_count: i32::try_from(cluster.shards).unwrap_or(i32::MAX),
        persistence_store: cluster.persistence.to_owned(),
        visibility_store: cluster.visibility.to_owned(),
        initial_failover_version: cluster.initial_failover_version,
        failover_version_increment: FAILOVER_VERSION_INCREMENT,
    })
}
