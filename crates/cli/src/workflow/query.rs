//! `workflow query` and `workflow stack`.

use anyhow::bail;
use proto::temporal::api::common::v1::{Header, WorkflowExecution};
use proto::temporal::api::enums::v1::QueryRejectCondition;
use proto::temporal::api::query::v1::WorkflowQuery;
use proto::temporal::api::workflowservice::v1::{QueryWorkflowRequest, QueryWorkflowResponse};

use crate::args::payload::json_fields;
use crate::args::workflow::{QueryArgs, RejectCondition, StackArgs};
use crate::failure::Answer as _;
use crate::render::{names, payload};
use crate::session::Session;

/// The query that every SDK answers with its stack.
pub(crate) const STACK_TRACE: &str = "__stack_trace";

/// `workflow query`.
pub(crate) async fn query(session: &mut Session<'_>, args: QueryArgs) -> anyhow::Result<()> {
    let query = WorkflowQuery {
        query_type: args.name,
        query_args: args.payload.payloads()?,
        header: (!args.headers.is_empty()).then(|| Header { fields: json_fields(&args.headers) }),
    };
    let answer = ask(session, args.execution.execution(), query, args.reject_condition).await?;
    session.screen.message(&answer, |answer, style| {
        style.heading("Query result:") + &indented(&payload::lines(answer.query_result.as_ref()))
    })
}

/// `workflow stack`.
pub(crate) async fn stack(session: &mut Session<'_>, args: StackArgs) -> anyhow::Result<()> {
    let query = WorkflowQuery { query_type: STACK_TRACE.to_owned(), ..WorkflowQuery::default() };
    let answer = ask(session, args.execution.execution(), query, args.reject_condition).await?;
    session.screen.message(&answer, |answer, _| stack_text(answer))
}

/// A stack comes as one JSON string with line breaks in it.
fn stack_text(answer: &QueryWorkflowResponse) -> String {
    let first = answer.query_result.as_ref().and_then(|result| result.payloads.first());
    match first.and_then(|first| serde_json::from_slice::<String>(&first.data).ok()) {
        Some(stack) => stack.trim_end().to_owned() + "\n",
        None => payload::lines(answer.query_result.as_ref()) + "\n",
    }
}

fn indented(lines: &str) -> String {
    lines.lines().map(|line| format!("  {line}\n")).collect()
}

async fn ask(
    session: &Session<'_>,
    execution: WorkflowExecution,
    query: WorkflowQuery,
    condition: Option<RejectCondition>,
) -> anyhow::Result<QueryWorkflowResponse> {
    let condition = match condition {
        None => QueryRejectCondition::Unspecified,
        Some(RejectCondition::NotOpen) => QueryRejectCondition::NotOpen,
        Some(RejectCondition::NotCompletedCleanly) => QueryRejectCondition::NotCompletedCleanly,
    };
    let doing = format!("query {:?} of workflow {:?}", query.query_type, execution.workflow_id);
    let answer = send(session, execution, query, condition).await?;
    if let Some(rejected) = &answer.query_rejected {
        bail!("{doing} was rejected: its status is {}", names::status(rejected.status).0);
    }
    Ok(answer)
}

/// The answer to a query, be it a rejection.
pub(crate) async fn send(
    session: &Session<'_>,
    execution: WorkflowExecution,
    query: WorkflowQuery,
    condition: QueryRejectCondition,
) -> anyhow::Result<QueryWorkflowResponse> {
    let doing = format!("query {:?} of workflow {:?}", query.query_type, execution.workflow_id);
    let request = QueryWorkflowRequest {
        namespace: session.namespace(),
        execution: Some(execution),
        query: Some(query),
        query_reject_condition: condition.into(),
    };
    let answer = session.connection.workflows().query_workflow(session.connection.ask(request)).await;
    answer.or_cannot(format_args!("get an answer to {doing}")).map_err(|failed| match failed.may_pass() {
        true => anyhow::anyhow!("{failed}; does a worker poll the workflow's task queue?"),
        false => failed.into(),
    })
}

#[cfg(test)]
mod tests {
    use proto::temporal::api::common::v1::Payloads;
    use serde_json::json;

    use super::*;
    use crate::args::payload::json_payload;

    #[test]
    fn a_stack_is_printed_with_its_line_breaks() {
        let of = |value| QueryWorkflowResponse {
            query_result: Some(Payloads { payloads: vec![json_payload(&value)] }),
            ..QueryWorkflowResponse::default()
        };
        assert_eq!(stack_text(&of(json!("main.wait\n\tx.go:3\n\n"))), "main.wait\n\tx.go:3\n");
        assert_eq!(stack_text(&of(json!({"odd": 1}))), "{\"odd\":1}\n");
    }
}
