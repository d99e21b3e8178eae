//! bk-telemetry
