//! What the persistence layer promises, against a real server.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests, helpers included, look behind the scenes"
)]

mod append_only;
#[cfg(unix)]
mod embedded;
mod environment;
mod fence;
mod jobs;
mod notebook;
mod outbox;
mod proxy;
mod queue_tables;
mod store;
mod transactions;
