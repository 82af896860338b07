//! GetWorkflowExecutionHistory, oldest first: pages, long polls, the close event, and the tail that is not durable yet.

use std::sync::Arc;

use model::{BranchId, ChainKey, RunId, RunKey};
use prost::Message;
use proto::aevum::token::v1::HistoryPageToken;
use proto::temporal::api::enums::v1::{HistoryEventFilterType, WorkflowExecutionStatus};
use proto::temporal::api::history::v1::{History, HistoryEvent};
use proto::temporal::api::workflowservice::v1 as api;
use rpc::Context;
use rpc::services::NamespaceRef;
use tokio::time::Instant;

use super::{pages, token};
use crate::chain::{Cell, Class};
use crate::error;
use crate::shell::Shell;

/// How a run's history stands.
struct View {
    run: RunId,
    branch: BranchId,
    /// One past the last event.
    end: i64,
    running: bool,
    /// Events of the pending workflow task that are not written yet, where they follow the last event.
    tail: Vec<HistoryEvent>,
}

pub(crate) async fn call(
    shell: &Arc<Shell>,
    context: &Context,
    namespace: &NamespaceRef,
    request: api::GetWorkflowExecutionHistoryRequest,
) -> Result<api::GetWorkflowExecutionHistoryResponse, rpc::Error> {
    let (key, named) = crate::wire::execution(namespace, request.execution.as_ref())?;
    shell.admit(&key, Class::Ongoing)?;
    let cell = shell.cache.cell(&key);
    let wait = request.wait_new_event;
    let close_only = request.history_event_filter_type() == HistoryEventFilterType::CloseEvent;
    let until = Instant::now() + context.left(shell.options.long_poll).min(shell.options.long_poll);
    let (mut at, first) = match request.next_page_token.is_empty() {
        true => {
            let view = view(shell, &cell, named).await?.ok_or_else(|| missing(&key, named))?;
            (start(&view), Some(view))
        }
        false => {
            let at = token::history_page(&request.next_page_token)?;
            if named.is_some_and(|run| run.to_string() != at.run_id) {
                let text = "RunId in the request does not match the NextPageToken.";
                return Err(rpc::Error::InvalidArgument(text.to_owned()));
            }
            (at, None)
        }
    };
    let run = RunId::parse(&at.run_id).map_err(|_| rpc::Error::InvalidArgument("Invalid NextPageToken.".to_owned()))?;
    if close_only {
        return close_event(shell, &cell, run, first, at, wait, until).await;
    }
    let branch = BranchId::parse(&at.branch_id).map_err(|_| rpc::Error::InvalidArgument("Invalid NextPageToken.".to_owned()))?;
    if at.next_event_id >= at.end_event_id && wait && at.running {
        let end = at.end_event_id;
        let Some(news) = long_poll(shell, &cell, run, until, |view| view.end > end || !view.running).await? else {
            return Ok(reply(Vec::new(), Some(at)));
        };
        (at.end_event_id, at.running) = (news.end, news.running);
    }
    let size = usize::try_from(request.maximum_page_size).ok().filter(|size| (1..=shell.options.history_page).contains(size));
    let size = size.unwrap_or(shell.options.history_page);
    let key = RunKey { chain: key, run };
    let (mut events, next) = pages::page(shell, &cell, &key, branch, at.next_event_id, at.end_event_id, size).await?;
    at.next_event_id = next;
    if next < at.end_event_id {
        return Ok(reply(events, Some(at)));
    }
    if wait {
        return Ok(reply(events, Some(at).filter(|at| at.running)));
    }
    if at.running {
        events.extend(tail(shell, &cell, run, next).await?);
    }
    Ok(reply(events, None))
}

fn start(view: &View) -> HistoryPageToken {
    HistoryPageToken {
        format: token::FORMAT,
        run_id: view.run.to_string(),
        next_event_id: 1,
        end_event_id: view.end,
        running: view.running,
        waiting: false,
        branch_id: view.branch.to_string(),
    }
}

fn reply(events: Vec<HistoryEvent>, at: Option<HistoryPageToken>) -> api::GetWorkflowExecutionHistoryResponse {
    api::GetWorkflowExecutionHistoryResponse {
        history: Some(History { events }),
        next_page_token: at.map(|at| at.encode_to_vec()).unwrap_or_default().into(),
        ..Default::default()
    }
}

/// The last event of a closed run; waits for it if asked to.
async fn close_event(
    shell: &Arc<Shell>,
    cell: &Arc<Cell>,
    run: RunId,
    first: Option<View>,
    at: HistoryPageToken,
    wait: bool,
    until: Instant,
) -> Result<api::GetWorkflowExecutionHistoryResponse, rpc::Error> {
    let closed = match first {
        Some(view) if !view.running => Some(view),
        Some(_) if !wait => return Ok(reply(Vec::new(), None)),
        _ => long_poll(shell, cell, run, until, |view| !view.running).await?,
    };
    let Some(view) = closed else { return Ok(reply(Vec::new(), Some(at))) };
    let key = RunKey { chain: cell.key.clone(), run };
    let (events, _) = pages::page(shell, cell, &key, view.branch, view.end - 1, view.end, 1).await?;
    Ok(reply(events, None))
}

/// Waits until `enough`; `None` where the time is up.
async fn long_poll(
    shell: &Arc<Shell>,
    cell: &Arc<Cell>,
    run: RunId,
    until: Instant,
    enough: impl Fn(&View) -> bool,
) -> Result<Option<View>, rpc::Error> {
    loop {
        let moved = cell.moved.notified();
        tokio::pin!(moved);
        moved.as_mut().enable();
        let view = view(shell, cell, Some(run)).await?.ok_or_else(pages::no_history)?;
        if enough(&view) {
            return Ok(Some(view));
        }
        tokio::select! {
            biased;
            () = &mut moved => {}
            () = shell.polls.cancelled() => return Ok(None),
            () = tokio::time::sleep_until(until) => return Ok(None),
        }
    }
}

/// Events that came after the first page was read, and the tail of a started workflow task.
async fn tail(shell: &Arc<Shell>, cell: &Arc<Cell>, run: RunId, next: i64) -> Result<Vec<HistoryEvent>, rpc::Error> {
    let Some(view) = view(shell, cell, Some(run)).await? else { return Ok(Vec::new()) };
    let key = RunKey { chain: cell.key.clone(), run };
    let (mut events, reached) = pages::page(shell, cell, &key, view.branch, next, view.end, shell.options.history_page).await?;
    if reached == view.end {
        events.extend(view.tail);
    }
    Ok(events)
}

async fn view(shell: &Arc<Shell>, cell: &Arc<Cell>, run: Option<RunId>) -> Result<Option<View>, rpc::Error> {
    shell
        .read(cell, run, |resident, id| {
            let id = id?;
            let (state, meta) = (resident.chain.run(id)?, resident.runs.get(&id)?);
            let end = state.next_event_id();
            // What a worker and readers see of a pending workflow task before history has it.
            let tail = state.unwritten_events();
            let follows = tail.first().is_some_and(|event| event.event_id == end);
            Some(View {
                run: id,
                branch: meta.branch,
                end,
                running: state.status() == WorkflowExecutionStatus::Running,
                tail: if follows { tail } else { Vec::new() },
            })
        })
        .await
}

pub(super) fn missing(key: &ChainKey, run: Option<RunId>) -> rpc::Error {
    match run {
        Some(_) => error::no_run(),
        None => error::no_workflow(key.id.as_str()),
    }
}
