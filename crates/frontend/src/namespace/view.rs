//! A namespace as callers see it. A capability is true only where it is built.

use model::limits::Limits;
use proto::temporal::api::enums::v1::ReplicationState;
use proto::temporal::api::namespace::v1::NamespaceInfo;
use proto::temporal::api::namespace::v1::namespace_info::{Capabilities, Limits as WireLimits};
use proto::temporal::api::workflowservice::v1 as wire;

use crate::registry::Namespace;

/// Bytes of a completion that workers may send at once. Source: Temporal's default.
const WORKFLOW_TASK_COMPLETION: i64 = 40 * 1024 * 1024;

fn capabilities() -> Capabilities {
    Capabilities { eager_workflow_start: true, ..Capabilities::default() }
}

/// What DescribeNamespace answers.
pub(super) fn describe(namespace: &Namespace, limits: &Limits) -> wire::DescribeNamespaceResponse {
    let bytes = |bytes: usize| i64::try_from(bytes).unwrap_or(i64::MAX);
    let record = &namespace.record;
    let info = record.info.clone().unwrap_or_default();
    let mut replication = record.replication_config.clone().unwrap_or_default();
    if replication.state() == ReplicationState::Unspecified {
        replication.set_state(ReplicationState::Normal);
    }
    wire::DescribeNamespaceResponse {
        namespace_info: Some(NamespaceInfo {
            capabilities: Some(capabilities()),
            limits: Some(WireLimits {
                blob_size_limit_error: bytes(limits.blob_error_bytes),
                memo_size_limit_error: bytes(limits.memo_error_bytes),
                workflow_task_completion_size_limit_error: WORKFLOW_TASK_COMPLETION,
            }),
            supports_schedules: false,
            ..info
        }),
        config: record.config.clone(),
        replication_config: Some(replication),
        failover_version: record.failover_version,
        is_global_namespace: record.is_global,
        ..wire::DescribeNamespaceResponse::default()
    }
}
