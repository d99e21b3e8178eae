//! Metrics for Prometheus: recorded through the `metrics` facade, rendered on request.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use thiserror::Error;

/// The recorder could not be installed.
#[derive(Debug, Error)]
#[error("metrics could not be installed")]
pub struct MetricsError(#[from] metrics_exporter_prometheus::BuildError);

/// Renders what was recorded.
#[derive(Clone)]
pub struct MetricsHandle(PrometheusHandle);

/// Upper bounds of the duration histograms, in seconds.
const DURATION_BUCKETS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

impl MetricsHandle {
    /// Installs the process-wide recorder; possible once per process.
    pub fn install() -> Result<Self, MetricsError> {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &DURATION_BUCKETS)?
            .install_recorder()?;
        Ok(Self(handle))
    }

    /// The text exposition format.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Drops samples that are no longer needed; to be called every few seconds.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}
