//! The pipeline, rule by rule, around a small application with fake ports.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod answers;
mod app;
mod browsers;
mod credentials;
mod document;
mod idempotency;
mod limits;
mod logs;
mod routing;
mod world;
