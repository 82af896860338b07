//! What workers say about activities: completed, failed, cancelled, alive. By token, or by id (a token that names the id).

use std::sync::Arc;

use history_engine::{
    ActivityAttempt, ActivityRef, Answer, CancelActivity, CompleteActivity, FailActivity, Heartbeat as Beat, Input,
};
use model::ChainKey;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;
use rpc::services::history::Heartbeat;

use super::token;
use crate::chain::Class;
use crate::shell::Shell;

fn read(namespace: &NamespaceRef, bytes: &[u8]) -> Result<(ChainKey, ActivityRef), rpc::Error> {
    let (key, run, of) = token::activity_task(namespace, bytes)?;
    let activity = match run {
        Some(run) if of.scheduled_event_id > 0 => {
            ActivityRef::Token(ActivityAttempt { run, scheduled_event_id: of.scheduled_event_id, attempt: of.attempt })
        }
        _ => ActivityRef::Id { run, activity_id: of.activity_id },
    };
    Ok((key, activity))
}

/// RespondActivityTaskCompleted.
pub(crate) async fn completed(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    request: api::RespondActivityTaskCompletedRequest,
) -> Result<(), rpc::Error> {
    let (key, activity) = read(namespace, &request.task_token)?;
    let completed = CompleteActivity { activity, result: request.result, identity: request.identity };
    shell.turn(&key, &Input::CompleteActivity(Box::new(completed)), Class::Ongoing).await.map(|_| ())
}

/// RespondActivityTaskFailed.
pub(crate) async fn failed(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    request: api::RespondActivityTaskFailedRequest,
) -> Result<(), rpc::Error> {
    let (key, activity) = read(namespace, &request.task_token)?;
    let failed = FailActivity {
        activity,
        failure: request.failure,
        last_heartbeat_details: request.last_heartbeat_details,
        identity: request.identity,
    };
    shell.turn(&key, &Input::FailActivity(Box::new(failed)), Class::Ongoing).await.map(|_| ())
}

/// RespondActivityTaskCanceled.
pub(crate) async fn canceled(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    request: api::RespondActivityTaskCanceledRequest,
) -> Result<(), rpc::Error> {
    let (key, activity) = read(namespace, &request.task_token)?;
    let canceled = CancelActivity { activity, details: request.details, identity: request.identity };
    shell.turn(&key, &Input::CancelActivity(Box::new(canceled)), Class::Ongoing).await.map(|_| ())
}

/// RecordActivityTaskHeartbeat.
pub(crate) async fn heartbeat(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    request: api::RecordActivityTaskHeartbeatRequest,
) -> Result<Heartbeat, rpc::Error> {
    let (key, activity) = read(namespace, &request.task_token)?;
    let beat = Beat { activity, details: request.details, identity: request.identity };
    let answer = shell.turn(&key, &Input::Heartbeat(Box::new(beat)), Class::Ongoing).await?;
    let Answer::Heartbeat(answer) = answer else { return Err(super::unexpected()) };
    Ok(Heartbeat {
        cancel_requested: answer.cancel_requested,
        activity_paused: answer.activity_paused,
        activity_reset: answer.activity_reset,
    })
}
