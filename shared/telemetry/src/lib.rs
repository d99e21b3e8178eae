//! Logs, traces and metrics of the process. Installed once by the host.
//!
//! Every line is one JSON object; fields whose names speak of secrets or persons are replaced
//! before they are written, whoever logs them (controls LO-1, LO-2).

mod json;
mod metrics;
mod pile;
mod tracing_setup;

pub use metrics::{MetricsError, MetricsHandle};
pub use tracing_setup::{Telemetry, TelemetryError, TelemetrySettings};
