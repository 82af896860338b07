//! `tctl namespace ...`.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail, ensure};
use proto::temporal::api::namespace::v1::{BadBinaries, BadBinaryInfo};
use proto::temporal::api::workflowservice::v1::{ListNamespacesRequest, UpdateNamespaceRequest};

use super::flag::Flag;
use super::flag::namespace as flag;
use super::words::{Words, is_true};
use super::{moment, render};
use crate::args::operator::{ArchivalArgs, CreateNamespaceArgs, OnOff, UpdateNamespaceArgs};
use crate::args::pairs::Text;
use crate::connection::user;
use crate::failure::Answer as _;
use crate::operator::namespace;
use crate::session::Session;

/// How many to fetch at a time.
const PAGE_SIZE: i32 = 200;
/// How long closed workflows are kept, unless told otherwise.
const RETENTION: &str = "72h";

/// `register`.
pub(super) async fn register(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let name = session.namespace();
    let args = CreateNamespaceArgs {
        name: None,
        description: words.text(&flag::DESCRIPTION).unwrap_or_default(),
        email: words.text(&flag::OWNER_EMAIL).unwrap_or_default(),
        retention: moment::days(&words.text(&flag::RETENTION).unwrap_or_else(|| RETENTION.to_owned()))?,
        data: data(words)?,
        global: words.text(&flag::GLOBAL).is_some_and(|text| is_true(&text)),
        cluster: clusters(words),
        active_cluster: words.text(&flag::ACTIVE_CLUSTER).unwrap_or_default(),
        archival: archival(words)?,
    };
    namespace::register(session, name.clone(), args).await.context("Register namespace operation failed.")?;
    session.screen.text(&format!("Namespace {name} successfully registered.\n"))
}

/// `update`.
pub(super) async fn update(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let name = session.namespace();
    let args = UpdateNamespaceArgs {
        name: None,
        description: words.text(&flag::DESCRIPTION),
        email: words.text(&flag::OWNER_EMAIL),
        retention: words.text(&flag::RETENTION).map(|text| moment::days(&text)).transpose()?,
        data: data(words)?,
        active_cluster: words.text(&flag::ACTIVE_CLUSTER),
        cluster: clusters(words),
        promote_global: words.on(&flag::PROMOTE),
        replication_state: None,
        archival: archival(words)?,
    };
    let alone = args.promote_global || args.active_cluster.is_some();
    let mut changes = namespace::changes(name.clone(), args);
    if !alone {
        bad_binaries(&mut changes, words)?;
    }
    namespace::change(session, changes).await.context("Operation UpdateNamespace failed.")?;
    session.screen.text(&format!("Namespace {name} successfully updated.\n"))
}

fn bad_binaries(changes: &mut UpdateNamespaceRequest, words: &Words) -> anyhow::Result<()> {
    if let Some(checksum) = words.text(&flag::ADD_BAD_BINARY) {
        let reason = words.text(&flag::BAD_REASON).context("a bad binary needs a --reason")?;
        let info = BadBinaryInfo { reason, operator: user(), create_time: None };
        let binaries = BadBinaries { binaries: [(checksum, info)].into() };
        changes.config.get_or_insert_default().bad_binaries = Some(binaries);
    }
    changes.delete_bad_binary = words.text(&flag::REMOVE_BAD_BINARY).unwrap_or_default();
    Ok(())
}

/// `describe`.
pub(super) async fn describe(session: &mut Session<'_>, words: &Words, named: bool) -> anyhow::Result<()> {
    let id = words.text(&flag::NAMESPACE_ID).unwrap_or_default();
    ensure!(!named || id.is_empty(), "give either --namespace or --namespace_id");
    let name = if id.is_empty() { session.namespace() } else { String::new() };
    let answer = namespace::described(session, name, id).await.context("Operation DescribeNamespace failed.")?;
    let text = render::namespace::text(&answer, &session.screen.style);
    session.screen.text(&text)
}

/// `list`.
pub(super) async fn list(session: &mut Session<'_>) -> anyhow::Result<()> {
    let mut next_page_token = bytes::Bytes::new();
    loop {
        let request = ListNamespacesRequest { page_size: PAGE_SIZE, next_page_token, namespace_filter: None };
        let answer = session.connection.workflows().list_namespaces(session.connection.ask(request)).await;
        let answer = answer.or_cannot("list namespaces")?;
        let style = session.screen.style;
        let text: String = answer.namespaces.iter().map(|one| render::namespace::text(one, &style)).collect();
        session.screen.text(&text)?;
        next_page_token = answer.next_page_token;
        if next_page_token.is_empty() {
            return Ok(());
        }
    }
}

/// `k1:v1,k2:v2`.
fn data(words: &Words) -> anyhow::Result<Vec<Text>> {
    let text = words.text(&flag::DATA).unwrap_or_default();
    let mut pairs = BTreeMap::new();
    for pair in text.split(',').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(':').with_context(|| format!("--namespace_data: {pair:?} is not KEY:VALUE"))?;
        pairs.insert(key.trim().to_owned(), value.trim().to_owned());
    }
    Ok(pairs.into_iter().map(|(key, value)| Text { key, value }).collect())
}

fn clusters(words: &Words) -> Vec<String> {
    words.text(&flag::CLUSTERS).map(|first| std::iter::once(first).chain(words.arguments()).collect()).unwrap_or_default()
}

fn archival(words: &Words) -> anyhow::Result<ArchivalArgs> {
    let state = |flag: &Flag| match words.text(flag).as_deref() {
        None => Ok(None),
        Some("enabled") => Ok(Some(OnOff::Enabled)),
        Some("disabled") => Ok(Some(OnOff::Disabled)),
        Some(other) => bail!("--{} is enabled or disabled, not {other:?}", flag.name()),
    };
    Ok(ArchivalArgs {
        history_archival_state: state(&flag::HISTORY_STATE)?,
        history_uri: words.text(&flag::HISTORY_URI).unwrap_or_default(),
        visibility_archival_state: state(&flag::VISIBILITY_STATE)?,
        visibility_uri: words.text(&flag::VISIBILITY_URI).unwrap_or_default(),
    })
}
