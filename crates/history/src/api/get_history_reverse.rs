//! GetWorkflowExecutionHistoryReverse: newest first; no waiting, no tail.

use std::sync::Arc;

use model::{BranchId, RunId, RunKey};
use prost::Message;
use proto::aevum::token::v1::HistoryPageToken;
use proto::temporal::api::history::v1::History;
use proto::temporal::api::workflowservice::v1 as api;
use rpc::services::NamespaceRef;

use super::get_history::missing;
use super::{pages, token};
use crate::chain::Class;
use crate::shell::Shell;

pub(crate) async fn call(
    shell: &Arc<Shell>,
    namespace: &NamespaceRef,
    request: api::GetWorkflowExecutionHistoryReverseRequest,
) -> Result<api::GetWorkflowExecutionHistoryReverseResponse, rpc::Error> {
    let invalid = || rpc::Error::InvalidArgument("Invalid NextPageToken.".to_owned());
    let (key, named) = crate::wire::execution(namespace, request.execution.as_ref())?;
    shell.admit(&key, Class::Ongoing)?;
    let cell = shell.cache.cell(&key);
    let (run, branch, end) = if request.next_page_token.is_empty() {
        let seen = shell.read(&cell, named, |resident, id| {
            let id = id?;
            Some((id, resident.runs.get(&id)?.branch, resident.chain.run(id)?.next_event_id()))
        });
        seen.await?.ok_or_else(|| missing(&key, named))?
    } else {
        let at = token::history_page(&request.next_page_token)?;
        if named.is_some_and(|run| run.to_string() != at.run_id) {
            let text = "RunId in the request does not match the NextPageToken.";
            return Err(rpc::Error::InvalidArgument(text.to_owned()));
        }
        let run = RunId::parse(&at.run_id).map_err(|_| invalid())?;
        (run, BranchId::parse(&at.branch_id).map_err(|_| invalid())?, at.end_event_id)
    };
    let size = usize::try_from(request.maximum_page_size).ok().filter(|size| (1..=shell.options.history_page).contains(size));
    let size = size.unwrap_or(shell.options.history_page);
    let run_key = RunKey { chain: key, run };
    let (events, oldest) = pages::page_reverse(shell, &cell, &run_key, branch, end, size).await?;
    let more = HistoryPageToken {
        format: token::FORMAT,
        run_id: run.to_string(),
        next_event_id: 1,
        end_event_id: oldest,
        branch_id: branch.to_string(),
        ..Default::default()
    };
    Ok(api::GetWorkflowExecutionHistoryReverseResponse {
        history: Some(History { events }),
        next_page_token: if oldest > 1 { more.encode_to_vec().into() } else { Default::default() },
    })
}
