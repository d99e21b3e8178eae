//! Background work of production: weeks are locked when their cutoff has come.

use std::sync::Arc;

use async_trait::async_trait;
use bk_kitchen_catalogue::CatalogueState;
use bk_persistence::jobs::{JobContext, JobError, JobHandler, Registry};
use serde_json::{Value, json};

use super::lock_due_weeks::lock_due_weeks;

/// The identifier of the job that locks weeks.
const LOCK_JOB: &str = "weeks.lock";

/// Every minute.
const LOCK_CRON: &str = "* * * * *";

/// Registers the jobs of this crate and their schedules.
pub fn register_jobs(catalogue: &CatalogueState, registry: &mut Registry) {
    registry.register(LOCK_JOB, Arc::new(LockWeeks(catalogue.clone())));
    registry.schedule(LOCK_CRON, LOCK_JOB, json!({}));
}

/// Does the job [`LOCK_JOB`] for every tenant.
struct LockWeeks(CatalogueState);

#[async_trait]
impl JobHandler for LockWeeks {
    async fn run(&self, job: &JobContext, _: Value) -> Result<(), JobError> {
        lock_due_weeks(&self.0, job).await
    }
}
