//! Every role in one process: made, run and stopped in the right order.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use frontend::{NamespaceRegistry, Routes};
use history::OwnsAll;
use membership::View;
use model::{Clock, MemberId};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_stream::StreamExt;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use uuid::Uuid;
use visibility::VisibilityStore;

use crate::args::StartDevArgs;
use crate::corked::Corked;
use crate::services::{Making, Parts};
use crate::tombstones;

/// The roles, running.
pub(crate) struct OneProcess {
    frontend: frontend::Service,
    matching: matching::Service,
    roles_stop: CancellationToken,
    history_stop: CancellationToken,
    history: Arc<history::Service>,
    history_run: JoinHandle<anyhow::Result<()>>,
    matching_run: JoinHandle<anyhow::Result<()>>,
    tombstones: JoinHandle<()>,
}

/// How long `default` and namespaces of the command line keep closed runs. Source: the official development server keeps 1 day.
pub(crate) const RETENTION: Duration = Duration::from_secs(24 * 3600);

impl OneProcess {
    /// Makes the roles and starts them; calls are accepted once this returns.
    ///
    /// # Errors
    /// Where the store cannot be read, or a namespace or search attribute of the command line is refused.
    pub(crate) async fn start(parts: Parts<'_>, args: &StartDevArgs) -> anyhow::Result<Self> {
        let view = Arc::new(View::alone(MemberId::new(Uuid::new_v4())));
        let namespaces = NamespaceRegistry::open(Arc::clone(&parts.backend.stores.namespaces), Arc::clone(&parts.clock)).await?;
        let tombstones = (Arc::clone(&parts.backend.visibility), Arc::clone(&parts.clock));
        let making = Making::begin(parts, view, namespaces).await?;
        let history = making.history(Arc::new(OwnsAll));
        let matching = making.matching(matching::Service::new);
        let frontend = making.frontend();
        prepare(&frontend, args).await?;
        Self::run(frontend, history, matching, tombstones).await
    }

    /// Runs the roles, and waits until history has its lane.
    async fn run(
        frontend: frontend::Service,
        history: Arc<history::Service>,
        matching: matching::Service,
        (visibility, clock): (Arc<dyn VisibilityStore>, Arc<dyn Clock>),
    ) -> anyhow::Result<Self> {
        let (roles_stop, history_stop) = (CancellationToken::new(), CancellationToken::new());
        let matching_run = tokio::spawn({
            let (matching, stop) = (matching.clone(), roles_stop.clone());
            async move { matching.run(stop).await.map_err(anyhow::Error::from) }
        });
        let mut history_run = tokio::spawn({
            let (history, stop) = (Arc::clone(&history), history_stop.clone());
            async move { history.run(stop).await.map_err(anyhow::Error::from) }
        });
        tokio::select! {
            () = history.ready() => {}
            ended = &mut history_run => ended.context("history did not start")?.context("history did not start")?,
        }
        frontend.set_serving(true).await;
        let tombstones = tokio::spawn(tombstones::expire(visibility, clock, roles_stop.clone()));
        Ok(Self { frontend, matching, roles_stop, history_stop, history, history_run, matching_run, tombstones })
    }

    /// Serves the public API until `stop`, or until `broken` says why nothing can be trusted any more.
    ///
    /// # Errors
    /// Where a role or the listener ends by itself.
    pub(crate) async fn serve(
        &mut self,
        listener: TcpListener,
        stop: &CancellationToken,
        broken: impl Future<Output = String>,
    ) -> anyhow::Result<Option<String>> {
        let closing = CancellationToken::new();
        let until = closing.clone();
        let served = public_server(listener, self.frontend.routes(), until);
        tokio::pin!(served);
        let mut reason = None;
        tokio::select! {
            ended = &mut served => { ended.context("the server stopped listening")?; }
            () = stop.cancelled() => {}
            why = broken => reason = Some(why),
            ended = &mut self.history_run => return Err(by_itself("history", ended)),
            ended = &mut self.matching_run => return Err(by_itself("matching", ended)),
        }
        self.frontend.set_serving(false).await;
        // Open polls are answered empty, also those for news of a workflow, so that connections end by themselves.
        self.roles_stop.cancel();
        self.history.end_long_polls();
        self.matching.stop().await;
        closing.cancel();
        // Calls that still run may take a moment.
        let _ = tokio::time::timeout(Duration::from_secs(2), &mut served).await;
        Ok(reason)
    }

    /// Lands what is under way and parks everything.
    pub(crate) async fn stop(self, patience: Duration) {
        self.history_stop.cancel();
        let ended =
            tokio::time::timeout(patience, async { tokio::join!(self.history_run, self.matching_run, self.tombstones) }).await;
        match ended {
            Ok((history, matching, _)) => {
                for (role, ended) in [("history", history), ("matching", matching)] {
                    match ended {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => tracing::error!(%error, role, "a role ended with an error"),
                        Err(error) => tracing::error!(%error, role, "a role did not end properly"),
                    }
                }
            }
            Err(_) => tracing::warn!("roles took too long to stop; what was acknowledged is stored"),
        }
    }
}

/// Serves the public API until `until`, then ends with the calls that are under way.
pub(crate) async fn public_server(
    listener: TcpListener,
    routes: Routes,
    until: CancellationToken,
) -> Result<(), tonic::transport::Error> {
    // Keep-alive pings of every SDK (each 30 s, also without calls) are answered by default.
    // Without nodelay a small answer waits 40 ms for the caller's delayed acknowledgement.
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true)).map(|stream| stream.map(Corked::new));
    Server::builder()
        // A worker whose machine is gone would keep its polls open, and be handed tasks. Source: Temporal pings every minute.
        .http2_keepalive_interval(Some(Duration::from_secs(60)))
        .http2_keepalive_timeout(Some(Duration::from_secs(10)))
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(4 << 20)
        .serve_with_incoming_shutdown(routes, incoming, until.cancelled_owned())
        .await
}

/// Why a role ended although nobody asked it to.
pub(crate) fn by_itself(role: &str, ended: Result<anyhow::Result<()>, tokio::task::JoinError>) -> anyhow::Error {
    match ended {
        Ok(Err(error)) => error.context(format!("{role} ended")),
        Ok(Ok(())) => anyhow::anyhow!("{role} ended by itself"),
        Err(error) => anyhow::Error::from(error).context(format!("{role} ended")),
    }
}

/// Creates `default` and what the command line names; what is there already stays as it is.
async fn prepare(frontend: &frontend::Service, args: &StartDevArgs) -> anyhow::Result<()> {
    let names = std::iter::once("default").chain(args.namespace.iter().map(String::as_str).filter(|name| *name != "default"));
    for name in names {
        frontend.ensure_namespace(name, RETENTION).await.with_context(|| format!("--namespace {name}"))?;
        for pair in &args.search_attribute {
            let (attribute, kind) =
                pair.split_once('=').with_context(|| format!("--search-attribute {pair} is not NAME=TYPE"))?;
            frontend
                .ensure_search_attribute(name, attribute, kind)
                .await
                .with_context(|| format!("--search-attribute {pair}"))?;
        }
    }
    Ok(())
}
