//! The seven proofs: each runs a workflow and checks its result, its status and
//! its history.

use std::{fmt::Debug, time::Duration};

use anyhow::{Result, bail, ensure};
use temporalio_client::{
    Client, UntypedWorkflow, WorkflowCancelOptions, WorkflowDescribeOptions, WorkflowExecutionInfo, WorkflowExecutionStatus,
    WorkflowFetchHistoryOptions, WorkflowGetResultOptions, WorkflowHandle, WorkflowQueryOptions, WorkflowSignalOptions,
    WorkflowStartOptions, errors::WorkflowGetResultError,
};
use uuid::Uuid;

use crate::{activities::Ledger, workflows};

/// The proofs' names, in the order they run.
pub const NAMES: [&str; 7] = ["activity-retries", "signal", "query", "timer", "child", "continue-as-new", "cancellation"];

/// A connection, the task queue of this run's worker, and what its activities
/// did.
pub struct Stage {
    /// The connection.
    pub client: Client,
    /// The worker's task queue.
    pub queue: String,
    /// How often each activity body ran.
    pub ledger: Ledger,
}

impl Stage {
    /// Runs one proof.
    pub async fn prove(&self, name: &str) -> Result<()> {
        match name {
            "activity-retries" => self.activity_retries().await,
            "signal" => self.signal().await,
            "query" => self.query().await,
            "timer" => self.timer().await,
            "child" => self.child().await,
            "continue-as-new" => self.continue_as_new().await,
            "cancellation" => self.cancellation().await,
            other => bail!("no proof is called {other}"),
        }
    }

    async fn activity_retries(&self) -> Result<()> {
        let run = self.client.start_workflow(workflows::Retries::run, (), self.fresh()).await?;
        expect("attempt", run.get_result(WorkflowGetResultOptions::default()).await?, 3)?;
        expect("runs of the body", self.ledger.ran("fail_twice", &run.info().workflow_id), 3)?;
        expect_events(
            &run,
            "WORKFLOW_EXECUTION_STARTED
             ACTIVITY_TASK_SCHEDULED ACTIVITY_TASK_STARTED ACTIVITY_TASK_COMPLETED
             WORKFLOW_EXECUTION_COMPLETED",
        )
        .await
    }

    async fn signal(&self) -> Result<()> {
        let run = self.client.start_workflow(workflows::Approval::run, (), self.fresh()).await?;
        run.signal(workflows::Approval::approve, "Ada".to_owned(), WorkflowSignalOptions::default()).await?;
        expect("result", run.get_result(WorkflowGetResultOptions::default()).await?, "approved by Ada".into())?;
        expect_events(&run, "WORKFLOW_EXECUTION_STARTED WORKFLOW_EXECUTION_SIGNALED WORKFLOW_EXECUTION_COMPLETED").await
    }

    async fn query(&self) -> Result<()> {
        let run = self.client.start_workflow(workflows::Approval::run, (), self.fresh()).await?;
        let before = run.query(workflows::Approval::state, (), WorkflowQueryOptions::default()).await?;
        expect("state before", before, "waiting".into())?;
        run.signal(workflows::Approval::approve, "Ada".to_owned(), WorkflowSignalOptions::default()).await?;
        run.get_result(WorkflowGetResultOptions::default()).await?;
        let after = run.query(workflows::Approval::state, (), WorkflowQueryOptions::default()).await?;
        expect("state after the end", after, "approved".into())
    }

    async fn timer(&self) -> Result<()> {
        let run = self.client.start_workflow(workflows::Timer::run, 200, self.fresh()).await?;
        let slept = run.get_result(WorkflowGetResultOptions::default()).await?;
        ensure!(slept >= 200, "the timer fired after {slept} ms, before its 200 ms");
        expect_events(&run, "WORKFLOW_EXECUTION_STARTED TIMER_STARTED TIMER_FIRED WORKFLOW_EXECUTION_COMPLETED").await
    }

    async fn child(&self) -> Result<()> {
        let run = self.client.start_workflow(workflows::Parent::run, 21, self.fresh()).await?;
        expect("result", run.get_result(WorkflowGetResultOptions::default()).await?, 42)?;
        expect_events(
            &run,
            "WORKFLOW_EXECUTION_STARTED
             START_CHILD_WORKFLOW_EXECUTION_INITIATED
             CHILD_WORKFLOW_EXECUTION_STARTED
             CHILD_WORKFLOW_EXECUTION_COMPLETED
             WORKFLOW_EXECUTION_COMPLETED",
        )
        .await
    }

    async fn continue_as_new(&self) -> Result<()> {
        let run = self.client.start_workflow(workflows::Countdown::run, (3, 0), self.fresh()).await?;
        expect("runs", run.get_result(WorkflowGetResultOptions::default()).await?, 4)?;
        let first = self.run_of(&run.info().workflow_id, run.info().first_execution_run_id.clone());
        expect("first run", status(&first).await?, WorkflowExecutionStatus::ContinuedAsNew)?;
        expect_events(&first, "WORKFLOW_EXECUTION_STARTED WORKFLOW_EXECUTION_CONTINUED_AS_NEW").await?;
        let newest = self.run_of(&run.info().workflow_id, None);
        expect("last run", status(&newest).await?, WorkflowExecutionStatus::Completed)
    }

    async fn cancellation(&self) -> Result<()> {
        let run = self.client.start_workflow(workflows::Cancellable::run, (), self.fresh()).await?;
        let id = &run.info().workflow_id;
        while self.ledger.ran("wait_to_be_cancelled", id) == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        run.cancel(WorkflowCancelOptions::default()).await?;
        match run.get_result(WorkflowGetResultOptions::default()).await {
            Err(WorkflowGetResultError::Cancelled { .. }) => {}
            other => bail!("the workflow should end as cancelled: {other:?}"),
        }
        expect("status", status(&run).await?, WorkflowExecutionStatus::Canceled)?;
        expect("compensations", self.ledger.ran("compensate", id), 1)?;
        expect_events(
            &run,
            "WORKFLOW_EXECUTION_STARTED
             ACTIVITY_TASK_SCHEDULED
             WORKFLOW_EXECUTION_CANCEL_REQUESTED
             ACTIVITY_TASK_CANCEL_REQUESTED ACTIVITY_TASK_STARTED ACTIVITY_TASK_CANCELED
             ACTIVITY_TASK_SCHEDULED ACTIVITY_TASK_STARTED ACTIVITY_TASK_COMPLETED
             WORKFLOW_EXECUTION_CANCELED",
        )
        .await
    }

    /// Options of a workflow under a new id.
    fn fresh(&self) -> WorkflowStartOptions {
        WorkflowStartOptions::new(&self.queue, format!("rust-{}", Uuid::new_v4())).build()
    }

    fn run_of(&self, workflow_id: &str, run_id: Option<String>) -> WorkflowHandle<Client, UntypedWorkflow> {
        let info = WorkflowExecutionInfo::builder()
            .namespace(&self.client.options().namespace)
            .workflow_id(workflow_id)
            .maybe_run_id(run_id)
            .build();
        WorkflowHandle::new(self.client.clone(), info)
    }
}

fn expect<T: PartialEq + Debug>(what: &str, got: T, want: T) -> Result<()> {
    ensure!(got == want, "{what}: got {got:?}, want {want:?}");
    Ok(())
}

async fn status<W>(run: &WorkflowHandle<Client, W>) -> Result<WorkflowExecutionStatus>
where
    W: temporalio_common::HasWorkflowDefinition,
{
    Ok(run.describe(WorkflowDescribeOptions::default()).await?.status())
}

/// Compares the run's events by name, without the workflow tasks.
async fn expect_events<W>(run: &WorkflowHandle<Client, W>, want: &str) -> Result<()>
where
    W: temporalio_common::HasWorkflowDefinition,
{
    let events = run.fetch_history(WorkflowFetchHistoryOptions::default()).into_events().await?;
    expect("event ids", events.iter().map(|e| e.event_id).collect(), (1..).take(events.len()).collect::<Vec<i64>>())?;
    let names = events.iter().map(|e| e.event_type().as_str_name().trim_start_matches("EVENT_TYPE_"));
    let got: Vec<_> = names.filter(|name| !name.starts_with("WORKFLOW_TASK_")).collect();
    expect("events", got, want.split_whitespace().collect())
}
