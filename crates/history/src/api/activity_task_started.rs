//! An activity task met a poller: durable before the worker sees it.

use std::sync::Arc;

use history_engine::{ActivityAttempt, ActivityHandout, Answer, Input, StartActivityTask};
use model::ChainKey;
use prost::Message;
use proto::aevum::token::v1::ActivityTaskToken;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;
use rpc::services::history::ActivityTaskStart;

use super::token;
use crate::chain::Class;
use crate::shell::Shell;

pub(crate) async fn call(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    start: ActivityTaskStart,
) -> Result<api::PollActivityTaskQueueResponse, rpc::Error> {
    let key = start.key.chain;
    let input = Input::StartActivityTask(Box::new(StartActivityTask {
        attempt: ActivityAttempt { run: start.key.run, scheduled_event_id: start.scheduled_event_id, attempt: start.attempt },
        stamp: start.stamp,
        request_id: start.request_id,
        poll: start.poll,
    }));
    let answer = shell.turn(&key, &input, Class::Ongoing).await?;
    let Answer::ActivityTask(handout) = answer else { return Err(super::unexpected()) };
    Ok(compose(namespace, &key, *handout))
}

/// The handout with its token.
pub(super) fn compose(namespace: &NamespaceRef, key: &ChainKey, handout: ActivityHandout) -> api::PollActivityTaskQueueResponse {
    let mut response = handout.response;
    let task_token = ActivityTaskToken {
        format: token::FORMAT,
        namespace_id: namespace.id.to_string(),
        workflow_id: key.id.as_str().to_owned(),
        run_id: handout.run_id.to_string(),
        scheduled_event_id: handout.scheduled_event_id,
        attempt: handout.attempt,
        activity_id: response.activity_id.clone(),
        activity_type: response.activity_type.as_ref().map(|of| of.name.clone()).unwrap_or_default(),
        workflow_type: response.workflow_type.as_ref().map(|of| of.name.clone()).unwrap_or_default(),
        version: 0,
        stamp: handout.stamp,
    };
    response.task_token = task_token.encode_to_vec().into();
    response
}
