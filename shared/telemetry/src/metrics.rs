//! Metrics for Prometheus: recorded through the `metrics` facade, rendered on request.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use thiserror::Error;

/// The metrics recorder was refused, most likely because the process has one already.
#[derive(Debug, Error)]
#[error("metrics could not be installed")]
pub struct MetricsError(#[from] metrics_exporter_prometheus::BuildError);

/// Handle of the installed recorder. Clones share it.
#[derive(Clone)]
pub struct MetricsHandle(PrometheusHandle);

/// Upper bounds, in seconds, of the buckets of every histogram whose name ends in `_seconds`.
const DURATION_BUCKETS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

impl MetricsHandle {
    /// Installs the process-wide recorder. Fails with [`MetricsError`] when one is installed already.
    pub fn install() -> Result<Self, MetricsError> {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &DURATION_BUCKETS)?
            .install_recorder()?;
        Ok(Self(handle))
    }

    /// Renders all metrics in the text exposition format of Prometheus.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Folds recorded samples into the histograms, which frees their memory. The host calls it every few
    /// seconds, because a scrape may never come.
    pub fn run_maintenance(&self) {
        self.0.run_upkeep();
    }
}
