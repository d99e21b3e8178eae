//! Installs the subscriber: JSON lines, and OTLP traces when an endpoint is configured.

use std::{env, io};

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
    pile::{Carrier, Pile},
};

/// What can go wrong at installation.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// `BK_LOG` is not a filter.
    #[error("BK_LOG: a filter such as info,bk_guard=debug")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The thread that writes lines could not be started.
    #[error("logging could not be started")]
    Output(#[source] io::Error),
    /// A subscriber is installed already.
    #[error("logging is installed already")]
    Installed(#[from] tracing_subscriber::util::TryInitError),
    /// The OTLP exporter refused its settings.
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT: the exporter could not be built")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
}

/// What to log and where traces go.
#[derive(Debug, Clone)]
pub struct TelemetrySettings {
    /// A filter such as `info,bk_guard=debug`.
    pub filter: String,
    /// Whether `OTEL_EXPORTER_OTLP_ENDPOINT` (or its traces variant) is set; the exporter reads the
    /// standard variables itself.
    pub otlp: bool,
}

impl TelemetrySettings {
    /// From `BK_LOG` and the standard `OTEL_*` variables.
    #[must_use]
    pub fn from_env() -> Self {
        let otlp = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]
            .iter()
            .any(|key| env::var_os(key).is_some_and(|value| !value.is_empty()));
        Self { filter: env::var("BK_LOG").unwrap_or_else(|_| "info".to_owned()), otlp }
    }
}

/// Keeps the writers alive; dropping it writes what is still buffered.
pub struct Telemetry {
    _lines: Carrier,
    traces: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Installs the process-wide subscriber. Lines go to standard output through a writer of their
    /// own, so that a slow reader does not slow requests; when it falls far behind, lines are
    /// dropped rather than requests.
    pub fn install(settings: &TelemetrySettings) -> Result<Self, TelemetryError> {
        let pile = Pile::default();
        let lines = pile.carried_to(io::stdout()).map_err(TelemetryError::Output)?;
        // Lines name no spans, so spans are made only for whoever collects traces.
        let filter = EnvFilter::builder()
            .parse(&settings.filter)?
            .and(filter_fn(is_event).with_max_level_hint(LevelFilter::TRACE));
        let json = JsonLines::new(move |line: &[u8]| pile.put(line)).with_filter(filter);
        let mut layers = vec![json.boxed()];
        let traces = settings.otlp.then(tracer_provider).transpose()?;
        if let Some(provider) = &traces {
            let spans = tracing_opentelemetry::layer()
                .with_tracer(provider.tracer("balance-kitchen"))
                .with_filter(EnvFilter::new("info"));
            layers.push(spans.boxed());
        }
        tracing_subscriber::registry().with(layers).try_init()?;
        Ok(Self { _lines: lines, traces })
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(traces) = &self.traces {
            // Nothing can be logged any more: the process is ending.
            let _ = traces.shutdown();
        }
    }
}

fn is_event(metadata: &Metadata<'_>) -> bool {
    metadata.is_event()
}

fn tracer_provider() -> Result<SdkTracerProvider, TelemetryError> {
    let exporter = SpanExporter::builder().with_http().build()?;
    let mut resource = Resource::builder();
    if env::var_os("OTEL_SERVICE_NAME").is_none() {
        resource = resource.with_service_name("balance-kitchen");
    }
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter);
    Ok(provider.with_resource(resource.build()).build())
}
