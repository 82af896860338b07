//! Pages of history: from memory where the recent rows are there, else from the store.

use std::sync::Arc;

use model::{BranchId, RunKey};
use persistence::HistoryRange;
use proto::temporal::api::history::v1::HistoryEvent;

use crate::chain::{Cell, events};
use crate::error;
use crate::shell::Shell;

/// At most so many bytes of rows are read for one page: a reply has to fit a gRPC message of 4 MiB for most clients.
const PAGE_BYTES: usize = 2 * 1024 * 1024;

/// The durable events from `from` (at most `limit` of them, and all below `to`), and the id after the last one.
pub(crate) async fn page(
    shell: &Arc<Shell>,
    cell: &Cell,
    run: &RunKey,
    branch: BranchId,
    from: i64,
    to: i64,
    limit: usize,
) -> Result<(Vec<HistoryEvent>, i64), rpc::Error> {
    let from = from.max(1);
    let to_page = to.min(from.saturating_add(i64::try_from(limit).unwrap_or(i64::MAX)));
    if from >= to_page {
        return Ok((Vec::new(), from));
    }
    let cached = recent(cell, run, from, to_page);
    let rows = match cached {
        Some(rows) => rows,
        None => stored(shell, run, branch, (from, to_page), false, limit).await?,
    };
    let mut events = Vec::with_capacity(limit.min(rows.len() * 4));
    for row in rows {
        events.extend(events::decode(row, from, to_page).map_err(|error| error::unreadable(&error))?);
    }
    match events.last() {
        Some(last) => {
            let next = last.event_id + 1;
            Ok((events, next))
        }
        None => Err(no_history()),
    }
}

/// The durable events below `to`, newest first, and the id of the last one (1 where it was the first event).
pub(crate) async fn page_reverse(
    shell: &Arc<Shell>,
    cell: &Cell,
    run: &RunKey,
    branch: BranchId,
    to: i64,
    limit: usize,
) -> Result<(Vec<HistoryEvent>, i64), rpc::Error> {
    let from = to.saturating_sub(i64::try_from(limit).unwrap_or(i64::MAX)).max(1);
    if from >= to {
        return Ok((Vec::new(), 1));
    }
    let rows = match recent(cell, run, from, to) {
        Some(mut rows) => {
            rows.reverse();
            rows
        }
        None => stored(shell, run, branch, (from, to), true, limit).await?,
    };
    let mut events = Vec::with_capacity(limit.min(rows.len() * 4));
    for row in rows {
        let mut decoded = events::decode(row, from, to).map_err(|error| error::unreadable(&error))?;
        decoded.reverse();
        events.extend(decoded);
    }
    match events.last() {
        Some(last) => {
            let oldest = last.event_id;
            Ok((events, oldest))
        }
        None => Err(no_history()),
    }
}

fn recent(cell: &Cell, run: &RunKey, from: i64, to: i64) -> Option<Vec<bytes::Bytes>> {
    cell.lock().resident.as_ref()?.runs.get(&run.run)?.recent.rows(from, to)
}

async fn stored(
    shell: &Arc<Shell>,
    run: &RunKey,
    branch: BranchId,
    (from_event, to_event): (i64, i64),
    reverse: bool,
    limit: usize,
) -> Result<Vec<bytes::Bytes>, rpc::Error> {
    let range =
        HistoryRange { key: run.clone(), branch, from_event, to_event, reverse, max_rows: limit.max(1), max_bytes: PAGE_BYTES };
    let rows = shell.ports.stores.history.read(&range).await.map_err(|error| error::unreadable(&error))?;
    Ok(rows.into_iter().map(|row| row.data).collect())
}

pub(crate) fn no_history() -> rpc::Error {
    rpc::Error::NotFound("Workflow execution history not found.".to_owned())
}
