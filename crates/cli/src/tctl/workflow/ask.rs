//! `workflow describe`, `describeid`, `query` and `stack`.

use anyhow::{Context as _, bail};
use proto::temporal::api::enums::v1::{QueryRejectCondition, WorkflowExecutionStatus};
use proto::temporal::api::query::v1::WorkflowQuery;
use proto::temporal::api::workflowservice::v1::DescribeWorkflowExecutionRequest;

use super::execution;
use crate::failure::Answer as _;
use crate::render::json::{self, PayloadForm};
use crate::render::names;
use crate::session::Session;
use crate::tctl::flag::workflow::{PRINT_RAW, QUERY_TYPE, REJECT_CONDITION, RESET_POINTS_ONLY};
use crate::tctl::input;
use crate::tctl::render::{state, structure};
use crate::tctl::words::Words;
use crate::workflow::query as call;

/// `describe`.
pub(in crate::tctl) async fn describe(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let execution = execution(words)?;
    let doing = format!("describe workflow {:?}", execution.workflow_id);
    let request = DescribeWorkflowExecutionRequest { namespace: session.namespace(), execution: Some(execution) };
    let answer = session.connection.workflows().describe_workflow_execution(session.connection.ask(request)).await;
    let answer = answer.or_cannot(doing).context("Describe workflow execution failed")?;
    if words.on(&RESET_POINTS_ONLY) {
        let points = answer.workflow_execution_info.unwrap_or_default().auto_reset_points.unwrap_or_default();
        let text = state::reset_points(&points.points, &session.screen.style);
        return session.screen.text(&text);
    }
    let text = if words.on(&PRINT_RAW) {
        serde_json::to_string_pretty(&json::of(&answer, PayloadForm::Tctl)?)?
    } else {
        serde_json::to_string_pretty(&state::State::of(&answer))?
    };
    session.screen.text(&(text + "\n"))
}

/// `query`.
pub(in crate::tctl) async fn query(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    let name = words.required(&QUERY_TYPE)?;
    ask(session, words, name).await
}

/// `stack`.
pub(in crate::tctl) async fn stack(session: &mut Session<'_>, words: &Words) -> anyhow::Result<()> {
    ask(session, words, call::STACK_TRACE.to_owned()).await
}

async fn ask(session: &mut Session<'_>, words: &Words, query_type: String) -> anyhow::Result<()> {
    let condition = match words.text(&REJECT_CONDITION).as_deref() {
        None => QueryRejectCondition::Unspecified,
        Some("not_open") => QueryRejectCondition::NotOpen,
        Some("not_completed_cleanly") => QueryRejectCondition::NotCompletedCleanly,
        Some(other) => bail!("--query_reject_condition is not_open or not_completed_cleanly, not {other:?}"),
    };
    let query = WorkflowQuery { query_type, query_args: input::stream_of_inputs(words)?, header: None };
    let answer = call::send(session, execution(words)?, query, condition).await.context("Query workflow failed.")?;
    if let Some(rejected) = &answer.query_rejected {
        let status = WorkflowExecutionStatus::try_from(rejected.status).unwrap_or_default();
        let status = names::short("WorkflowExecutionStatus", status.as_str_name());
        return session.screen.text(&format!("Query was rejected, workflow has status: {status}\n"));
    }
    session.screen.text(&format!("Query result:\n{}\n", structure::payloads(answer.query_result.as_ref())))
}
