//! The workflows of the seven proofs. Deterministic: time, timers and
//! activities come from the SDK alone.

use std::time::Duration;

use temporalio_client::RetryPolicy;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{
    ActivityCancellationType, ActivityExecutionError, ActivityOptions, ChildWorkflowOptions, ContinueAsNewOptions,
    SyncWorkflowContext, WorkflowCancellationToken, WorkflowContext, WorkflowContextView, WorkflowResult, WorkflowTermination,
};

use crate::activities::Activities;

const ATTEMPT: Duration = Duration::from_secs(30);

fn quick_retries() -> RetryPolicy {
    RetryPolicy::builder().initial_interval(Duration::from_millis(10)).build()
}

/// Runs an activity that fails twice.
#[workflow]
#[derive(Default)]
pub struct Retries;

#[workflow_methods]
impl Retries {
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<u32> {
        let options = ActivityOptions::with_start_to_close_timeout(ATTEMPT).retry_policy(quick_retries()).build();
        Ok(ctx.execute_activity(Activities::fail_twice, (), options).await?)
    }
}

/// Waits for a signal, and tells by query how far it is.
#[workflow]
#[derive(Default)]
pub struct Approval {
    approver: Option<String>,
}

#[workflow_methods]
impl Approval {
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<String> {
        ctx.wait_condition(|state| state.approver.is_some()).await?;
        Ok(format!("approved by {}", ctx.state(|state| state.approver.clone()).unwrap_or_default()))
    }

    #[signal]
    pub fn approve(&mut self, _ctx: &mut SyncWorkflowContext<Self>, approver: String) {
        self.approver = Some(approver);
    }

    #[query]
    pub fn state(&self, _ctx: &WorkflowContextView) -> String {
        if self.approver.is_some() { "approved".into() } else { "waiting".into() }
    }
}

/// Sleeps on a durable timer and says how many milliseconds passed.
#[workflow]
#[derive(Default)]
pub struct Timer;

#[workflow_methods]
impl Timer {
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>, milliseconds: u64) -> WorkflowResult<u64> {
        let began = ctx.workflow_time();
        ctx.timer(Duration::from_millis(milliseconds)).await;
        let slept = match (began, ctx.workflow_time()) {
            (Some(began), Some(now)) => now.duration_since(began).unwrap_or_default(),
            _ => Duration::ZERO,
        };
        Ok(u64::try_from(slept.as_millis()).unwrap_or(u64::MAX))
    }
}

/// Doubles a number.
#[workflow]
#[derive(Default)]
pub struct Child;

#[workflow_methods]
impl Child {
    #[run]
    pub async fn run(_ctx: &mut WorkflowContext<Self>, number: u32) -> WorkflowResult<u32> {
        Ok(2 * number)
    }
}

/// Has a child double a number.
#[workflow]
#[derive(Default)]
pub struct Parent;

#[workflow_methods]
impl Parent {
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>, number: u32) -> WorkflowResult<u32> {
        let id = format!("{}-child", ctx.workflow_id());
        let child = ctx.start_child_workflow(Child::run, number, ChildWorkflowOptions::workflow_id(id)).await?;
        Ok(child.result().await?)
    }
}

/// Continues as new until it has counted to zero; returns how many runs it took.
#[workflow]
#[derive(Default)]
pub struct Countdown;

#[workflow_methods]
impl Countdown {
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>, (left, runs): (u32, u32)) -> WorkflowResult<u32> {
        if left > 0 {
            ctx.continue_as_new((left - 1, runs + 1), ContinueAsNewOptions::default())?;
        }
        Ok(runs + 1)
    }
}

/// Waits in an activity; when it is cancelled, it compensates and stays
/// cancelled.
#[workflow]
#[derive(Default)]
pub struct Cancellable;

#[workflow_methods]
impl Cancellable {
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<()> {
        let waiting = ActivityOptions::with_start_to_close_timeout(ATTEMPT)
            .heartbeat_timeout(Duration::from_millis(500))
            .cancellation_type(ActivityCancellationType::WaitCancellationCompleted)
            .retry_policy(quick_retries())
            .build();
        match ctx.execute_activity(Activities::wait_to_be_cancelled, (), waiting).await {
            Err(ActivityExecutionError::Cancelled(_)) => {
                // A token of its own: the workflow's cancellation does not reach it.
                let undo = ActivityOptions::with_start_to_close_timeout(ATTEMPT)
                    .cancellation_token(WorkflowCancellationToken::new())
                    .build();
                ctx.execute_activity(Activities::compensate, (), undo).await?;
                Err(WorkflowTermination::cancelled())
            }
            other => Ok(other?),
        }
    }
}
