//! Background work on a Postgres-backed queue: enqueued in the transaction of the change it follows
//! from, so it exists exactly when the change does. See `docs/adr/0001-job-queue.md` for the choice.
//!
//! Domains put handlers and schedules into a [`Registry`]; the host makes a [`Runner`] of it. A job
//! runs at least once; a handler must therefore be idempotent. One that fails comes again with
//! growing, jittered pauses; one that failed for good stays and is shown by [`failed`].
//!
//! All jobs are one task of the underlying queue, which names tasks at compile time; our identifier
//! travels with the payload.

mod enqueue;
mod install;
mod queue;
mod registry;
mod runner;

pub use enqueue::{NewJob, enqueue};
pub(crate) use install::install;
pub use queue::{FailedJob, failed, retry_failed};
pub use registry::{JobError, JobHandler, Registry};
pub use runner::{JobsError, Runner};
