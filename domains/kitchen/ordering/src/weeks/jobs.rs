//! Background work on weeks: every active tenant gets its coming ones.

use std::sync::Arc;

use async_trait::async_trait;
use bk_kitchen_core::KitchenState;
use bk_persistence::jobs::{JobContext, JobError, JobHandler, Registry, for_each_tenant};
use serde_json::{Value, json};

use super::generate_weeks::generate_weeks_of_tenant;

/// Registers the jobs of this slice and their schedules.
pub fn register_jobs(kitchen: &KitchenState, registry: &mut Registry) {
    registry.register("weeks.generate", Arc::new(GenerateWeeks(kitchen.clone())));
    registry.schedule("7 * * * *", "weeks.generate", json!({}));
}

/// Makes sure that every active tenant has its coming weeks, in one transaction each. Fails, to be
/// retried, when a tenant's could not be generated; the others have theirs.
pub async fn generate_all_weeks(kitchen: &KitchenState, job: &JobContext) -> Result<(), JobError> {
    let tenants = kitchen.deps().tenants.active().await?;
    for_each_tenant(job, tenants, async |ctx| {
        let input = (ctx.clone(), kitchen.clone());
        let db = &kitchen.deps().db;
        db.transaction(&ctx, input, async |tx, (ctx, kitchen)| {
            generate_weeks_of_tenant(&ctx, &tx, &kitchen).await
        })
        .await
        .map_err(|error| JobError::retry(error.to_string()))
    })
    .await
}

struct GenerateWeeks(KitchenState);

#[async_trait]
impl JobHandler for GenerateWeeks {
    async fn run(&self, job: &JobContext, _: Value) -> Result<(), JobError> {
        generate_all_weeks(&self.0, job).await
    }
}
