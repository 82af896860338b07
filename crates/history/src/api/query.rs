//! Queries that wait for a workflow task: kept in memory beside their run, never stored.

use std::collections::BTreeMap;

use model::RunId;
use prost::Message;
use proto::temporal::api::enums::v1::QueryResultType;
use proto::temporal::api::query::v1::{WorkflowQuery, WorkflowQueryResult};
use tokio::sync::oneshot;

use crate::chain::Cell;

/// What becomes of a waiting query.
#[derive(Debug)]
pub(crate) enum Fate {
    /// The worker said this.
    Answered(Box<WorkflowQueryResult>),
    /// No workflow task will carry it: it goes to a worker directly.
    Unblocked,
    /// The chain's memory was dropped.
    Cleared,
}

/// A query in line.
#[derive(Debug)]
pub(crate) struct BufferedQuery {
    pub(crate) id: String,
    pub(crate) query: WorkflowQuery,
    pub(crate) reply: oneshot::Sender<Fate>,
}

impl BufferedQuery {
    /// Answers it; an answer above the blob limit is a failure instead.
    pub(crate) fn answer(self, result: WorkflowQueryResult, limit: usize) {
        let result = if result.encoded_len() > limit {
            WorkflowQueryResult {
                result_type: QueryResultType::Failed as i32,
                error_message: "Blob data size exceeds limit.".to_owned(),
                ..Default::default()
            }
        } else {
            result
        };
        let _ = self.reply.send(Fate::Answered(Box::new(result)));
    }

    /// Sends it on its direct way.
    pub(crate) fn unblock(self) {
        let _ = self.reply.send(Fate::Unblocked);
    }
}

/// The waiting queries, as a workflow task carries them.
pub(crate) fn hand_out(queries: &mut Vec<BufferedQuery>) -> BTreeMap<String, WorkflowQuery> {
    queries.retain(|query| !query.reply.is_closed());
    queries.iter().map(|query| (query.id.clone(), query.query.clone())).collect()
}

/// Sends all waiting queries of a run on their direct way.
pub(crate) fn unblock(cell: &Cell, run: RunId) {
    let queries = {
        let mut state = cell.lock();
        let meta = state.resident.as_mut().and_then(|resident| resident.runs.get_mut(&run));
        meta.map(|meta| std::mem::take(&mut meta.queries)).unwrap_or_default()
    };
    queries.into_iter().for_each(BufferedQuery::unblock);
}

/// The memory of the run is gone.
pub(crate) fn clear(queries: &mut Vec<BufferedQuery>) {
    for query in queries.drain(..) {
        let _ = query.reply.send(Fate::Cleared);
    }
}
