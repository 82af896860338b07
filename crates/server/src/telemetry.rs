//! Logs by tracing, metrics by OpenTelemetry behind a Prometheus registry.

use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::Registry;
use tracing_subscriber::EnvFilter;

use crate::args::LogFormat;

/// The meter of this process, and the registry that a scrape reads.
pub(crate) struct Metrics {
    provider: SdkMeterProvider,
    /// What a scrape reads.
    pub(crate) registry: Registry,
}

impl Metrics {
    /// Metrics under the names given to the instruments: no unit or counter suffixes, since dashboards know Temporal's names.
    ///
    /// # Errors
    /// Where the exporter cannot be registered.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .without_units()
            .without_counter_suffixes()
            .without_target_info()
            .scope_info_enabled(false)
            .build()?;
        let provider = SdkMeterProvider::builder().with_reader(exporter).build();
        Ok(Self { provider, registry })
    }

    /// The meter that services register their instruments with.
    pub(crate) fn meter(&self) -> Meter {
        self.provider.meter("aevum")
    }
}

/// Starts logging to stderr. `level` is a level or an `EnvFilter` directive list.
///
/// # Errors
/// Where the level is not one, or logging was started before.
pub(crate) fn log(level: &str, format: LogFormat) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(level).map_err(|error| anyhow::anyhow!("--log-level {level}: {error}"))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Text => builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging could not be started: {error}"))
}
