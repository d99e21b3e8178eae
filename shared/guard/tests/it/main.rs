//! The pipeline, rule by rule, around a small application with fake ports.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "maintenance is given the context of a job's run")]

mod answers;
mod app;
mod browsers;
mod credentials;
mod document;
mod fixture;
mod idempotency;
mod limits;
mod logs;
mod routing;
