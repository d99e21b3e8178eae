//! Which handler does which job, and which jobs run by schedule.

use std::{collections::BTreeMap, fmt, sync::Arc};

use async_trait::async_trait;
use serde_json::Value;

use super::JobContext;

/// Does the jobs of one identifier.
#[async_trait]
pub trait JobHandler: Send + Sync {
    /// Does one job. It may be given the same job again, after a crash for example.
    async fn run(&self, job: &JobContext, payload: Value) -> Result<(), JobError>;
}

/// Why a job failed. The text is stored with the job for operators: no values.
pub struct JobError {
    why: String,
    is_final: bool,
}

impl JobError {
    /// A failure that may be gone later: the job is tried again.
    #[must_use]
    pub fn retry(why: impl Into<String>) -> Self {
        Self { why: why.into(), is_final: false }
    }

    /// A failure that stays: no more attempts are made, and operators find the job among the failed.
    #[must_use]
    pub fn give_up(why: impl Into<String>) -> Self {
        Self { why: why.into(), is_final: true }
    }

    /// Whether trying again is pointless.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.is_final
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// The queue stores the `Debug` text; it is the same as the other.
impl fmt::Debug for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Any error of a domain may succeed later; its text and those of its sources are kept, and must
/// not hold values.
impl<E: std::error::Error> From<E> for JobError {
    fn from(error: E) -> Self {
        Self::retry(crate::error::chain(&error))
    }
}

/// Handlers and schedules, filled by the domains.
#[derive(Default)]
pub struct Registry {
    pub(super) handlers: BTreeMap<&'static str, Arc<dyn JobHandler>>,
    pub(super) schedules: Vec<Schedule>,
}

/// A job that runs by schedule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Schedule {
    pub(super) cron: String,
    pub(super) identifier: &'static str,
    pub(super) payload: Value,
}

impl Registry {
    /// A registry without handlers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the jobs of `identifier` to `handler`; a later handler replaces an earlier one.
    pub fn register(&mut self, identifier: &'static str, handler: Arc<dyn JobHandler>) {
        self.handlers.insert(identifier, handler);
    }

    /// Enqueues such a job whenever `cron` says (five fields, UTC), once however many workers run.
    /// A wrong text stops the [`Runner`](super::Runner) from starting.
    pub fn schedule(&mut self, cron: &str, identifier: &'static str, payload: Value) {
        self.schedules.push(Schedule { cron: cron.to_owned(), identifier, payload });
    }

    /// The handler of the jobs of `identifier`: for tests and tools that run a job themselves.
    #[must_use]
    pub fn handler(&self, identifier: &str) -> Option<Arc<dyn JobHandler>> {
        self.handlers.get(identifier).map(Arc::clone)
    }

    /// The identifiers that have a handler.
    pub fn identifiers(&self) -> impl Iterator<Item = &'static str> {
        self.handlers.keys().copied()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("handlers", &self.handlers.keys())
            .field("schedules", &self.schedules)
            .finish()
    }
}
