//! The only way to Postgres: pools per role, transactions fenced to one tenant, the outbox, the job
//! queue, the helpers migrations are written with, and the launcher of a local server.
//!
//! It knows nothing of any domain. Its invariants:
//!
//! - every statement of a tenant runs in a [`TenantTx`], whose tenant was set transaction-locally in
//!   the round trip that began it, and row-level security does the rest;
//! - a transaction runs to its end in a task of its own, so a caller that is dropped does not stop one
//!   half-way, and a connection whose transaction did not end in a way the server confirmed is
//!   closed, never reused;
//! - no error's text carries SQL or the values of a row.
//!
//! Whatever returns [`DbError`] fails when the database refuses, is away or takes too long; where it
//! fails for another reason as well, its documentation says so.

mod attempts;
pub mod bootstrap;
pub mod cache;
mod database;
#[cfg(unix)]
pub mod embedded;
pub mod environment;
mod error;
pub mod invalidation;
pub mod jobs;
pub mod migration;
pub mod outbox;
mod pool;
pub mod rights;
mod role;
mod scope;
pub mod store;
mod transaction;
mod tx;
mod url;

pub use bk_kernel::Environment;
pub use cache::{CacheSettings, InvalidatedCache};
pub use database::Database;
pub use error::{Cause, DbError};
pub use outbox::{EventHandler, HandlerError, OutboxEvent};
pub use pool::PoolSettings;
pub use role::DbRole;
pub use scope::TenantScope;
pub use sea_orm;
pub use tx::{GlobalTx, TenantTx};
pub use url::{DatabaseUrl, DatabaseUrlError};
