//! GetSystemInfo: the first call of every connection. A capability is true only where it is built.

use proto::temporal::api::workflowservice::v1 as wire;
use proto::temporal::api::workflowservice::v1::get_system_info_response::Capabilities;
use rpc::{Context, Error};

use crate::api::Api;
use crate::version::SERVER_VERSION;

/// What is built.
pub(crate) const CAPABILITIES: Capabilities = Capabilities {
    signal_and_query_header: true,
    internal_error_differentiation: true,
    activity_failure_include_heartbeat: true,
    supports_schedules: false,
    encoded_failure_attributes: true,
    // Workers would ask to be versioned; without it they send what they need to be shown.
    build_id_based_versioning: false,
    upsert_memo: true,
    eager_workflow_start: true,
    sdk_metadata: true,
    count_group_by_execution_status: true,
    nexus: false,
    server_scaled_deployments: false,
    server_scaled_provider_cloud_run: false,
};

pub(crate) async fn call(
    _api: &Api,
    _context: &Context,
    _request: wire::GetSystemInfoRequest,
) -> Result<wire::GetSystemInfoResponse, Error> {
    Ok(wire::GetSystemInfoResponse { server_version: SERVER_VERSION.to_owned(), capabilities: Some(CAPABILITIES) })
}
