//! `workflow list` and `workflow count`.

use anyhow::ensure;
use proto::temporal::api::workflowservice::v1::{CountWorkflowExecutionsRequest, ListWorkflowExecutionsRequest};

use crate::args::workflow::{CountArgs, ListArgs};
use crate::failure::Answer as _;
use crate::render::executions;
use crate::session::Session;

/// `workflow list`: page after page, until the limit or the end.
pub(crate) async fn list(session: &mut Session<'_>, args: ListArgs) -> anyhow::Result<()> {
    ensure!(!args.archived, "archival is not built yet: closed workflows are listed until their retention ends");
    let mut left = args.limit.map_or(usize::MAX, |limit| limit as usize);
    let mut list = session.screen.list()?;
    let mut next_page_token = bytes::Bytes::new();
    loop {
        // A short list is fetched as one short page; zero leaves the size to the server.
        let page_size = args.limit.map_or(args.page_size, |limit| Some(args.page_size.unwrap_or(limit).min(limit)));
        let request = ListWorkflowExecutionsRequest {
            namespace: session.connection.namespace.clone(),
            page_size: page_size.and_then(|size| i32::try_from(size).ok()).unwrap_or_default(),
            next_page_token,
            query: args.query.clone(),
        };
        let answer = session.connection.workflows().list_workflow_executions(session.connection.ask(request)).await;
        let mut answer = answer.or_cannot("list workflows")?;
        answer.executions.truncate(left);
        left -= answer.executions.len();
        list.page(&answer.executions, executions::page)?;
        next_page_token = answer.next_page_token;
        if next_page_token.is_empty() || left == 0 {
            return list.end();
        }
    }
}

/// `workflow count`.
pub(crate) async fn count(session: &mut Session<'_>, args: CountArgs) -> anyhow::Result<()> {
    let request = CountWorkflowExecutionsRequest { namespace: session.namespace(), query: args.query };
    let answer = session.connection.workflows().count_workflow_executions(session.connection.ask(request)).await;
    session.screen.message(&answer.or_cannot("count workflows")?, executions::count)
}
