//! A member of a cluster: some roles in one process, on a database that all members share.
//!
//! Order of starting: the lane, the listeners, the roll; so that whoever reads of this member finds it. Order of stopping: no new
//! callers, the shards and queues go to the others, then the roll, the listeners, and what is left of the lane.

mod listen;
mod roles;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use frontend::NamespaceRegistry;
use membership::{Keeper, Member, Role, View};
use model::{Clock, MemberId};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::args::StartArgs;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::lifecycle::{bind, serve_http, until_signal};
use crate::one_process::by_itself;
use crate::services::Parts;
use crate::settings::DynamicValues;
use crate::stores::Backend;
use crate::{scrape, start_dev, telemetry};
use listen::Listening;
use roles::Roles;

/// How long handing everything over may take; what is left then is taken over as after a crash.
const HAND_OVER: Duration = Duration::from_secs(15);
/// The least time between the news that this member drains and its end: by then the others have read it.
const NEWS: Duration = Duration::from_secs(2);
/// How long calls that are under way may take to end.
const LAST_CALLS: Duration = Duration::from_secs(2);
/// How long the last work of a role may take: where nobody could take its shards, its chains leave memory first.
const LAST_WORK: Duration = Duration::from_secs(12);
/// The same for callers of the public API: a long poll for news of a workflow takes 20 s.
const LAST_PUBLIC_CALLS: Duration = Duration::from_secs(22);

/// Runs the roles that the words name until a signal, or until this member cannot go on.
///
/// # Errors
/// Whatever keeps it from starting; that the others took it for dead.
pub(crate) async fn run(args: &StartArgs) -> anyhow::Result<()> {
    let config = Config::read(&args.config)?;
    let roles: BTreeSet<Role> = match args.role.is_empty() {
        true => Role::ALL.into(),
        false => args.role.iter().copied().map(Role::from).collect(),
    };
    let Some(database) = config.database() else { return alone(&config, &roles).await };
    let traces = telemetry::start(&config.log.level, config.log.format, config.traces.endpoint.as_deref())?;
    let stop = until_signal()?;
    let settings = DynamicValues::parse(&config.dynamic_pairs()?).map_err(|error| anyhow::anyhow!("dynamic_config: {error}"))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let Some(backend) = Backend::database(&database, &clock, &stop).await? else { return Ok(()) };
    let metrics = telemetry::Metrics::new()?;
    let parts = Parts { clock, settings: Arc::new(settings), backend: &backend, meter: metrics.meter() };

    let (pages, pages_stop) = (TaskTracker::new(), CancellationToken::new());
    if let Some(address) = config.metrics.bind {
        let listener = bind(address, "the metrics port").await?;
        println!("Metrics: http://{}/metrics", listener.local_addr()?);
        pages.spawn(serve_http(listener, scrape::router(metrics.registry.clone()), pages_stop.clone()));
    }
    let ended = serve(&config, &roles, parts, &stop).await;
    pages_stop.cancel();
    pages.close();
    pages.wait().await;
    backend.close().await;
    tokio::task::spawn_blocking(|| traces.stop()).await?;
    ended
}

/// Every role in one process on a file, as in development: a file has one server.
async fn alone(config: &Config, roles: &BTreeSet<Role>) -> anyhow::Result<()> {
    if roles.len() < Role::ALL.len() {
        let named: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        bail!(
            "persistence.db_filename is a SQLite file, which one process alone can use: run every role in it (leave out --role), \
             or keep state in a database (persistence.database_url) to run {} apart",
            named.join(", ")
        );
    }
    start_dev::run(&config.alone()?).await
}

/// Starts the roles, serves, and stops them in order.
async fn serve(config: &Config, roles: &BTreeSet<Role>, parts: Parts<'_>, stop: &CancellationToken) -> anyhow::Result<()> {
    let view = Arc::new(View::joining(MemberId::new(Uuid::new_v4())));
    let cluster = Arc::clone(&parts.backend.stores.cluster);
    let namespaces = NamespaceRegistry::open_shared(
        Arc::clone(&parts.backend.stores.namespaces),
        Arc::clone(&cluster),
        Arc::clone(&parts.clock),
    )
    .await?;
    let listening = Listening::bind(config, roles).await?;
    let (meter, visibility, clock) = (parts.meter.clone(), Arc::clone(&parts.backend.visibility), Arc::clone(&parts.clock));
    let made = Roles::make(roles, parts, &view, &namespaces).await?;
    let mut running = made.run().await?;
    let member = Member { id: view.me(), services: listening.addresses(roles), draining: false };
    let mut internal = listening.serve_members(&made, &namespaces, &meter);

    let keeper = Keeper::join(Arc::clone(&view), cluster, &member).await.context("this member cannot join the cluster")?;
    let (drain, leave) = (CancellationToken::new(), CancellationToken::new());
    let mut keeping = tokio::spawn(keeper.run(drain.clone(), leave.clone()));
    let jobs = Jobs::start(&view, &namespaces, roles.contains(&Role::Worker).then_some((visibility, clock)));
    if let Some(frontend) = &made.frontend {
        roles::prepare(frontend, &config.namespaces).await?;
    }
    let public = internal.serve_public(&made).await;
    for (role, address) in &member.services {
        println!("{role}: {}", if address.is_empty() { "no calls" } else { address });
    }
    tracing::info!(member = %view.me(), version = crate::version(), "serving");

    let fatal = tokio::select! {
        () = stop.cancelled() => None,
        ended = &mut keeping => Some(left_the_roll(ended)),
        error = running.ended() => Some(error),
    };
    if let Some(error) = fatal {
        // Nothing of this member counts any more: whoever calls it is better off with a broken connection.
        jobs.stop().await;
        return Err(error);
    }
    tracing::info!("draining: shards and task queues go to other members");
    drain.cancel();
    let begun = tokio::time::Instant::now();
    public.close(&made, LAST_PUBLIC_CALLS).await;
    if tokio::time::timeout(HAND_OVER, made.handed_over()).await.is_err() {
        tracing::warn!("not everything could be handed over in time; other members take over what is left");
    }
    tokio::time::sleep_until(begun + NEWS).await;
    leave.cancel();
    if let Err(error) = keeping.await? {
        tracing::warn!(%error, "this member had left the roll already");
    }
    jobs.stop().await;
    running.stop(LAST_WORK).await;
    internal.close(LAST_CALLS).await;
    tracing::info!("stopped; what was acknowledged is stored");
    Ok(())
}

fn left_the_roll(ended: Result<Result<(), membership::Gone>, tokio::task::JoinError>) -> anyhow::Error {
    by_itself("membership", ended.map(|ended| ended.map_err(anyhow::Error::from)))
}

/// What goes on beside the calls: namespaces are read again when others changed them; the worker role tidies up.
struct Jobs {
    stop: CancellationToken,
    running: Vec<JoinHandle<()>>,
}

type Tidying = (Arc<dyn visibility::VisibilityStore>, Arc<dyn Clock>);

impl Jobs {
    fn start(view: &Arc<View>, namespaces: &NamespaceRegistry, tidying: Option<Tidying>) -> Self {
        let stop = CancellationToken::new();
        let refreshing = refresh(Arc::clone(view), namespaces.clone(), stop.clone());
        let mut running = vec![tokio::spawn(refreshing)];
        if let Some((store, clock)) = tidying {
            running.push(tokio::spawn(crate::tombstones::expire(store, clock, stop.clone())));
        }
        Self { stop, running }
    }

    async fn stop(self) {
        self.stop.cancel();
        for job in self.running {
            if let Err(error) = job.await {
                tracing::error!(%error, "a job did not end properly");
            }
        }
    }
}

/// Reads the namespaces whenever the cluster's version has risen.
async fn refresh(view: Arc<View>, namespaces: NamespaceRegistry, stop: CancellationToken) {
    let mut changes = view.changes();
    let mut known = view.sight().version;
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            changed = changes.changed() => if changed.is_err() { return },
        }
        let version = view.sight().version;
        if version != known {
            match namespaces.refresh().await {
                Ok(()) => known = version,
                Err(error) => tracing::warn!(%error, "the namespaces could not be read again"),
            }
        }
    }
}

/// The addresses of roles, as the roll tells them.
type Addresses = BTreeMap<Role, String>;
