//! A namespace, a fact on a line.

use std::collections::BTreeMap;

use proto::temporal::api::enums::v1::{ArchivalState, NamespaceState};
use proto::temporal::api::namespace::v1::BadBinaries;
use proto::temporal::api::workflowservice::v1::DescribeNamespaceResponse;

use super::go;
use super::grid::{Lines, grid};
use crate::render::names;
use crate::render::style::Style;
use crate::render::table::Cell;

/// All of it.
pub(crate) fn text(answer: &DescribeNamespaceResponse, style: &Style) -> String {
    let info = answer.namespace_info.clone().unwrap_or_default();
    let state = NamespaceState::try_from(info.state).unwrap_or_default();
    let mut lines = vec![
        format!("Name: {}", info.name),
        format!("Id: {}", info.id),
        format!("Description: {}", info.description),
        format!("OwnerEmail: {}", info.owner_email),
        format!("NamespaceData: {}", data(&info.data)),
        format!("State: {}", names::short("NamespaceState", state.as_str_name())),
    ];
    let config = answer.config.as_ref();
    if let Some(config) = config {
        let retention = config.workflow_execution_retention_ttl.unwrap_or_default();
        lines.push(format!("Retention: {}", go::span(retention.seconds, retention.nanos)));
    }
    if let Some(replication) = &answer.replication_config {
        lines.push(format!("ActiveClusterName: {}", replication.active_cluster_name));
        let clusters: Vec<_> = replication.clusters.iter().map(|cluster| cluster.cluster_name.as_str()).collect();
        lines.push(format!("Clusters: {}", clusters.join(", ")));
    }
    if let Some(config) = config {
        lines.push(format!("HistoryArchivalState: {}", archival(config.history_archival_state)));
    }
    lines.push(format!("IsGlobalNamespace: {}", answer.is_global_namespace));
    lines.push(format!("FailoverVersion: {}", answer.failover_version));
    let failovers: Vec<_> = answer.failover_history.iter().map(|failover| failover.failover_version.to_string()).collect();
    lines.push(format!("FailoverHistory: [{}]", failovers.join(" ")));
    if let Some(config) = config {
        if !config.history_archival_uri.is_empty() {
            lines.push(format!("HistoryArchivalURI: {}", config.history_archival_uri));
        }
        lines.push(format!("VisibilityArchivalState: {}", archival(config.visibility_archival_state)));
        if !config.visibility_archival_uri.is_empty() {
            lines.push(format!("VisibilityArchivalURI: {}", config.visibility_archival_uri));
        }
    }
    let binaries = config.and_then(|config| config.bad_binaries.as_ref());
    lines.join("\n") + "\n" + &binaries.map(|binaries| bad_binaries(binaries, style)).unwrap_or_default()
}

fn archival(state: i32) -> String {
    names::short("ArchivalState", ArchivalState::try_from(state).unwrap_or_default().as_str_name())
}

/// A map as Go shows it in its own notation.
fn data(data: &BTreeMap<String, String>) -> String {
    if data.is_empty() {
        return "map[string]string(nil)".to_owned();
    }
    let pairs: Vec<_> = data.iter().map(|(key, value)| format!("{key:?}:{value:?}")).collect();
    format!("map[string]string{{{}}}", pairs.join(", "))
}

fn bad_binaries(binaries: &BadBinaries, style: &Style) -> String {
    let rows: Vec<Vec<Cell>> = binaries
        .binaries
        .iter()
        .map(|(checksum, info)| {
            let time = go::raw_time(info.create_time.as_ref());
            vec![checksum.as_str().into(), info.operator.as_str().into(), time.into(), info.reason.as_str().into()]
        })
        .collect();
    let heads = ["Binary Checksum", "Operator", "Start Time", "Reason"];
    "Bad binaries to reset:\n".to_owned() + &grid(&heads, &rows, Lines::Framed, style)
}
