//! `tctl cluster ...`.

use anyhow::{Context as _, bail};
use proto::temporal::api::workflowservice::v1::GetSearchAttributesRequest;
use tonic_health::pb::health_check_response::ServingStatus;

use super::render::search_attributes;
use crate::failure::Answer as _;
use crate::operator::{cluster, search_attribute};
use crate::render::style::Ink;
use crate::session::Session;

/// `health`.
pub(super) async fn health(session: &mut Session<'_>) -> anyhow::Result<()> {
    let status = cluster::serving(session).await.context("Unable to get the health check status.")?;
    let (ink, name) = match status {
        ServingStatus::Serving => (Ink::Good, "SERVING"),
        ServingStatus::NotServing => (Ink::Bad, "NOT_SERVING"),
        ServingStatus::Unknown => (Ink::Bad, "UNKNOWN"),
        ServingStatus::ServiceUnknown => (Ink::Bad, "SERVICE_UNKNOWN"),
    };
    let line = format!("{}: {}\n", cluster::FRONTEND, session.screen.style.paint(ink, name));
    session.screen.text(&line)?;
    if status == ServingStatus::Serving { Ok(()) } else { bail!("the cluster does not serve: {name}") }
}

/// `get-search-attributes`: of the whole cluster, and those of the namespace, where attributes belong to one.
pub(super) async fn search_attributes(session: &mut Session<'_>) -> anyhow::Result<()> {
    let request = session.connection.ask(GetSearchAttributesRequest {});
    let answer = session.connection.workflows().get_search_attributes(request).await;
    let mut keys = answer.or_cannot("list search attributes")?.keys;
    keys.extend(search_attribute::registered(session).await?.custom_attributes);
    let text = search_attributes::table("Search attributes", &keys, &session.screen.style);
    session.screen.text(&text)
}
