//! Waits for a server that is starting. Two moments count: its first answer, and the first workflow that it takes;
//! each is a line on stdout, for the runner to time.

use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use proto::temporal::api::common::v1::WorkflowExecution;
use proto::temporal::api::workflowservice::v1::{GetSystemInfoRequest, TerminateWorkflowExecutionRequest};
use tokio::time::Instant;
use uuid::Uuid;

use crate::wire::{UNARY, Wire, within};
use crate::{Target, client};

/// How often a server that does not answer yet is asked again.
const PAUSE: Duration = Duration::from_millis(2);

/// Returns when the server has taken a workflow, which is terminated again.
pub(crate) async fn wait(target: &Target, timeout: Duration) -> Result<()> {
    let deadline = Instant::now() + timeout;
    let mut wire = Wire::open(target)?;
    while let Err(status) = wire.service().get_system_info(within(UNARY, GetSystemInfoRequest {})).await {
        if Instant::now() > deadline {
            bail!("no answer from {} within {timeout:?}: {status}", target.address);
        }
        tokio::time::sleep(PAUSE).await;
        // A connection that failed backs off by itself; a new one does not.
        wire = Wire::open(target)?;
    }
    tell("answers")?;
    let id = format!("raw-ready-{}", Uuid::new_v4());
    let run_id = loop {
        match client::start(&wire, &id, "Ready", &id).await {
            Ok(run_id) => break run_id,
            Err(error) if Instant::now() > deadline => return Err(error.context("no workflow was taken in time")),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    };
    tell("accepts")?;
    let request = TerminateWorkflowExecutionRequest {
        namespace: wire.namespace.clone(),
        workflow_execution: Some(WorkflowExecution { workflow_id: id, run_id }),
        reason: "it only asked whether the server is ready".to_owned(),
        identity: wire.identity.clone(),
        ..Default::default()
    };
    wire.service().terminate_workflow_execution(within(UNARY, request)).await.context("end the question")?;
    Ok(())
}

fn tell(moment: &str) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{moment}")?;
    out.flush().context("stdout")
}
