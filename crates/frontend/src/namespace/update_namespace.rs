//! UpdateNamespace: what is given changes, the rest stays.

use proto::aevum::persistence::v1 as stored;
use proto::temporal::api::enums::v1::{ArchivalState, NamespaceState};
use proto::temporal::api::namespace::v1::{NamespaceConfig, UpdateNamespaceInfo};
use proto::temporal::api::replication::v1::NamespaceReplicationConfig;
use proto::temporal::api::workflowservice::v1 as wire;
use rpc::Error;

use super::{retention, view};
use crate::api::Api;
use crate::gate::Call;
use crate::gate::validate::wrong;
use crate::table::not_built;

pub(crate) async fn call(
    api: &Api,
    call: &Call,
    request: wire::UpdateNamespaceRequest,
) -> Result<wire::UpdateNamespaceResponse, Error> {
    if let Some(config) = &request.config {
        check_config(config)?;
    }
    if let Some(replication) = &request.replication_config {
        check_replication(api, replication)?;
    }
    let change = |record: &mut stored::Namespace| {
        if let Some(info) = &request.update_info {
            update_info(record, info)?;
        }
        if let Some(ttl) = request.config.as_ref().and_then(|config| config.workflow_execution_retention_ttl.as_ref()) {
            let ttl = retention::check(Some(ttl), api.options.min_retention)?;
            record.config.get_or_insert_default().workflow_execution_retention_ttl = Some(ttl);
        }
        Ok(())
    };
    let namespace = api.ports.namespaces.change(call.reference().id, change).await?;
    let seen = view::describe(&namespace, &call.limits);
    Ok(wire::UpdateNamespaceResponse {
        namespace_info: seen.namespace_info,
        config: seen.config,
        replication_config: seen.replication_config,
        failover_version: seen.failover_version,
        is_global_namespace: seen.is_global_namespace,
    })
}

fn update_info(record: &mut stored::Namespace, update: &UpdateNamespaceInfo) -> Result<(), Error> {
    let state = NamespaceState::try_from(update.state).map_err(|_| wrong("Invalid namespace state update."))?;
    if state != NamespaceState::Unspecified {
        move_to(record, state)?;
    }
    let info = record.info.get_or_insert_default();
    if !update.description.is_empty() {
        info.description.clone_from(&update.description);
    }
    if !update.owner_email.is_empty() {
        info.owner_email.clone_from(&update.owner_email);
    }
    info.data.extend(update.data.iter().map(|(key, value)| (key.clone(), value.clone())));
    Ok(())
}

/// Moves a namespace on: registered, deprecated, deleted, and never back.
pub(super) fn move_to(record: &mut stored::Namespace, to: NamespaceState) -> Result<(), Error> {
    use NamespaceState::{Deleted, Deprecated, Registered};
    let info = record.info.get_or_insert_default();
    match (info.state(), to) {
        (from, to) if from == to => Ok(()),
        (Registered, Deprecated) => {
            info.set_state(to);
            Ok(())
        }
        (Registered | Deprecated, Deleted) => {
            Err(not_built("deleting a namespace is not built yet; DeprecateNamespace keeps new workflows out of it".to_owned()))
        }
        _ => Err(wrong("Invalid namespace state update.")),
    }
}

fn check_config(config: &NamespaceConfig) -> Result<(), Error> {
    let archival = config.history_archival_state() == ArchivalState::Enabled
        || config.visibility_archival_state() == ArchivalState::Enabled
        || !config.history_archival_uri.is_empty()
        || !config.visibility_archival_uri.is_empty();
    if archival {
        return Err(not_built("archival is not built yet; raise the retention period instead".to_owned()));
    }
    if config.bad_binaries.as_ref().is_some_and(|bad| !bad.binaries.is_empty()) {
        return Err(not_built("bad binaries are not built, and deprecated; stop the bad worker".to_owned()));
    }
    if !config.custom_search_attribute_aliases.is_empty() {
        let sentence = "search attributes have no aliases here; use AddSearchAttributes of the operator service";
        return Err(not_built(sentence.to_owned()));
    }
    Ok(())
}

/// This cluster stands alone: it may be named, no other.
fn check_replication(api: &Api, replication: &NamespaceReplicationConfig) -> Result<(), Error> {
    let own = &api.ports.cluster.name;
    if let Some(other) = replication.clusters.iter().find(|cluster| cluster.cluster_name != *own) {
        return Err(wrong(format!("Invalid cluster name: {}", other.cluster_name)));
    }
    if !replication.active_cluster_name.is_empty() && replication.active_cluster_name != *own {
        return Err(wrong("Active cluster is not contained in all clusters."));
    }
    Ok(())
}
