//! Logs, traces and metrics of the process. The host installs them once.
//!
//! Every log line is one JSON object. The value of a field whose name points to a secret or to
//! personal data is redacted before the line is written, whichever crate logs it
//! (docs/controls.md, LO-1 and LO-2).

mod json;
mod log_buffer;
mod metrics;
mod tracing_setup;

pub use metrics::{MetricsError, MetricsHandle};
pub use tracing_setup::{Telemetry, TelemetryError, TelemetrySettings};
