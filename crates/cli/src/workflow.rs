//! The verbs of `workflow`.

mod inspect;
mod list;
pub(crate) mod query;
pub(crate) mod start;
pub(crate) mod steer;
pub(crate) mod target;

use crate::args::workflow::WorkflowVerb;
use crate::session::Session;

/// Carries out a verb.
pub(crate) async fn perform(session: &mut Session<'_>, verb: WorkflowVerb) -> anyhow::Result<()> {
    match verb {
        WorkflowVerb::Start(args) => start::start(session, *args).await,
        WorkflowVerb::Execute(args) => start::execute(session, *args).await,
        WorkflowVerb::List(args) => list::list(session, args).await,
        WorkflowVerb::Count(args) => list::count(session, args).await,
        WorkflowVerb::Describe(args) => inspect::describe(session, args).await,
        WorkflowVerb::Show(args) => inspect::show(session, args).await,
        WorkflowVerb::Result(args) => inspect::result(session, args).await,
        WorkflowVerb::Signal(args) => steer::signal(session, args).await,
        WorkflowVerb::Query(args) => query::query(session, args).await,
        WorkflowVerb::Cancel(args) => steer::cancel(session, args).await,
        WorkflowVerb::Terminate(args) => steer::terminate(session, args).await,
        WorkflowVerb::Delete(args) => steer::delete(session, args).await,
        WorkflowVerb::Stack(args) => query::stack(session, args).await,
    }
}
