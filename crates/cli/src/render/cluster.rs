//! What a cluster is and can do.

use proto::temporal::api::workflowservice::v1::{GetClusterInfoResponse, GetSystemInfoResponse};
use serde_json::Value;

use super::json::{self, PayloadForm};
use super::style::Style;
use super::table::Card;

/// The server's version, and each capability by the name that the API gives it.
pub(crate) fn system(answer: &GetSystemInfoResponse, style: &Style) -> String {
    let head = Card::default().with("ServerVersion", answer.server_version.clone()).text(style);
    let named = answer.capabilities.as_ref().and_then(|all| json::of(all, PayloadForm::AsSent).ok());
    let Some(Value::Object(named)) = named.and_then(|named| serde_json::to_value(named).ok()) else { return head };
    let names: Vec<_> = named.iter().filter(|(_, on)| **on == Value::Bool(true)).map(|(name, _)| name.as_str()).collect();
    head + &Card::default().with("Capabilities", names.join("\n")).text(style)
}

/// The cluster's name, stores and size.
pub(crate) fn describe(answer: &GetClusterInfoResponse, detail: bool, style: &Style) -> String {
    let card = Card::default()
        .with("ClusterName", answer.cluster_name.clone())
        .with("PersistenceStore", answer.persistence_store.clone())
        .with("VisibilityStore", answer.visibility_store.clone());
    if !detail {
        return card.text(style);
    }
    let clients: Vec<_> = answer.supported_clients.iter().map(|(name, versions)| format!("{name} {versions}")).collect();
    card.with("ClusterId", answer.cluster_id.clone())
        .with("ServerVersion", answer.server_version.clone())
        .with("HistoryShardCount", answer.history_shard_count.to_string())
        .with("InitialFailoverVersion", answer.initial_failover_version.to_string())
        .with("FailoverVersionIncrement", answer.failover_version_increment.to_string())
        .with("SupportedClients", clients.join("\n"))
        .text(style)
}

#[cfg(test)]
mod tests {
    use proto::temporal::api::workflowservice::v1::get_system_info_response::Capabilities;

    use super::*;
    use crate::args::TimeFormat;
    use crate::render::style::tests::plain;

    #[test]
    fn the_system_card_names_what_the_server_can_do() {
        let capabilities = Capabilities { upsert_memo: true, eager_workflow_start: true, ..Capabilities::default() };
        let answer = GetSystemInfoResponse { server_version: "1.28.0".to_owned(), capabilities: Some(capabilities) };
        assert_eq!(
            system(&answer, &plain(TimeFormat::Iso)),
            "  ServerVersion  1.28.0\n  Capabilities  eagerWorkflowStart\n                upsertMemo\n"
        );
    }
}
