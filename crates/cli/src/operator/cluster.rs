//! `operator cluster ...`.

use anyhow::bail;
use proto::temporal::api::workflowservice::v1::{GetClusterInfoRequest, GetClusterInfoResponse, GetSystemInfoRequest};
use serde_json::json;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::args::operator::ClusterVerb;
use crate::failure::{Answer as _, CallFailed};
use crate::render::cluster;
use crate::render::style::Ink;
use crate::session::Session;

/// The service whose health stands for the cluster's.
pub(crate) const FRONTEND: &str = "temporal.api.workflowservice.v1.WorkflowService";

/// Carries out a verb.
pub(crate) async fn perform(session: &mut Session<'_>, verb: ClusterVerb) -> anyhow::Result<()> {
    match verb {
        ClusterVerb::Health => health(session).await,
        ClusterVerb::System => {
            let request = session.connection.ask(GetSystemInfoRequest {});
            let answer = session.connection.workflows().get_system_info(request).await;
            session.screen.message(&answer.or_cannot("ask the server about itself")?, cluster::system)
        }
        ClusterVerb::Describe(args) => {
            let answer = info(session).await?;
            session.screen.message(&answer, |answer, style| cluster::describe(answer, args.detail, style))
        }
    }
}

/// What the frontend says of its own health.
pub(crate) async fn serving(session: &Session<'_>) -> Result<ServingStatus, CallFailed> {
    let request = session.connection.ask(HealthCheckRequest { service: FRONTEND.to_owned() });
    let answer = session.connection.health().check(request).await.or_cannot("check the cluster's health")?;
    Ok(ServingStatus::try_from(answer.status).unwrap_or(ServingStatus::Unknown))
}

/// What the cluster is.
pub(crate) async fn info(session: &Session<'_>) -> Result<GetClusterInfoResponse, CallFailed> {
    let request = session.connection.ask(GetClusterInfoRequest {});
    let answer = session.connection.workflows().get_cluster_info(request).await;
    answer.or_cannot("ask the server about its cluster")
}

async fn health(session: &mut Session<'_>) -> anyhow::Result<()> {
    let status = serving(session).await?;
    let (ink, name) = match status {
        ServingStatus::Serving => (Ink::Good, "SERVING"),
        ServingStatus::NotServing => (Ink::Bad, "NOT_SERVING"),
        ServingStatus::Unknown | ServingStatus::ServiceUnknown => (Ink::Warn, "UNKNOWN"),
    };
    session.screen.say(ink, name)?;
    session.screen.value(&json!({ "status": name }))?;
    if status == ServingStatus::Serving { Ok(()) } else { bail!("the cluster does not serve: {name}") }
}
