//! Installs the process-wide subscriber: JSON lines on standard output, and traces over OTLP when an
//! endpoint is configured.

use std::{env, ffi::OsString, io};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use thiserror::Error;
use tracing::Metadata;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, LevelFilter, filter_fn},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{
    json::JsonLines,
    log_buffer::{LogBuffer, LogWriter},
};

/// Why [`Telemetry::install`] failed.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// `BK_LOG` is not a filter that `tracing-subscriber` can parse.
    #[error("BK_LOG: a filter such as info,bk_guard=debug")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The operating system refused the thread that writes log lines.
    #[error("logging could not be started")]
    Output(#[source] io::Error),
    /// The process has a subscriber already.
    #[error("logging is installed already")]
    Installed(#[from] tracing_subscriber::util::TryInitError),
    /// The standard `OTEL_*` variables do not describe an exporter that can be built.
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT: the exporter could not be built")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
}

/// Settings of [`Telemetry::install`].
#[derive(Debug, Clone)]
pub struct TelemetrySettings {
    /// Which events are logged: a filter such as `info,bk_guard=debug`.
    pub filter: String,
    /// Whether traces are exported, which is when `OTEL_EXPORTER_OTLP_ENDPOINT` or its variant for traces
    /// is set. The exporter reads the address and its other `OTEL_*` variables itself.
    pub otlp: bool,
}

impl TelemetrySettings {
    /// Reads `BK_LOG` (`default_filter` when it is absent) and the standard `OTEL_*` variables.
    #[must_use]
    pub fn from_env(default_filter: &str) -> Self {
        let otlp = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]
            .into_iter()
            .any(|key| variable(key).is_some_and(|value| !value.is_empty()));
        let filter = variable("BK_LOG").and_then(|filter| filter.into_string().ok());
        Self { filter: filter.unwrap_or_else(|| default_filter.to_owned()), otlp }
    }
}

/// Guard of the installed subscriber: dropping it writes buffered log lines and exports buffered spans.
/// The host holds it until the process ends.
pub struct Telemetry {
    _log_writer: LogWriter,
    traces: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Installs the process-wide subscriber. Lines pass through a bounded buffer to a writer thread, so
    /// that a slow reader of standard output does not slow requests; when it falls far behind, lines are
    /// dropped.
    ///
    /// Fails with [`TelemetryError`] when the filter or the exporter's settings are wrong, the writer
    /// thread cannot be started, or a subscriber is installed already.
    pub fn install(settings: &TelemetrySettings) -> Result<Self, TelemetryError> {
        let buffer = LogBuffer::default();
        let log_writer = buffer.write_to(io::stdout()).map_err(TelemetryError::Output)?;
        // Log lines name no spans, so only the trace exporter enables them.
        let filter = EnvFilter::builder()
            .parse(&settings.filter)?
            .and(filter_fn(is_event).with_max_level_hint(LevelFilter::TRACE));
        let json = JsonLines::new(move |line: &[u8]| buffer.push(line)).with_filter(filter);
        let mut layers = vec![json.boxed()];
        let traces = settings.otlp.then(tracer_provider).transpose()?;
        if let Some(provider) = &traces {
            let spans = tracing_opentelemetry::layer()
                .with_tracer(provider.tracer("balance-kitchen"))
                .with_filter(EnvFilter::new("info"));
            layers.push(spans.boxed());
        }
        tracing_subscriber::registry().with(layers).try_init()?;
        Ok(Self { _log_writer: log_writer, traces })
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(traces) = &self.traces {
            // The process is ending and its log is closed, so an error cannot be reported.
            let _ = traces.shutdown();
        }
    }
}

/// Logging starts before the configuration is read, so that its errors are logged.
#[expect(clippy::disallowed_methods, reason = "logging is configured by its own variables")]
fn variable(key: &str) -> Option<OsString> {
    env::var_os(key)
}

fn is_event(metadata: &Metadata<'_>) -> bool {
    metadata.is_event()
}

fn tracer_provider() -> Result<SdkTracerProvider, TelemetryError> {
    let exporter = SpanExporter::builder().with_http().build()?;
    let mut resource = Resource::builder();
    if variable("OTEL_SERVICE_NAME").is_none() {
        resource = resource.with_service_name("balance-kitchen");
    }
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter);
    Ok(provider.with_resource(resource.build()).build())
}
