//! A workflow task as a worker gets it: token, history, queries.

use std::sync::Arc;

use history_engine::WorkflowTaskHandout;
use model::{ChainKey, RunKey};
use prost::Message;
use proto::aevum::token::v1::{HistoryPageToken, WorkflowTaskToken};
use proto::temporal::api::enums::v1::TaskQueueKind;
use proto::temporal::api::history::v1::History;
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;

use super::{pages, query, token};
use crate::shell::Shell;
use crate::wire::proto_timestamp;

/// The poller's whole answer. `with_queries` hands the waiting queries out with it.
pub(crate) async fn compose(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    key: &ChainKey,
    handout: WorkflowTaskHandout,
    with_queries: bool,
) -> Result<api::PollWorkflowTaskQueueResponse, rpc::Error> {
    let cell = shell.cache.cell(key);
    let run = RunKey { chain: key.clone(), run: handout.run_id };
    let (branch, version, queries) = shell
        .read(&cell, Some(handout.run_id), |resident, _| {
            let version = resident.chain.run(run.run).map_or(0, history_engine::Run::version);
            resident.runs.get_mut(&run.run).map(|meta| {
                let queries = if with_queries { query::hand_out(&mut meta.queries) } else { Default::default() };
                (meta.branch, version, queries)
            })
        })
        .await?
        .ok_or_else(crate::error::no_run)?;
    let from = if handout.sticky { handout.previous_started_event_id + 1 } else { 1 };
    let limit = shell.options.history_page;
    let (mut events, next) = pages::page(shell, &cell, &run, branch, from, handout.next_event_id, limit).await?;
    let mut next_page_token = Vec::new();
    if next >= handout.next_event_id {
        events.extend(handout.suffix.iter().cloned());
    } else {
        next_page_token = more(&handout, branch, next);
    }
    let started_time = Some(proto_timestamp(handout.started_time));
    let task_token = token_of(namespace, key, &handout, version);
    Ok(api::PollWorkflowTaskQueueResponse {
        task_token: task_token.encode_to_vec().into(),
        workflow_execution: Some(crate::wire::execution_of(key, handout.run_id)),
        workflow_type: crate::wire::workflow_type(&handout.workflow_type),
        previous_started_event_id: handout.previous_started_event_id,
        started_event_id: handout.started_event_id,
        attempt: handout.attempt,
        history: Some(History { events }),
        next_page_token: next_page_token.into(),
        workflow_execution_task_queue: Some(TaskQueue {
            name: handout.task_queue,
            kind: TaskQueueKind::Normal as i32,
            normal_name: String::new(),
        }),
        scheduled_time: Some(proto_timestamp(handout.scheduled_time)),
        started_time,
        queries,
        ..Default::default()
    })
}

/// Where the worker reads on.
fn more(handout: &WorkflowTaskHandout, branch: model::BranchId, next: i64) -> Vec<u8> {
    let token = HistoryPageToken {
        format: token::FORMAT,
        run_id: handout.run_id.to_string(),
        next_event_id: next,
        end_event_id: handout.next_event_id,
        running: true,
        waiting: false,
        branch_id: branch.to_string(),
    };
    token.encode_to_vec()
}

/// What the worker carries while it works on this hand-out.
fn token_of(namespace: &NamespaceRef, key: &ChainKey, handout: &WorkflowTaskHandout, version: i64) -> WorkflowTaskToken {
    WorkflowTaskToken {
        format: token::FORMAT,
        namespace_id: namespace.id.to_string(),
        workflow_id: key.id.as_str().to_owned(),
        run_id: handout.run_id.to_string(),
        scheduled_event_id: handout.scheduled_event_id,
        started_event_id: handout.started_event_id,
        attempt: handout.attempt,
        handout_id: handout.handout_id.clone(),
        started_time: Some(proto_timestamp(handout.started_time)),
        version,
    }
}
