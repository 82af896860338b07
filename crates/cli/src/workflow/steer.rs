//! `workflow signal`, `cancel`, `terminate`, `delete`.

use proto::temporal::api::batch::v1::{
    BatchOperationCancellation, BatchOperationDeletion, BatchOperationSignal, BatchOperationTermination,
};
use proto::temporal::api::common::v1::{Header, WorkflowExecution};
use proto::temporal::api::workflowservice::v1::start_batch_operation_request::Operation;
use proto::temporal::api::workflowservice::v1::{
    DeleteWorkflowExecutionRequest, RequestCancelWorkflowExecutionRequest, SignalWorkflowExecutionRequest,
    TerminateWorkflowExecutionRequest,
};

use super::target::{self, Target, start_batch};
use crate::args::payload::json_fields;
use crate::args::workflow::{SignalArgs, TargetArgs};
use crate::failure::{Answer as _, CallFailed};
use crate::render::style::Ink;
use crate::session::Session;

/// `workflow signal`.
pub(crate) async fn signal(session: &mut Session<'_>, args: SignalArgs) -> anyhow::Result<()> {
    let input = args.payload.payloads()?;
    let header = (!args.headers.is_empty()).then(|| Header { fields: json_fields(&args.headers) });
    let identity = session.identity();
    let execution = match target::of_without_reason(&args.target)? {
        Target::One(execution) => execution,
        Target::Selected(query) => {
            let signal = BatchOperationSignal { signal: args.name, input, header, identity };
            return start_batch(session, args.target, query, Operation::SignalOperation(signal)).await;
        }
    };
    let signal = BatchOperationSignal { signal: args.name, input, header, identity };
    signal_one(session, execution, signal).await?;
    session.screen.say(Ink::Plain, "Signal workflow succeeded")
}

/// Sends a signal to one execution.
pub(crate) async fn signal_one(
    session: &Session<'_>,
    execution: WorkflowExecution,
    signal: BatchOperationSignal,
) -> Result<(), CallFailed> {
    let doing = format!("signal workflow {:?}", execution.workflow_id);
    let request = SignalWorkflowExecutionRequest {
        namespace: session.namespace(),
        workflow_execution: Some(execution),
        signal_name: signal.signal,
        input: signal.input,
        identity: signal.identity,
        request_id: uuid::Uuid::new_v4().to_string(),
        header: signal.header,
        ..SignalWorkflowExecutionRequest::default()
    };
    let answer = session.connection.workflows().signal_workflow_execution(session.connection.ask(request)).await;
    answer.or_cannot(doing).map(|_| ())
}

/// `workflow cancel`.
pub(crate) async fn cancel(session: &mut Session<'_>, args: TargetArgs) -> anyhow::Result<()> {
    let execution = match target::of(&args)? {
        Target::One(execution) => execution,
        Target::Selected(query) => {
            let cancel = BatchOperationCancellation { identity: session.identity() };
            return start_batch(session, args, query, Operation::CancellationOperation(cancel)).await;
        }
    };
    cancel_one(session, execution, args.reason.unwrap_or_default()).await?;
    session.screen.say(Ink::Plain, "Cancellation requested")
}

/// Requests the cancellation of one execution.
pub(crate) async fn cancel_one(session: &Session<'_>, execution: WorkflowExecution, reason: String) -> Result<(), CallFailed> {
    let doing = format!("cancel workflow {:?}", execution.workflow_id);
    let request = RequestCancelWorkflowExecutionRequest {
        namespace: session.namespace(),
        workflow_execution: Some(execution),
        identity: session.identity(),
        request_id: uuid::Uuid::new_v4().to_string(),
        reason,
        ..RequestCancelWorkflowExecutionRequest::default()
    };
    let answer = session.connection.workflows().request_cancel_workflow_execution(session.connection.ask(request)).await;
    answer.or_cannot(doing).map(|_| ())
}

/// `workflow terminate`.
pub(crate) async fn terminate(session: &mut Session<'_>, args: TargetArgs) -> anyhow::Result<()> {
    let execution = match target::of(&args)? {
        Target::One(execution) => execution,
        Target::Selected(query) => {
            let terminate = BatchOperationTermination { identity: session.identity(), details: None };
            return start_batch(session, args, query, Operation::TerminationOperation(terminate)).await;
        }
    };
    let reason = session.reason(args.reason);
    terminate_one(session, execution, reason).await?;
    session.screen.say(Ink::Plain, "Workflow terminated")
}

/// Stops one execution.
pub(crate) async fn terminate_one(session: &Session<'_>, execution: WorkflowExecution, reason: String) -> Result<(), CallFailed> {
    let doing = format!("terminate workflow {:?}", execution.workflow_id);
    let request = TerminateWorkflowExecutionRequest {
        namespace: session.namespace(),
        workflow_execution: Some(execution),
        reason,
        identity: session.identity(),
        ..TerminateWorkflowExecutionRequest::default()
    };
    let answer = session.connection.workflows().terminate_workflow_execution(session.connection.ask(request)).await;
    answer.or_cannot(doing).map(|_| ())
}

/// `workflow delete`. One that is named is deleted; a whole selection is asked about first.
pub(crate) async fn delete(session: &mut Session<'_>, args: TargetArgs) -> anyhow::Result<()> {
    let execution = match target::of_without_reason(&args)? {
        Target::One(execution) => execution,
        Target::Selected(query) => {
            let delete = BatchOperationDeletion { identity: session.identity() };
            return start_batch(session, args, query, Operation::DeletionOperation(delete)).await;
        }
    };
    delete_one(session, execution).await?;
    session.screen.say(Ink::Plain, "Delete workflow succeeded")
}

/// Deletes one execution and its history.
pub(crate) async fn delete_one(session: &Session<'_>, execution: WorkflowExecution) -> Result<(), CallFailed> {
    let doing = format!("delete workflow {:?}", execution.workflow_id);
    let request = DeleteWorkflowExecutionRequest { namespace: session.namespace(), workflow_execution: Some(execution) };
    let answer = session.connection.workflows().delete_workflow_execution(session.connection.ask(request)).await;
    answer.or_cannot(doing).map(|_| ())
}
