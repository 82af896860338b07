//! `operator cluster ...`.

use anyhow::bail;
use proto::temporal::api::workflowservice::v1::{GetClusterInfoRequest, GetSystemInfoRequest};
use serde_json::json;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::args::operator::ClusterVerb;
use crate::failure::Answer as _;
use crate::render::cluster;
use crate::render::style::Ink;
use crate::session::Session;

/// The service whose health stands for the cluster's.
const FRONTEND: &str = "temporal.api.workflowservice.v1.WorkflowService";

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
            let request = session.connection.ask(GetClusterInfoRequest {});
            let answer = session.connection.workflows().get_cluster_info(request).await;
            let answer = answer.or_cannot("ask the server about its cluster")?;
            session.screen.message(&answer, |answer, style| cluster::describe(answer, args.detail, style))
        }
    }
}

async fn health(session: &mut Session<'_>) -> anyhow::Result<()> {
    let request = session.connection.ask(HealthCheckRequest { service: FRONTEND.to_owned() });
    let answer = session.connection.health().check(request).await.or_cannot("check the cluster's health")?;
    let status = ServingStatus::try_from(answer.status).unwrap_or(ServingStatus::Unknown);
    let (ink, name) = match status {
        ServingStatus::Serving => (Ink::Good, "SERVING"),
        ServingStatus::NotServing => (Ink::Bad, "NOT_SERVING"),
        ServingStatus::Unknown | ServingStatus::ServiceUnknown => (Ink::Warn, "UNKNOWN"),
    };
    session.screen.say(ink, name)?;
    session.screen.value(&json!({ "status": name }))?;
    if status == ServingStatus::Serving { Ok(()) } else { bail!("the cluster does not serve: {name}") }
}
