//! `aevum server start-dev`: every role in this process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{bail, ensure};
use model::Clock;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::args::StartDevArgs;
use crate::clock::SystemClock;
use crate::database::DatabaseConfig;
use crate::lifecycle::{bind, serve_http, until_signal};
use crate::one_process::OneProcess;
use crate::services::Parts;
use crate::settings::DynamicValues;
use crate::stores::Backend;
use crate::{scrape, telemetry};

/// How long open calls may take to end once the server stops.
const LAST_CALLS: Duration = Duration::from_secs(5);

/// Runs until a signal or until the disk cannot be trusted any more.
///
/// # Errors
/// Whatever keeps the server from starting, or an unknown outcome of a commit.
pub(crate) async fn run(args: &StartDevArgs) -> anyhow::Result<()> {
    let traces = telemetry::start(&args.log_level, args.log_format, args.otlp_endpoint.as_deref())?;
    let stop = until_signal()?;
    let settings =
        DynamicValues::parse(&args.dynamic_config_value).map_err(|error| anyhow::anyhow!("--dynamic-config-value: {error}"))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let Some((backend, storage)) = open(args, &clock, &stop).await? else { return Ok(()) };
    let metrics = telemetry::Metrics::new()?;
    let grpc = bind(SocketAddr::new(args.ip, args.port), "the server").await?;
    let address = grpc.local_addr()?;
    let parts = Parts { clock, settings: Arc::new(settings), backend: &backend, meter: metrics.meter() };
    let mut server = OneProcess::start(parts, args).await?;

    let pages = TaskTracker::new();
    let pages_stop = CancellationToken::new();
    let mut said = vec![format!("Server:  {address}")];
    let mut metrics_address = None;
    if let Some(port) = args.metrics_port {
        let listener = bind(SocketAddr::new(args.ip, port), "the metrics port").await?;
        let url = format!("http://{}/metrics", listener.local_addr()?);
        said.push(format!("Metrics: {url}"));
        metrics_address = Some(url);
        pages.spawn(serve_http(listener, scrape::router(metrics.registry.clone()), pages_stop.clone()));
    }
    if !args.headless {
        let port = args.ui_port.unwrap_or(if args.port == 0 { 0 } else { address.port().saturating_add(1000) });
        let listener = bind(SocketAddr::new(args.ip, port), "the web interface").await?;
        said.push(format!("UI:      http://{}", listener.local_addr()?));
        let status = web::Status { version: crate::version(), grpc_address: address.to_string(), metrics_address, storage };
        pages.spawn(serve_http(listener, web::router(status), pages_stop.clone()));
    }
    println!("{}", said.join("\n"));
    tracing::info!(%address, version = crate::version(), storage = backend.name(), "serving");

    let broken = server.serve(grpc, &stop, backend.broken()).await?;
    tracing::info!("stopping: no new calls, the last ones end");
    server.stop(LAST_CALLS).await;
    pages_stop.cancel();
    pages.close();
    pages.wait().await;
    backend.close().await;
    tracing::info!("stopped; what was acknowledged is stored");
    tokio::task::spawn_blocking(|| traces.stop()).await?;
    ensure!(broken.is_none(), "the outcome of a commit is unknown: {}; start again on the same file", broken.unwrap_or_default());
    Ok(())
}

/// The backend that the words name, and how the status page calls it; `None` where the process is told to stop while it waits
/// for a database.
async fn open(
    args: &StartDevArgs,
    clock: &Arc<dyn Clock>,
    stop: &CancellationToken,
) -> anyhow::Result<Option<(Backend, String)>> {
    let database = DatabaseConfig::from_args(&args.database, args.auto_setup);
    ensure!(database.is_some() || !args.auto_setup, "--auto-setup is for a database: name it by --database-url");
    match (&args.db_filename, database) {
        (Some(_), Some(_)) => bail!("state is kept in one place: choose --db-filename or --database-url (AEVUM_DATABASE_URL)"),
        (Some(file), None) => {
            let backend = Backend::sqlite(file, args.sqlite_synchronous, clock).await?;
            Ok(Some((backend, file.display().to_string())))
        }
        (None, Some(config)) => {
            let place = config.options(clock).place();
            Ok(Backend::database(&config, clock, stop).await?.map(|backend| (backend, place)))
        }
        (None, None) => Ok(Some((Backend::memory(clock), "in memory: it ends with this process".to_owned()))),
    }
}
