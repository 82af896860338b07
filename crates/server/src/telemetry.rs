//! Logs by tracing, metrics by OpenTelemetry behind a Prometheus registry, traces by OpenTelemetry to a collector.

use std::io::IsTerminal;
use std::time::Duration;

use anyhow::bail;
use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use prometheus::Registry;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::args::LogFormat;

/// What is traced: our own rooms, as they name their spans.
const TRACED: [(&str, Level); 4] =
    [("frontend", Level::INFO), ("history", Level::INFO), ("matching", Level::INFO), ("rpc", Level::INFO)];

/// How long the end of the process may wait for the collector.
const LAST_SPANS: Duration = Duration::from_secs(2);

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

/// The traces of this process; nothing unless a collector was named.
#[derive(Debug, Default)]
pub(crate) struct Traces {
    provider: Option<SdkTracerProvider>,
}

impl Traces {
    /// Sends traces to the collector at `endpoint`, in batches from a thread of their own: one that is dead or slow costs calls
    /// nothing, and spans that do not fit in the queue are dropped.
    fn to(endpoint: Option<&str>) -> anyhow::Result<Self> {
        let Some(endpoint) = endpoint.filter(|endpoint| !endpoint.is_empty()) else { return Ok(Self::default()) };
        let exporter = SpanExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .build()
            .map_err(|error| anyhow::anyhow!("--otlp-endpoint {endpoint}: {error}"))?;
        let resource = Resource::builder().with_service_name("aevum").build();
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
        opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
        Ok(Self { provider: Some(provider) })
    }

    /// Sends what is left, as long as the collector takes it.
    pub(crate) fn stop(self) {
        if let Some(Err(error)) = self.provider.map(|provider| provider.shutdown_with_timeout(LAST_SPANS)) {
            tracing::warn!(%error, "the last traces did not reach the collector");
        }
    }
}

/// Starts logging to stderr, and traces to `collector` where there is one. `level` is a level or an `EnvFilter` directive list.
///
/// # Errors
/// Where the level is not one, the collector's address is none, or logging was started before.
pub(crate) fn start(level: &str, format: LogFormat, collector: Option<&str>) -> anyhow::Result<Traces> {
    let filter = filter(level)?;
    let traces = Traces::to(collector)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Json => lines.json().flatten_event(true).with_filter(filter).boxed(),
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).with_filter(filter).boxed(),
    };
    // Spans of calls are ours; what the exporter's own transport does must not be traced again.
    let spans = traces.provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer().with_tracer(provider.tracer("aevum")).with_filter(Targets::new().with_targets(TRACED))
    });
    let started = tracing_subscriber::registry().with(lines).with(spans).try_init();
    started.map_err(|error| anyhow::anyhow!("logging could not be started: {error}"))?;
    Ok(traces)
}

/// What is logged. A single word is a level: as a filter it would name a target, and silence everything else.
fn filter(level: &str) -> anyhow::Result<EnvFilter> {
    let word = level.trim().to_ascii_lowercase();
    let directives = match word.as_str() {
        "never" => "off",
        "trace" | "debug" | "info" | "warn" | "error" | "off" => word.as_str(),
        _ if level.contains(['=', ',', '[']) => level,
        _ => bail!("--log-level {level}: use trace, debug, info, warn, error or never, or a filter such as info,history=debug"),
    };
    EnvFilter::try_new(directives).map_err(|error| anyhow::anyhow!("--log-level {level}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_level_is_refused_and_levels_may_be_shouted() {
        assert!(filter("loud").unwrap_err().to_string().contains("use trace, debug"));
        assert_eq!(filter("WARN").unwrap().to_string(), "warn");
        assert_eq!(filter("never").unwrap().to_string(), "off");
        assert_eq!(filter("info,history=debug").unwrap().to_string(), "history=debug,info");
    }
}
