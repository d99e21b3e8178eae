//! Background work on weeks: every active tenant gets its coming ones.

use std::sync::Arc;

use async_trait::async_trait;
use bk_kitchen_core::KitchenState;
use bk_persistence::jobs::{JobContext, JobError, JobHandler, Registry};
use serde_json::{Value, json};

use super::generate_weeks::generate_weeks_of_tenant;

/// Registers the jobs of this slice and their schedules.
pub fn register_jobs(kitchen: &KitchenState, registry: &mut Registry) {
    registry.register("weeks.generate", Arc::new(GenerateWeeks(kitchen.clone())));
    registry.schedule("7 * * * *", "weeks.generate", json!({}));
}

/// Makes sure that every active tenant has its coming weeks, in one transaction each, so that a
/// tenant whose settings are wrong stops nobody else.
pub async fn generate_all_weeks(kitchen: &KitchenState) -> Result<(), JobError> {
    let mut failures = 0_u32;
    for tenant in kitchen.deps().tenants.active().await? {
        let state = kitchen.clone();
        let outcome = kitchen
            .tenant(tenant)
            .run(move |tx| async move { generate_weeks_of_tenant(&state, &tx).await })
            .await;
        if let Err(error) = outcome {
            failures += 1;
            tracing::error!(tenant_id = %tenant, %error, "weeks could not be generated");
        }
    }
    if failures == 0 {
        Ok(())
    } else {
        Err(JobError::retry(format!("{failures} tenants have no new weeks")))
    }
}

struct GenerateWeeks(KitchenState);

#[async_trait]
impl JobHandler for GenerateWeeks {
    async fn run(&self, _: &JobContext, _: Value) -> Result<(), JobError> {
        generate_all_weeks(&self.0).await
    }
}
