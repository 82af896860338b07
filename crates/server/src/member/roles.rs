//! The services of a member's roles: made, run, drained and stopped.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use frontend::NamespaceRegistry;
use history::OwnsByRing;
use membership::{Role, View};
use rpc::clients::{HistoryClient, MatchingClient};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::one_process::{RETENTION, by_itself};
use crate::services::{Making, Parts};

/// The services of this member.
pub(super) struct Roles {
    pub(super) frontend: Option<frontend::Service>,
    history: Option<Arc<history::Service>>,
    matching: Option<matching::Service>,
    to_history: HistoryClient,
    to_matching: MatchingClient,
}

impl Roles {
    /// Makes the services of these roles.
    ///
    /// # Errors
    /// Where the cluster's row cannot be read.
    pub(super) async fn make(
        roles: &BTreeSet<Role>,
        parts: Parts<'_>,
        view: &Arc<View>,
        namespaces: &NamespaceRegistry,
    ) -> anyhow::Result<Self> {
        let making = Making::begin(parts, Arc::clone(view), namespaces.clone()).await?;
        let history = roles.contains(&Role::History).then(|| making.history(Arc::new(OwnsByRing(Arc::clone(view)))));
        let matching = roles
            .contains(&Role::Matching)
            .then(|| making.matching(|options, ports| matching::Service::sharing(options, ports, Arc::clone(view))));
        let frontend = roles.contains(&Role::Frontend).then(|| making.frontend());
        let Making { to_history, to_matching, .. } = making;
        Ok(Self { frontend, history, matching, to_history, to_matching })
    }

    /// Starts what runs by itself, and waits until history has its lane.
    ///
    /// # Errors
    /// Where it cannot be had.
    pub(super) async fn run(&self) -> anyhow::Result<Running> {
        let (history_stop, matching_stop) = (CancellationToken::new(), CancellationToken::new());
        let matching = self.matching.clone().map(|matching| {
            let stop = matching_stop.clone();
            tokio::spawn(async move { matching.run(stop).await.map_err(anyhow::Error::from) })
        });
        let mut history = self.history.clone().map(|history| {
            let stop = history_stop.clone();
            tokio::spawn(async move { history.run(stop).await.map_err(anyhow::Error::from) })
        });
        if let (Some(service), Some(run)) = (&self.history, &mut history) {
            tokio::select! {
                () = service.ready() => {}
                ended = run => ended.context("history did not start")?.context("history did not start")?,
            }
        }
        Ok(Running { history, matching, history_stop, matching_stop })
    }

    pub(super) fn history_service(&self) -> Option<Arc<dyn rpc::services::History>> {
        self.history.clone().map(|history| history as Arc<dyn rpc::services::History>)
    }

    pub(super) fn matching_service(&self) -> Option<Arc<dyn rpc::services::Matching>> {
        self.matching.clone().map(|matching| Arc::new(matching) as Arc<dyn rpc::services::Matching>)
    }

    /// Answers the polls of this process's callers empty.
    pub(super) fn end_polls(&self) {
        self.to_matching.end_polls();
        // Where this process has shards, who waits for news of theirs is answered; other long polls end by themselves.
        if let Some(history) = &self.history {
            history.end_long_polls();
        }
    }

    /// Waits until the other members have what this one owned.
    pub(super) async fn handed_over(&self) {
        if let Some(history) = &self.history {
            history.handed_over().await;
        }
    }
}

impl Drop for Roles {
    fn drop(&mut self) {
        // They hold clients of each other, and would keep each other for ever.
        self.to_history.forget_local();
        self.to_matching.forget_local();
    }
}

/// What runs by itself.
pub(super) struct Running {
    history: Option<JoinHandle<anyhow::Result<()>>>,
    matching: Option<JoinHandle<anyhow::Result<()>>>,
    history_stop: CancellationToken,
    matching_stop: CancellationToken,
}

impl Running {
    /// Why one of them ended although nobody asked it to.
    pub(super) async fn ended(&mut self) -> anyhow::Error {
        let Self { history, matching, .. } = self;
        tokio::select! {
            Some(ended) = when(history) => by_itself("history", ended),
            Some(ended) = when(matching) => by_itself("matching", ended),
            else => std::future::pending().await,
        }
    }

    /// Lands what is under way and ends.
    pub(super) async fn stop(self, patience: Duration) {
        self.history_stop.cancel();
        self.matching_stop.cancel();
        let until = tokio::time::Instant::now() + patience;
        for (role, running) in [("history", self.history), ("matching", self.matching)] {
            let Some(running) = running else { continue };
            match tokio::time::timeout_at(until, running).await {
                Ok(Ok(Ok(()))) => {}
                Ok(Ok(Err(error))) => tracing::error!(%error, role, "a role ended with an error"),
                Ok(Err(error)) => tracing::error!(%error, role, "a role did not end properly"),
                Err(_) => tracing::warn!(role, "a role took too long to stop; what was acknowledged is stored"),
            }
        }
    }
}

type Ended = Result<anyhow::Result<()>, tokio::task::JoinError>;

async fn when(running: &mut Option<JoinHandle<anyhow::Result<()>>>) -> Option<Ended> {
    match running {
        Some(running) => Some(running.await),
        None => None,
    }
}

/// Creates `default` and what the configuration names; what is there already stays as it is.
///
/// # Errors
/// Where one is refused.
pub(super) async fn prepare(frontend: &frontend::Service, names: &[String]) -> anyhow::Result<()> {
    for name in std::iter::once("default").chain(names.iter().map(String::as_str).filter(|name| *name != "default")) {
        frontend.ensure_namespace(name, RETENTION).await.with_context(|| format!("namespaces: {name}"))?;
    }
    Ok(())
}
