//! One execution, or all that a filter selects: the two ways to aim at workflows.

use anyhow::{Context as _, bail};
use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::workflowservice::v1::start_batch_operation_request::Operation;
use proto::temporal::api::workflowservice::v1::{CountWorkflowExecutionsRequest, StartBatchOperationRequest};

use crate::args::workflow::TargetArgs;
use crate::failure::Answer as _;
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
        let request = CountWorkflowExecutionsRequest { namespace: session.namespace(), query: query.clone() };
        let answer = session.connection.workflows().count_workflow_executions(session.connection.ask(request)).await;
        let count = answer.or_cannot("count the selected workflows")?.count;
        prompt::confirm(&format!("Start a batch job over about {count} workflows?"), false)?;
    }
    let job_id = uuid::Uuid::new_v4().to_string();
    let request = StartBatchOperationRequest {
        namespace: session.namespace(),
        visibility_query: query,
        job_id: job_id.clone(),
        reason: session.reason(args.reason),
        max_operations_per_second: args.rps.unwrap_or_default(),
        operation: Some(operation),
        ..StartBatchOperationRequest::default()
    };
    let answer = session.connection.workflows().start_batch_operation(session.connection.ask(request)).await;
    answer.or_cannot("start the batch job")?;
    session.screen.text(&format!("Started batch job {job_id}\n"))?;
    session.screen.value(&serde_json::json!({ "batchJobId": job_id }))
}
