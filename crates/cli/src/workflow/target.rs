//! One execution, or all that a filter selects: the two ways to aim at workflows.

use anyhow::{Context as _, bail};
use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::workflowservice::v1::start_batch_operation_request::Operation;
use proto::temporal::api::workflowservice::v1::{CountWorkflowExecutionsRequest, StartBatchOperationRequest};

use crate::args::workflow::TargetArgs;
use crate::failure::{Answer as _, CallFailed};
use crate::prompt;
use crate::session::Session;

/// What a verb aims at.
pub(crate) enum Target {
    /// This one.
    One(WorkflowExecution),
    /// All that the filter selects.
    Selected(String),
}

/// What the flags aim at.
pub(crate) fn of(args: &TargetArgs) -> anyhow::Result<Target> {
    if let Some(query) = &args.query {
        return Ok(Target::Selected(query.clone()));
    }
    let workflow_id = args.workflow_id.clone().context("name a workflow with --workflow-id, or several with --query")?;
    Ok(Target::One(WorkflowExecution { workflow_id, run_id: args.run_id.clone().unwrap_or_default() }))
}

/// The same for verbs whose request has no place for a reason: only a batch job keeps one.
pub(crate) fn of_without_reason(args: &TargetArgs) -> anyhow::Result<Target> {
    if args.reason.is_some() && args.query.is_none() {
        bail!("only a batch job keeps a --reason here: drop it, or select workflows with --query");
    }
    of(args)
}

/// Starts a batch job over the selected workflows, after asking, and says its id.
pub(crate) async fn start_batch(
    session: &mut Session<'_>,
    args: TargetArgs,
    query: String,
    operation: Operation,
) -> anyhow::Result<()> {
    if !args.yes {
        let count = count_selected(session, query.clone()).await?;
        prompt::confirm(&format!("Start a batch job over about {count} workflows?"), false)?;
    }
    let request = StartBatchOperationRequest {
        visibility_query: query,
        reason: session.reason(args.reason),
        max_operations_per_second: args.rps.unwrap_or_default(),
        operation: Some(operation),
        ..StartBatchOperationRequest::default()
    };
    let job_id = submit_batch(session, request).await?;
    session.screen.text(&format!("Started batch job {job_id}\n"))?;
    session.screen.value(&serde_json::json!({ "batchJobId": job_id }))
}

/// How many workflows the filter selects.
pub(crate) async fn count_selected(session: &Session<'_>, query: String) -> Result<i64, CallFailed> {
    let request = CountWorkflowExecutionsRequest { namespace: session.namespace(), query };
    let answer = session.connection.workflows().count_workflow_executions(session.connection.ask(request)).await;
    Ok(answer.or_cannot("count the selected workflows")?.count)
}

/// Starts the job under a new id, in the session's namespace.
pub(crate) async fn submit_batch(session: &Session<'_>, job: StartBatchOperationRequest) -> Result<String, CallFailed> {
    let job_id = uuid::Uuid::new_v4().to_string();
    let request = StartBatchOperationRequest { namespace: session.namespace(), job_id: job_id.clone(), ..job };
    let answer = session.connection.workflows().start_batch_operation(session.connection.ask(request)).await;
    answer.or_cannot("start the batch job")?;
    Ok(job_id)
}
