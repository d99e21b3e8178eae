//! Background work of the kitchen. Each job goes through the active tenants, one transaction each,
//! so that a tenant whose settings are wrong stops nobody else.

use std::sync::Arc;

use async_trait::async_trait;
use bk_kernel::TenantId;
use bk_persistence::jobs::{JobContext, JobError, JobHandler, Registry};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    Kitchen,
    ordering::WeekName,
    production::{LockWeek, LockWeekError, LockedBy, lock_week},
    weeks,
};

impl Kitchen {
    /// Registers the kitchen's jobs and their schedules.
    pub fn jobs(&self, registry: &mut Registry) {
        registry.register("weeks.generate", Arc::new(GenerateWeeks(self.clone())));
        registry.schedule("7 * * * *", "weeks.generate", json!({}));
        registry.register("weeks.lock", Arc::new(LockWeeks(self.clone())));
        registry.schedule("* * * * *", "weeks.lock", json!({}));
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

impl Kitchen {
    /// Locks every week of every active tenant whose cutoff has come: after six hours away too, and
    /// each once. A week that cannot be locked keeps no other from it.
    pub async fn lock_all_due_weeks(&self) -> Result<(), JobError> {
        let now = self.deps().clock.now();
        let mut failures = 0_u32;
        for tenant in self.deps().tenants.active().await? {
            let due =
                self.tenant(tenant).read(move |tx| async move { weeks::due_weeks(&tx, now).await });
            let Ok(due) = due.await.inspect_err(|error| {
                failures += 1;
                tracing::error!(tenant_id = %tenant, %error, "due weeks could not be read");
            }) else {
                continue;
            };
            for week in due {
                if let Err(error) = self.lock_due_week(tenant, week.week.name, now).await {
                    failures += 1;
                    let week = week.week.name;
                    tracing::error!(tenant_id = %tenant, %week, %error, "a week could not be locked");
                }
            }
        }
        if failures == 0 {
            Ok(())
        } else {
            Err(JobError::retry(format!("{failures} weeks are not locked")))
        }
    }

    async fn lock_due_week(
        &self,
        tenant: TenantId,
        week: WeekName,
        at: DateTime<Utc>,
    ) -> Result<(), LockWeekError> {
        let kitchen = self.clone();
        let lock = LockWeek { week, by: LockedBy::Cutoff, at };
        let locking = self.tenant(tenant).run_retrying(move |tx| {
            let kitchen = kitchen.clone();
            async move {
                let book = kitchen.book_in(&tx).await?;
                lock_week(&tx, &book, &lock).await
            }
        });
        let locked = locking.await?;
        metrics::counter!("kitchen_weeks_locked_total").increment(1);
        let (orders, meals) = (locked.orders, locked.meals);
        tracing::info!(tenant_id = %tenant, %week, orders, meals, "the week is locked");
        Ok(())
    }
}

struct LockWeeks(Kitchen);

#[async_trait]
impl JobHandler for LockWeeks {
    async fn run(&self, _: &JobContext, _: Value) -> Result<(), JobError> {
        self.0.lock_all_due_weeks().await
    }
}

struct GenerateWeeks(Kitchen);

#[async_trait]
impl JobHandler for GenerateWeeks {
    async fn run(&self, _: &JobContext, _: Value) -> Result<(), JobError> {
        self.0.generate_all_weeks().await
    }
}
