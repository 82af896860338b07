//! The activities of the seven proofs: one that fails before it succeeds, one
//! that waits to be cancelled, one that undoes. They count how often each body
//! ran, so that a proof can tell one attempt from two.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

/// How often each activity body ran, by activity and workflow id.
#[derive(Clone, Default)]
pub struct Ledger(Arc<Mutex<HashMap<(String, String), u32>>>);

impl Ledger {
    /// How often this activity's body ran for this workflow.
    pub fn ran(&self, activity: &str, workflow_id: &str) -> u32 {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(&(activity.to_owned(), workflow_id.to_owned())).copied().unwrap_or_default()
    }

    fn note(&self, activity: &str, ctx: &ActivityContext) {
        let workflow_id = ctx.info().workflow_id.clone().unwrap_or_default();
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((activity.to_owned(), workflow_id)).or_default() += 1;
    }
}

/// The activities of the worker.
pub struct Activities {
    /// Where executions are counted.
    pub ledger: Ledger,
}

#[activities]
impl Activities {
    /// Fails in its first two attempts, then says which attempt succeeded.
    #[activity]
    pub async fn fail_twice(self: Arc<Self>, ctx: ActivityContext) -> Result<u32, ActivityError> {
        self.ledger.note("fail_twice", &ctx);
        let attempt = ctx.info().attempt;
        if attempt < 3 {
            return Err(anyhow::anyhow!("attempt {attempt} fails").into());
        }
        Ok(attempt)
    }

    /// Sends heartbeats until the answer to one says that it is cancelled.
    #[activity]
    pub async fn wait_to_be_cancelled(self: Arc<Self>, ctx: ActivityContext) -> Result<(), ActivityError> {
        self.ledger.note("wait_to_be_cancelled", &ctx);
        while !ctx.is_cancelled() {
            ctx.record_heartbeat(()).await?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(ActivityError::cancelled())
    }

    /// Undoes what the cancelled activity may have done.
    #[activity]
    pub async fn compensate(self: Arc<Self>, ctx: ActivityContext) -> Result<(), ActivityError> {
        self.ledger.note("compensate", &ctx);
        Ok(())
    }
}
