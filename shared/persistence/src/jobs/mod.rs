//! Background work on a Postgres-backed queue: enqueued in the transaction of the change it follows
//! from, so it exists exactly when the change does. See `docs/adr/0001-job-queue.md` for the choice.
//!
//! Domains put handlers and schedules into a [`Registry`]; the host makes a [`Runner`] of it. A job
//! runs at least once; a handler must therefore be idempotent. One that fails comes again with
//! growing, jittered pauses; one that failed for good stays and is listed by [`failed`].
//!
//! A job carries the request id of what enqueued it, and its handler is given a [`JobContext`] of
//! which operation contexts are made, so that an id survives from a request to the last row that
//! followed from it.
//!
//! All jobs are one task of the underlying queue, which names tasks at compile time; our identifier
//! and the request id travel with the payload.

mod context;
mod enqueue;
mod registry;
mod runner;
mod tables;

pub use context::{JobContext, for_each_tenant};
pub use enqueue::{NewJob, enqueue};
pub use registry::{JobError, JobHandler, Registry};
pub use runner::{JobsError, Runner};
pub(crate) use tables::install;
pub use tables::{FailedJob, failed, retry_failed};
