//! Between the wire's types and ours. Nonsense becomes an error that names it, or the nearest sense; never a panic.

use model::{ChainKey, RunId, Timestamp, WorkflowId};
use proto::temporal::api::common::v1::{WorkflowExecution, WorkflowType};
use rpc::services::NamespaceRef;

/// Ours from protobuf's.
pub(crate) fn timestamp(at: &prost_types::Timestamp) -> Timestamp {
    Timestamp::from_parts(at.seconds, at.nanos)
}

/// Protobuf's from ours.
pub(crate) fn proto_timestamp(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.seconds(), nanos: at.subsec_nanos() }
}

/// Ours from protobuf's; unset and negative mean zero.
pub(crate) fn duration(of: Option<&prost_types::Duration>) -> std::time::Duration {
    let Some(of) = of else { return std::time::Duration::ZERO };
    let seconds = u64::try_from(of.seconds).unwrap_or(0);
    std::time::Duration::new(seconds, u32::try_from(of.nanos).unwrap_or(0).min(999_999_999))
}

/// Protobuf's from ours.
pub(crate) fn proto_duration(of: std::time::Duration) -> prost_types::Duration {
    prost_types::Duration { seconds: i64::try_from(of.as_secs()).unwrap_or(i64::MAX), nanos: of.subsec_nanos() as i32 }
}

/// The chain of a workflow id.
pub(crate) fn chain(namespace: &NamespaceRef, workflow_id: &str) -> Result<ChainKey, rpc::Error> {
    let id = WorkflowId::parse(workflow_id).map_err(|error| match error {
        model::IdError::Empty => rpc::Error::InvalidArgument("WorkflowId is not set on request.".to_owned()),
        other => rpc::Error::InvalidArgument(format!("WorkflowId is not valid: {other}.")),
    })?;
    Ok(ChainKey::workflow(namespace.id, id))
}

/// A run id; empty means the current run.
pub(crate) fn run(run_id: &str) -> Result<Option<RunId>, rpc::Error> {
    if run_id.is_empty() {
        return Ok(None);
    }
    RunId::parse(run_id).map(Some).map_err(|_| rpc::Error::InvalidArgument("Invalid RunId.".to_owned()))
}

/// Chain and run of an execution as callers name it.
pub(crate) fn execution(
    namespace: &NamespaceRef,
    execution: Option<&WorkflowExecution>,
) -> Result<(ChainKey, Option<RunId>), rpc::Error> {
    let execution = execution.ok_or_else(|| rpc::Error::InvalidArgument("Execution is not set on request.".to_owned()))?;
    Ok((chain(namespace, &execution.workflow_id)?, run(&execution.run_id)?))
}

/// An execution for callers.
pub(crate) fn execution_of(key: &ChainKey, run: RunId) -> WorkflowExecution {
    WorkflowExecution { workflow_id: key.id.as_str().to_owned(), run_id: run.to_string() }
}

/// A workflow type for callers.
pub(crate) fn workflow_type(name: &str) -> Option<WorkflowType> {
    Some(WorkflowType { name: name.to_owned() })
}
