//! Background work on a Postgres-backed queue: enqueued in the transaction of the change it follows
//! from, so it exists exactly when the change does. See `docs/adr/0001-job-queue.md` for the choice.

mod enqueue;
mod install;

pub use enqueue::{NewJob, enqueue};
pub(crate) use install::install;
