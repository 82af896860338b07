//! The tower layers of calls between services, outermost first: [`TraceLayer`], [`CountLayer`], [`ShedLayer`],
//! [`DeadlineLayer`]. They see a call's path and headers, never what its body means.

mod count;
mod deadline;
mod shed;
mod trace;

pub use count::Calls;
pub(crate) use count::CountLayer;
pub use deadline::{Deadline, DeadlineLayer};
pub(crate) use shed::ShedLayer;
pub(crate) use trace::TraceLayer;
pub use trace::continue_trace;

/// The service and the call of a path: `history` and `StartWorkflow` of `/aevum.history.v1.HistoryService/StartWorkflow`.
fn named(path: &str) -> Option<(&str, &str)> {
    let (service, call) = path.strip_prefix("/aevum.")?.split_once('/')?;
    Some((service.split('.').next()?, call))
}

/// Whether the call waits for a worker most of its time.
fn waits(call: &str) -> bool {
    matches!(call, "PollWorkflowTask" | "PollActivityTask" | "GetHistory" | "Query" | "QueryWorkflow")
}
