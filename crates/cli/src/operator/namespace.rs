//! `operator namespace ...`.

use std::collections::BTreeMap;

use proto::temporal::api::enums::v1::{ArchivalState, ReplicationState};
use proto::temporal::api::namespace::v1::{NamespaceConfig, UpdateNamespaceInfo};
use proto::temporal::api::replication::v1::{ClusterReplicationConfig, NamespaceReplicationConfig};
use proto::temporal::api::workflowservice::v1::{
    DescribeNamespaceRequest, DescribeNamespaceResponse, ListNamespacesRequest, RegisterNamespaceRequest, UpdateNamespaceRequest,
    UpdateNamespaceResponse,
};

use crate::args::duration::to_proto;
use crate::args::operator::{CreateNamespaceArgs, DescribeNamespaceArgs, NamespaceVerb, OnOff, UpdateNamespaceArgs};
use crate::args::pairs::Text;
use crate::failure::{Answer as _, CallFailed};
use crate::render::namespace;
use crate::render::style::Ink;
use crate::session::Session;

/// How many namespaces to fetch at a time.
const PAGE_SIZE: i32 = 100;

/// Carries out a verb.
pub(crate) async fn perform(session: &mut Session<'_>, verb: NamespaceVerb) -> anyhow::Result<()> {
    match verb {
        NamespaceVerb::Create(args) => create(session, *args).await,
        NamespaceVerb::Describe(args) => describe(session, args).await,
        NamespaceVerb::List => list(session).await,
        NamespaceVerb::Update(args) => update(session, *args).await,
    }
}

async fn create(session: &mut Session<'_>, args: CreateNamespaceArgs) -> anyhow::Result<()> {
    let name = args.name.clone().unwrap_or_else(|| session.namespace());
    register(session, name.clone(), args).await?;
    session.screen.say(Ink::Good, &format!("Namespace {name} successfully registered."))
}

/// Registers a namespace under this name.
pub(crate) async fn register(session: &Session<'_>, name: String, args: CreateNamespaceArgs) -> Result<(), CallFailed> {
    let doing = format!("create namespace {name:?}");
    let request = RegisterNamespaceRequest {
        namespace: name,
        description: args.description,
        owner_email: args.email,
        workflow_execution_retention_period: Some(to_proto(args.retention)),
        clusters: clusters(args.cluster),
        active_cluster_name: args.active_cluster,
        data: data(args.data),
        is_global_namespace: args.global,
        history_archival_state: archival(args.archival.history_archival_state),
        history_archival_uri: args.archival.history_uri,
        visibility_archival_state: archival(args.archival.visibility_archival_state),
        visibility_archival_uri: args.archival.visibility_uri,
        ..RegisterNamespaceRequest::default()
    };
    let answer = session.connection.workflows().register_namespace(session.connection.ask(request)).await;
    answer.or_cannot(doing).map(|_| ())
}

async fn describe(session: &mut Session<'_>, args: DescribeNamespaceArgs) -> anyhow::Result<()> {
    let id = args.namespace_id.unwrap_or_default();
    let name = if id.is_empty() { args.name.unwrap_or_else(|| session.namespace()) } else { String::new() };
    session.screen.message(&described(session, name, id).await?, namespace::card)
}

/// What is known of a namespace, by name or by id.
pub(crate) async fn described(session: &Session<'_>, name: String, id: String) -> Result<DescribeNamespaceResponse, CallFailed> {
    let doing = format!("describe namespace {:?}", if id.is_empty() { &name } else { &id });
    let request = DescribeNamespaceRequest { namespace: name, id, ..DescribeNamespaceRequest::default() };
    let answer = session.connection.workflows().describe_namespace(session.connection.ask(request)).await;
    answer.or_cannot(doing)
}

async fn list(session: &mut Session<'_>) -> anyhow::Result<()> {
    let connection = &session.connection;
    let mut list = session.screen.list()?;
    let mut next_page_token = bytes::Bytes::new();
    loop {
        let request = ListNamespacesRequest { page_size: PAGE_SIZE, next_page_token, namespace_filter: None };
        let answer = connection.workflows().list_namespaces(connection.ask(request)).await.or_cannot("list namespaces")?;
        list.page(&answer.namespaces, namespace::page)?;
        next_page_token = answer.next_page_token;
        if next_page_token.is_empty() {
            return list.end();
        }
    }
}

async fn update(session: &mut Session<'_>, args: UpdateNamespaceArgs) -> anyhow::Result<()> {
    let name = args.name.clone().unwrap_or_else(|| session.namespace());
    let answer = change(session, changes(name.clone(), args)).await?;
    let done = format!("Namespace {name} update succeeded.");
    session.screen.message(&answer, |_, style| style.paint(Ink::Good, &done) + "\n")
}

/// Sends the changes.
pub(crate) async fn change(
    session: &Session<'_>,
    changes: UpdateNamespaceRequest,
) -> Result<UpdateNamespaceResponse, CallFailed> {
    let doing = format!("update namespace {:?}", changes.namespace);
    let answer = session.connection.workflows().update_namespace(session.connection.ask(changes)).await;
    answer.or_cannot(doing)
}

/// Only what changes; the server keeps what a request leaves empty.
pub(crate) fn changes(namespace: String, args: UpdateNamespaceArgs) -> UpdateNamespaceRequest {
    let request = UpdateNamespaceRequest { namespace, ..UpdateNamespaceRequest::default() };
    if args.promote_global {
        return UpdateNamespaceRequest { promote_namespace: true, ..request };
    }
    if let Some(active_cluster_name) = args.active_cluster {
        let replication = NamespaceReplicationConfig { active_cluster_name, ..NamespaceReplicationConfig::default() };
        return UpdateNamespaceRequest { replication_config: Some(replication), ..request };
    }
    let info = UpdateNamespaceInfo {
        description: args.description.unwrap_or_default(),
        owner_email: args.email.unwrap_or_default(),
        data: data(args.data),
        ..UpdateNamespaceInfo::default()
    };
    let config = NamespaceConfig {
        workflow_execution_retention_ttl: args.retention.map(to_proto),
        history_archival_state: archival(args.archival.history_archival_state),
        history_archival_uri: args.archival.history_uri,
        visibility_archival_state: archival(args.archival.visibility_archival_state),
        visibility_archival_uri: args.archival.visibility_uri,
        ..NamespaceConfig::default()
    };
    let replication = NamespaceReplicationConfig {
        clusters: clusters(args.cluster),
        state: args.replication_state.map_or(0, |state| ReplicationState::from(state).into()),
        ..NamespaceReplicationConfig::default()
    };
    UpdateNamespaceRequest {
        update_info: (info != UpdateNamespaceInfo::default()).then_some(info),
        config: (config != NamespaceConfig::default()).then_some(config),
        replication_config: (replication != NamespaceReplicationConfig::default()).then_some(replication),
        ..request
    }
}

fn archival(state: Option<OnOff>) -> i32 {
    state.map_or(0, |state| ArchivalState::from(state).into())
}

fn clusters(names: Vec<String>) -> Vec<ClusterReplicationConfig> {
    names
        .into_iter()
        .map(|cluster_name| ClusterReplicationConfig { cluster_name, ..ClusterReplicationConfig::default() })
        .collect()
}

fn data(pairs: Vec<Text>) -> BTreeMap<String, String> {
    pairs.into_iter().map(|pair| (pair.key, pair.value)).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Words {
        #[command(flatten)]
        args: UpdateNamespaceArgs,
    }

    fn request(words: &str) -> UpdateNamespaceRequest {
        let words = std::iter::once("update").chain(words.split_whitespace());
        changes("n".to_owned(), Words::try_parse_from(words).unwrap().args)
    }

    #[test]
    fn an_update_sends_only_what_changes() {
        let request = request("--retention 7d");
        assert_eq!(request.config.unwrap().workflow_execution_retention_ttl.unwrap().seconds, 604_800);
        assert_eq!((request.update_info, request.replication_config), (None, None));
    }

    #[test]
    fn promotion_and_failover_change_nothing_else() {
        let promoted = request("--promote-global --description x");
        assert!(promoted.promote_namespace && promoted.update_info.is_none());
        let moved = request("--active-cluster b --description x");
        assert_eq!(moved.replication_config.unwrap().active_cluster_name, "b");
        assert!(moved.update_info.is_none());
    }
}
