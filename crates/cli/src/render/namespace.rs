//! Namespaces and search attributes.

use std::collections::BTreeMap;

use proto::temporal::api::enums::v1::{ArchivalState, IndexedValueType, NamespaceState};
use proto::temporal::api::operatorservice::v1::ListSearchAttributesResponse;
use proto::temporal::api::workflowservice::v1::DescribeNamespaceResponse;

use super::style::Style;
use super::table::{Card, Cell, table};
use super::{names, time};

/// A namespace as a card.
pub(crate) fn card(answer: &DescribeNamespaceResponse, style: &Style) -> String {
    let info = answer.namespace_info.clone().unwrap_or_default();
    let config = answer.config.clone().unwrap_or_default();
    let replication = answer.replication_config.clone().unwrap_or_default();
    let state = NamespaceState::try_from(info.state).unwrap_or_default();
    let clusters: Vec<_> = replication.clusters.iter().map(|cluster| cluster.cluster_name.clone()).collect();
    Card::default()
        .with("Name", info.name)
        .with("Id", info.id)
        .with("Description", info.description)
        .with("OwnerEmail", info.owner_email)
        .with("State", names::camel(state.as_str_name(), "NAMESPACE_STATE_"))
        .with("Data", words(&info.data))
        .with("Retention", time::proto_span(config.workflow_execution_retention_ttl.as_ref()))
        .with("ActiveCluster", replication.active_cluster_name)
        .with("Clusters", clusters.join(", "))
        .with("HistoryArchival", archival(config.history_archival_state, &config.history_archival_uri))
        .with("VisibilityArchival", archival(config.visibility_archival_state, &config.visibility_archival_uri))
        .with("Global", answer.is_global_namespace.to_string())
        .with("FailoverVersion", answer.failover_version.to_string())
        .with("SearchAttributeAliases", words(&config.custom_search_attribute_aliases))
        .text(style)
}

/// A page of namespaces, each as a card.
pub(crate) fn page(items: &[DescribeNamespaceResponse], first: bool, style: &Style) -> String {
    let cards: Vec<_> = items.iter().map(|answer| card(answer, style)).collect();
    let text = cards.join("\n");
    if first { text } else { format!("\n{text}") }
}

fn archival(state: i32, uri: &str) -> String {
    let state = ArchivalState::try_from(state).unwrap_or_default();
    let state = names::camel(state.as_str_name(), "ARCHIVAL_STATE_");
    if uri.is_empty() { state } else { format!("{state} {uri}") }
}

fn words(map: &BTreeMap<String, String>) -> String {
    map.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("\n")
}

/// Search attributes: those of the system, then one's own, each by name.
pub(crate) fn search_attributes(answer: &ListSearchAttributesResponse, style: &Style) -> String {
    let row = |(name, kind): (&String, &i32), whose: &str| -> [Cell; 3] {
        let kind = IndexedValueType::try_from(*kind).unwrap_or_default();
        [name.as_str().into(), names::camel(kind.as_str_name(), "INDEXED_VALUE_TYPE_").into(), whose.into()]
    };
    let system = answer.system_attributes.iter().map(|entry| row(entry, "system"));
    let custom = answer.custom_attributes.iter().map(|entry| row(entry, "custom"));
    let rows: Vec<_> = system.chain(custom).collect();
    table(["Name", "Type", "Origin"], &rows, true, style)
}

#[cfg(test)]
mod tests {
    use proto::temporal::api::namespace::v1::{NamespaceConfig, NamespaceInfo};

    use super::*;
    use crate::args::TimeFormat;
    use crate::render::style::tests::plain;

    #[test]
    fn a_namespace_shows_its_retention_in_words() {
        let answer = DescribeNamespaceResponse {
            namespace_info: Some(NamespaceInfo {
                name: "orders".to_owned(),
                state: NamespaceState::Registered.into(),
                data: [("team".to_owned(), "a".to_owned())].into(),
                ..NamespaceInfo::default()
            }),
            config: Some(NamespaceConfig {
                workflow_execution_retention_ttl: Some(prost_types::Duration { seconds: 259_200, nanos: 0 }),
                history_archival_state: ArchivalState::Disabled.into(),
                ..NamespaceConfig::default()
            }),
            ..DescribeNamespaceResponse::default()
        };
        let text = card(&answer, &plain(TimeFormat::Iso));
        for line in ["Name                orders", "State               Registered", "Data                team=a"] {
            assert!(text.contains(line), "{text}");
        }
        assert!(text.contains("Retention           3d"));
        assert!(text.contains("HistoryArchival     Disabled"));
    }

    #[test]
    fn custom_attributes_follow_those_of_the_system() {
        let answer = ListSearchAttributesResponse {
            custom_attributes: [("A".to_owned(), 2)].into(),
            system_attributes: [("StartTime".to_owned(), 6)].into(),
            ..ListSearchAttributesResponse::default()
        };
        assert_eq!(
            search_attributes(&answer, &plain(TimeFormat::Iso)),
            "Name       Type      Origin\nStartTime  Datetime  system\nA          Keyword   custom\n"
        );
    }
}
