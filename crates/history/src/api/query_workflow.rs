//! QueryWorkflow: rejected, answered through the next workflow task, or sent to a worker directly.

use std::sync::Arc;

use history_engine::Run;
use model::{BranchId, ChainKey, RunId, RunKey, TaskQueueName};
use proto::temporal::api::enums::v1::{
    QueryRejectCondition, QueryResultType, ResourceExhaustedCause, ResourceExhaustedScope, TaskQueueKind, WorkflowExecutionStatus,
};
use proto::temporal::api::history::v1::History;
use proto::temporal::api::query::v1::{QueryRejected, WorkflowQuery, WorkflowQueryResult};
use proto::temporal::api::taskqueue::v1::TaskQueue;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::Context;
use rpc::services::NamespaceRef;
use rpc::services::matching::QueryOffer;
use tokio::sync::oneshot;

use super::query::{BufferedQuery, Fate};
use super::{link, pages};
use crate::chain::{Cell, Class, Resident};
use crate::error;
use crate::shell::Shell;
use crate::wire::{duration, timestamp};

/// A workflow whose task failed this often does not answer.
const FAILING_ATTEMPTS: i32 = 3;

/// What the state says about a query.
enum Way {
    Missing,
    Rejected(WorkflowExecutionStatus),
    Refused(rpc::Error),
    /// The first workflow task is not scheduled yet.
    Wait,
    Buffered(oneshot::Receiver<Fate>),
    Direct(Box<Direct>),
}

/// What a direct query needs.
struct Direct {
    run: RunKey,
    branch: BranchId,
    open: bool,
    workflow_type: String,
    previous_started: i64,
    next_event: i64,
    normal: TaskQueue,
    sticky: Option<(String, std::time::Duration)>,
}

pub(crate) async fn call(
    shell: &Arc<Shell>,
    context: &Context,
    namespace: &NamespaceRef,
    request: api::QueryWorkflowRequest,
) -> Result<api::QueryWorkflowResponse, rpc::Error> {
    let (key, mut run) = crate::wire::execution(namespace, request.execution.as_ref())?;
    let condition = request.query_reject_condition();
    let query = request.query.ok_or_else(|| rpc::Error::InvalidArgument("WorkflowQuery is not set on request.".to_owned()))?;
    shell.admit(&key, Class::New)?;
    let cell = shell.cache.cell(&key);
    let left = context.left(shell.options.query_timeout.max(std::time::Duration::from_secs(1)));
    let left = if context.deadline.is_some() { context.left(std::time::Duration::from_secs(3600)) } else { left };
    let until = tokio::time::Instant::now() + left;
    let mut directly = false;
    loop {
        let moved = cell.moved.notified();
        tokio::pin!(moved);
        moved.as_mut().enable();
        let give_up_at = shell.ports.clock.now() + until.saturating_duration_since(tokio::time::Instant::now());
        let (pinned, way) = shell
            .read(&cell, run, |resident, id| (id, way(shell, resident, id, condition, &query, give_up_at, directly)))
            .await?;
        run = run.or(pinned);
        match way {
            Way::Missing => return Err(error::no_workflow(key.id.as_str())),
            Way::Rejected(status) => {
                let query_rejected = Some(QueryRejected { status: status as i32 });
                let link = run.map(|run| link::to_run(namespace, &key, run, "Query rejected"));
                return Ok(api::QueryWorkflowResponse { query_rejected, link, ..Default::default() });
            }
            Way::Refused(error) => return Err(error),
            Way::Wait => tokio::select! {
                biased;
                () = moved => {}
                () = shell.polls.cancelled() => return Err(error::stopping()),
                () = tokio::time::sleep_until(until) => return Err(timed_out()),
            },
            Way::Buffered(fate) => match until_stopped(shell, tokio::time::timeout_at(until, fate)).await? {
                Err(_) => return Err(timed_out()),
                Ok(Ok(Fate::Answered(result))) => {
                    let answer = answered(*result)?;
                    return Ok(processed(namespace, &key, run, answer));
                }
                Ok(Ok(Fate::Unblocked)) => directly = true,
                Ok(Ok(Fate::Cleared) | Err(_)) => {
                    return Err(rpc::Error::Unavailable("buffered query cleared, please retry".to_owned()));
                }
            },
            Way::Direct(direct) => {
                let answer = ask(shell, namespace, &cell, *direct, query, until).await?;
                return Ok(processed(namespace, &key, run, answer));
            }
        }
    }
}

/// An answer says which run gave it.
fn processed(
    namespace: &NamespaceRef,
    key: &ChainKey,
    run: Option<RunId>,
    answer: api::QueryWorkflowResponse,
) -> api::QueryWorkflowResponse {
    let link = run.map(|run| link::to_run(namespace, key, run, "Query processed"));
    api::QueryWorkflowResponse { link, ..answer }
}

/// The first match wins.
fn way(
    shell: &Shell,
    resident: &mut Resident,
    id: Option<RunId>,
    condition: QueryRejectCondition,
    query: &WorkflowQuery,
    give_up_at: model::Timestamp,
    directly: bool,
) -> Way {
    let Some(run) = id.and_then(|id| resident.chain.run(id)) else { return Way::Missing };
    if let Some(status) = rejected(run, condition) {
        return Way::Rejected(status);
    }
    let state = run.state();
    if !run.is_open() && !state.workflow_task_ever_completed {
        let text = "Workflow execution closed before WorkflowTaskStarted event";
        return Way::Refused(rpc::Error::WorkflowNotReady(text.to_owned()));
    }
    if run.is_open() && !state.workflow_task_ever_scheduled {
        let first = state.execution_time.as_ref().map(timestamp);
        if first.is_some_and(|at| at > give_up_at) {
            return Way::Refused(rpc::Error::WorkflowNotReady("Workflow task is not scheduled yet.".to_owned()));
        }
        return Way::Wait;
    }
    if state.workflow_task.as_ref().is_some_and(|task| task.attempt >= FAILING_ATTEMPTS) {
        let text = "Unable to query workflow due to Workflow Task in failed state.";
        return Way::Refused(rpc::Error::WorkflowNotReady(text.to_owned()));
    }
    let idle = !run.is_open() || state.workflow_task.is_none();
    if state.workflow_task_ever_completed && (idle || directly) {
        return direct(resident, run.id());
    }
    let run = run.id();
    let Some(meta) = resident.runs.get_mut(&run) else { return Way::Missing };
    meta.queries.retain(|query| !query.reply.is_closed());
    if meta.queries.len() >= shell.options.buffered_queries {
        return Way::Refused(rpc::Error::ResourceExhausted {
            cause: ResourceExhaustedCause::BusyWorkflow,
            scope: ResourceExhaustedScope::Namespace,
            message: "consistent query buffer is full, this may be caused by too many queries and workflow not able to process \
                      query fast enough"
                .to_owned(),
        });
    }
    let (reply, fate) = oneshot::channel();
    meta.queries.push(BufferedQuery { id: (shell.ports.ids)().to_string(), query: query.clone(), reply });
    Way::Buffered(fate)
}

fn rejected(run: &Run, condition: QueryRejectCondition) -> Option<WorkflowExecutionStatus> {
    use WorkflowExecutionStatus as S;
    let status = run.status();
    let reject = status == S::Paused
        || match condition {
            QueryRejectCondition::NotOpen => status != S::Running,
            QueryRejectCondition::NotCompletedCleanly => !matches!(status, S::Running | S::Completed),
            _ => false,
        };
    reject.then_some(status)
}

fn direct(resident: &Resident, id: RunId) -> Way {
    let (Some(run), Some(meta)) = (resident.chain.run(id), resident.runs.get(&id)) else { return Way::Missing };
    let state = run.state();
    let sticky = state.sticky_queue.as_ref().filter(|sticky| !sticky.name.is_empty());
    Way::Direct(Box::new(Direct {
        run: RunKey { chain: resident.chain.key().clone(), run: id },
        branch: meta.branch,
        open: run.is_open(),
        workflow_type: crate::visibility::started(run)
            .and_then(|of| of.workflow_type.as_ref().map(|of| of.name.clone()))
            .unwrap_or_default(),
        previous_started: state.last_completed_started_event_id,
        next_event: run.next_event_id(),
        normal: run.normal_task_queue(),
        sticky: sticky.map(|sticky| (sticky.name.clone(), duration(sticky.schedule_to_start_timeout.as_ref()))),
    }))
}

/// Sticky queue first, then the normal one with the whole history.
async fn ask(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    cell: &Arc<Cell>,
    direct: Direct,
    query: WorkflowQuery,
    until: tokio::time::Instant,
) -> Result<api::QueryWorkflowResponse, rpc::Error> {
    if let Some((name, patience)) = &direct.sticky {
        let patience = if patience.is_zero() { std::time::Duration::from_secs(5) } else { *patience };
        // A worker may say anything.
        let sticky_until = tokio::time::Instant::now().checked_add(patience).map_or(until, |patient| until.min(patient));
        match offer(shell, namespace, cell, &direct, &query, (name, true), sticky_until).await {
            Err(rpc::Error::StickyWorkerUnavailable | rpc::Error::DeadlineExceeded(_)) => {
                if direct.open {
                    let reset = history_engine::Input::ResetStickyQueue(Some(direct.run.run));
                    if let Err(error) = shell.turn_on(cell, &reset).await {
                        tracing::debug!(chain = %cell.key, %error, "stickiness was not cleared");
                    }
                }
            }
            answer => return answer,
        }
    }
    let name = direct.normal.name.clone();
    offer(shell, namespace, cell, &direct, &query, (&name, false), until).await
}

async fn offer(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    cell: &Arc<Cell>,
    direct: &Direct,
    query: &WorkflowQuery,
    (queue, sticky): (&str, bool),
    until: tokio::time::Instant,
) -> Result<api::QueryWorkflowResponse, rpc::Error> {
    let from = if sticky { direct.previous_started + 1 } else { 1 };
    let limit = shell.options.history_page;
    let (events, next) = pages::page(shell, cell, &direct.run, direct.branch, from, direct.next_event, limit).await?;
    let mut next_page_token = Vec::new();
    if next < direct.next_event {
        next_page_token = prost::Message::encode_to_vec(&proto::aevum::token::v1::HistoryPageToken {
            format: super::token::FORMAT,
            run_id: direct.run.run.to_string(),
            next_event_id: next,
            end_event_id: direct.next_event,
            running: false,
            waiting: false,
            branch_id: direct.branch.to_string(),
        });
    }
    let task = api::PollWorkflowTaskQueueResponse {
        workflow_execution: Some(crate::wire::execution_of(&direct.run.chain, direct.run.run)),
        workflow_type: crate::wire::workflow_type(&direct.workflow_type),
        previous_started_event_id: direct.previous_started,
        history: Some(History { events }),
        next_page_token: next_page_token.into(),
        workflow_execution_task_queue: Some(TaskQueue { kind: TaskQueueKind::Normal as i32, ..direct.normal.clone() }),
        ..Default::default()
    };
    let queue = TaskQueueName::parse(queue).map_err(|error| rpc::Error::Internal(error.to_string()))?;
    let matching = shell.ports.matching.owner(namespace.id, model::TaskQueueKind::Workflow, &queue)?;
    let offer = QueryOffer { queue, sticky, key: direct.run.clone(), query: query.clone(), task };
    let context = Context { deadline: Some(until), ..Context::default() };
    let asked = matching.query(&context, namespace, offer);
    tokio::time::timeout_at(until, asked).await.unwrap_or_else(|_| Err(timed_out()))
}

fn answered(result: WorkflowQueryResult) -> Result<api::QueryWorkflowResponse, rpc::Error> {
    match result.result_type() {
        QueryResultType::Answered => Ok(api::QueryWorkflowResponse { query_result: result.answer, ..Default::default() }),
        _ => Err(rpc::Error::QueryFailed { message: result.error_message, failure: result.failure.map(Box::new) }),
    }
}

/// Waits for something that nobody does any more once workers are sent away.
async fn until_stopped<T>(shell: &Shell, wait: impl Future<Output = T>) -> Result<T, rpc::Error> {
    tokio::select! {
        biased;
        done = wait => Ok(done),
        () = shell.polls.cancelled() => Err(error::stopping()),
    }
}

fn timed_out() -> rpc::Error {
    rpc::Error::DeadlineExceeded("query timed out before a worker could process it".to_owned())
}
