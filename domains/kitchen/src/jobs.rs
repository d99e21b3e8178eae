//! Background work of the kitchen. Each job goes through the active tenants, one transaction each,
//! so that a tenant whose settings are wrong stops nobody else.

use std::sync::Arc;

use async_trait::async_trait;
use bk_persistence::jobs::{JobError, JobHandler, Registry};
use serde_json::{Value, json};

use crate::Kitchen;

impl Kitchen {
    /// Registers the kitchen's jobs and their schedules.
    pub fn jobs(&self, registry: &mut Registry) {
        registry.register("weeks.generate", Arc::new(GenerateWeeks(self.clone())));
        registry.schedule("7 * * * *", "weeks.generate", json!({}));
    }

    /// Makes sure that every active tenant has its coming weeks.
    pub async fn generate_all_weeks(&self) -> Result<(), JobError> {
        let mut failures = 0_u32;
        for tenant in self.deps().tenants.active().await? {
            let kitchen = self.clone();
            let outcome = self
                .tenant(tenant)
                .run(move |tx| async move { kitchen.generate_weeks_in(&tx).await })
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
}

struct GenerateWeeks(Kitchen);

#[async_trait]
impl JobHandler for GenerateWeeks {
    async fn run(&self, _: Value) -> Result<(), JobError> {
        self.0.generate_all_weeks().await
    }
}
