//! Services that note how they were called and answer with full messages, or with an error that was set.

use std::sync::Arc;

use async_trait::async_trait;
use model::{Epoch, MemberId, NamespaceId, RunId, RunKey};
use parking_lot::Mutex;
use proto::temporal::api::workflowservice::v1 as api;
use tokio::time::Instant;
use uuid::Uuid;

use super::filled::filled;
use crate::calls::{history_calls, matching_calls};
use crate::serve::KnowsNamespaces;
use crate::services::history::{ActivityTaskStart, ChildClose, Heartbeat, Initiator, WorkflowTaskStart};
use crate::services::matching::{Offer, QueryOffer, Receipt};
use crate::services::{History, Matching, NamespaceRef};
use crate::{Context, Error};

/// What a fake saw, and what it says.
#[derive(Debug, Default)]
pub(super) struct Fake {
    pub(super) calls: Mutex<Vec<String>>,
    pub(super) error: Mutex<Option<Error>>,
    /// How much time the last call had, in seconds.
    pub(super) left: Mutex<Option<u64>>,
    /// Never answers.
    pub(super) asleep: bool,
    pub(super) known: Mutex<Vec<NamespaceId>>,
}

impl Fake {
    pub(super) fn new() -> Arc<Self> {
        Arc::default()
    }

    async fn note(
        &self,
        call: &str,
        context: &Context,
        about: &NamespaceRef,
        what: &(dyn std::fmt::Debug + Sync),
    ) -> Result<(), Error> {
        if self.asleep {
            std::future::pending::<()>().await;
        }
        *self.left.lock() = context.deadline.map(|at| at.saturating_duration_since(Instant::now()).as_secs_f64().ceil() as u64);
        let who = (&context.client_name, &context.client_version);
        self.calls.lock().push(format!("{call} {who:?} {about:?} {what:?}"));
        self.error.lock().clone().map_or(Ok(()), Err)
    }

    /// The calls since the last time.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock())
    }
}

#[async_trait]
impl KnowsNamespaces for Fake {
    async fn know(&self, namespace: NamespaceId) {
        self.known.lock().push(namespace);
    }
}

macro_rules! fake_history {
    (
        answered { $($_safety:ident $method:ident($_wire:ident: $request:ident $(, $from:ident)?) -> $answer:ident;)* }
        told { $($_told_safety:ident $told:ident($_told_wire:ident: $told_request:ident);)* }
    ) => {
        #[async_trait]
        impl History for Fake {
            $(
                async fn $method(
                    &self,
                    context: &Context,
                    namespace: &NamespaceRef,
                    request: api::$request,
                    $($from: Option<Initiator>,)?
                ) -> Result<api::$answer, Error> {
                    self.note(stringify!($method), context, namespace, &(request $(, $from)?)).await?;
                    Ok(filled())
                }
            )*
            $(
                async fn $told(
                    &self,
                    context: &Context,
                    namespace: &NamespaceRef,
                    request: api::$told_request,
                ) -> Result<(), Error> {
                    self.note(stringify!($told), context, namespace, &request).await
                }
            )*

            async fn activity_heartbeat(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                request: api::RecordActivityTaskHeartbeatRequest,
            ) -> Result<Heartbeat, Error> {
                self.note("activity_heartbeat", context, namespace, &request).await?;
                Ok(Heartbeat { cancel_requested: true, activity_paused: false, activity_reset: true })
            }

            async fn workflow_task_started(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                start: WorkflowTaskStart,
            ) -> Result<api::PollWorkflowTaskQueueResponse, Error> {
                self.note("workflow_task_started", context, namespace, &start).await?;
                Ok(filled())
            }

            async fn activity_task_started(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                start: ActivityTaskStart,
            ) -> Result<api::PollActivityTaskQueueResponse, Error> {
                self.note("activity_task_started", context, namespace, &start).await?;
                Ok(filled())
            }

            async fn schedule_first_workflow_task(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                child: RunKey,
            ) -> Result<(), Error> {
                self.note("schedule_first_workflow_task", context, namespace, &child).await
            }

            async fn child_closed(&self, context: &Context, namespace: &NamespaceRef, close: ChildClose) -> Result<(), Error> {
                self.note("child_closed", context, namespace, &close).await
            }

            async fn current_run(&self, context: &Context, namespace: &NamespaceRef, id: &str) -> Result<RunId, Error> {
                self.note("current_run", context, namespace, &id).await?;
                Ok(RunId::new(Uuid::from_u128(77)))
            }
        }

        /// Calls everything that the list of history's calls has, and writes down each answer.
        pub(super) async fn every_listed_call_of_history(
            history: &dyn History,
            context: &Context,
            namespace: &NamespaceRef,
            initiator: &Initiator,
        ) -> Vec<String> {
            let mut answers = Vec::new();
            $(
                let answer = history.$method(
                    context,
                    namespace,
                    filled::<api::$request>()
                    $(, { let $from = Some(initiator.clone()); $from })?
                ).await;
                answers.push(format!("{} {answer:?}", stringify!($method)));
            )*
            $(
                let answer = history.$told(context, namespace, filled::<api::$told_request>()).await;
                answers.push(format!("{} {answer:?}", stringify!($told)));
            )*
            answers
        }
    };
}

history_calls!(fake_history);

macro_rules! fake_matching {
    (
        answered { $($_safety:ident $method:ident($_wire:ident: $request:ident) -> $answer:ident;)* }
        told { $($_told_safety:ident $told:ident($_told_wire:ident: $told_request:ident);)* }
    ) => {
        #[async_trait]
        impl Matching for Fake {
            $(
                async fn $method(
                    &self,
                    context: &Context,
                    namespace: &NamespaceRef,
                    request: api::$request,
                ) -> Result<api::$answer, Error> {
                    self.note(stringify!($method), context, namespace, &request).await?;
                    Ok(filled())
                }
            )*
            $(
                async fn $told(
                    &self,
                    context: &Context,
                    namespace: &NamespaceRef,
                    request: api::$told_request,
                ) -> Result<(), Error> {
                    self.note(stringify!($told), context, namespace, &request).await
                }
            )*

            async fn offer(&self, context: &Context, namespace: &NamespaceRef, offer: Offer) -> Result<Receipt, Error> {
                self.note("offer", context, namespace, &offer).await?;
                Ok(Receipt { owner: MemberId::new(Uuid::from_u128(5)), epoch: Epoch::new(6), spilled: true })
            }

            async fn withdraw(&self, namespace: &NamespaceRef, offer: Offer) {
                let _ = self.note("withdraw", &Context::default(), namespace, &offer).await;
            }

            async fn query(
                &self,
                context: &Context,
                namespace: &NamespaceRef,
                query: QueryOffer,
            ) -> Result<api::QueryWorkflowResponse, Error> {
                self.note("query", context, namespace, &query).await?;
                Ok(filled())
            }
        }

        /// Calls everything that the list of matching's calls has, and writes down each answer.
        pub(super) async fn every_listed_call_of_matching(
            matching: &dyn Matching,
            context: &Context,
            namespace: &NamespaceRef,
        ) -> Vec<String> {
            let mut answers = Vec::new();
            $(
                let answer = matching.$method(context, namespace, filled::<api::$request>()).await;
                answers.push(format!("{} {answer:?}", stringify!($method)));
            )*
            $(
                let answer = matching.$told(context, namespace, filled::<api::$told_request>()).await;
                answers.push(format!("{} {answer:?}", stringify!($told)));
            )*
            answers
        }
    };
}

matching_calls!(fake_matching);
