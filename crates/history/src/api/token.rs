//! Opaque tokens: typed and versioned; what cannot be read is the caller's mistake.

use model::{ChainKey, NamespaceId, RunId};
use prost::Message;
use proto::aevum::token::v1::{ActivityTaskToken, HistoryPageToken, WorkflowTaskToken};
use rpc::services::NamespaceRef;

/// The format that is written, and the newest that is read.
pub(crate) const FORMAT: u32 = 1;

fn unreadable() -> rpc::Error {
    rpc::Error::InvalidArgument("Error deserializing task token.".to_owned())
}

/// Reads a workflow task's token: whose, which run, and the rest.
pub(crate) fn workflow_task(namespace: &NamespaceRef, bytes: &[u8]) -> Result<(ChainKey, RunId, WorkflowTaskToken), rpc::Error> {
    let token = WorkflowTaskToken::decode(bytes).map_err(|_| unreadable())?;
    check(token.format, namespace, &token.namespace_id)?;
    let chain = crate::wire::chain(namespace, &token.workflow_id).map_err(|_| unreadable())?;
    let run = RunId::parse(&token.run_id).map_err(|_| unreadable())?;
    Ok((chain, run, token))
}

/// Reads an activity's token. Without a run id it means the current run.
pub(crate) fn activity_task(
    namespace: &NamespaceRef,
    bytes: &[u8],
) -> Result<(ChainKey, Option<RunId>, ActivityTaskToken), rpc::Error> {
    let token = ActivityTaskToken::decode(bytes).map_err(|_| unreadable())?;
    check(token.format, namespace, &token.namespace_id)?;
    let chain = crate::wire::chain(namespace, &token.workflow_id).map_err(|_| unreadable())?;
    let run = crate::wire::run(&token.run_id).map_err(|_| unreadable())?;
    Ok((chain, run, token))
}

fn check(format: u32, namespace: &NamespaceRef, id: &str) -> Result<(), rpc::Error> {
    let id = NamespaceId::parse(id).map_err(|_| unreadable())?;
    if format == 0 || format > FORMAT {
        return Err(unreadable());
    }
    if id != namespace.id {
        return Err(rpc::Error::InvalidArgument("Operation requested with a token from a different namespace.".to_owned()));
    }
    Ok(())
}

/// Reads a page token of history.
pub(crate) fn history_page(bytes: &[u8]) -> Result<HistoryPageToken, rpc::Error> {
    let unreadable = || rpc::Error::InvalidArgument("Invalid NextPageToken.".to_owned());
    let token = HistoryPageToken::decode(bytes).map_err(|_| unreadable())?;
    if token.format == 0 || token.format > FORMAT || token.next_event_id < 0 || token.end_event_id < 0 {
        return Err(unreadable());
    }
    RunId::parse(&token.run_id).map_err(|_| unreadable())?;
    Ok(token)
}
