//! What the persistence layer promises, against a real server.

mod append_only;
mod environment;
mod fence;
mod jobs;
mod notebook;
mod outbox;
mod transactions;
