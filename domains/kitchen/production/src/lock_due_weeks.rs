//! Locking every week whose cutoff has come.

use bk_kernel::TenantId;
use bk_kitchen_catalogue::CatalogueState;
use bk_kitchen_ordering::weeks::{self, WeekName};
use bk_persistence::jobs::JobError;
use chrono::{DateTime, Utc};

use super::lock_week::{LockWeek, LockWeekError, LockedBy, lock_week};

/// Locks every week of every active tenant whose cutoff has come: after six hours away too, and
/// each once. A week that cannot be locked keeps no other from it.
pub async fn lock_due_weeks(catalogue: &CatalogueState) -> Result<(), JobError> {
    let kitchen = catalogue.kitchen();
    let now = kitchen.deps().clock.now();
    let mut failures = 0_u32;
    for tenant in kitchen.deps().tenants.active().await? {
        let due =
            kitchen.tenant(tenant).read(move |tx| async move { weeks::due_weeks(&tx, now).await });
        let Ok(due) = due.await.inspect_err(|error| {
            failures += 1;
            tracing::error!(tenant_id = %tenant, %error, "due weeks could not be read");
        }) else {
            continue;
        };
        for week in due {
            let week = week.times.name;
            if let Err(error) = lock_due_week(catalogue, tenant, week, now).await {
                failures += 1;
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
    catalogue: &CatalogueState,
    tenant: TenantId,
    week: WeekName,
    at: DateTime<Utc>,
) -> Result<(), LockWeekError> {
    let state = catalogue.clone();
    let lock = LockWeek { week, by: LockedBy::Cutoff, at };
    let locking = catalogue.tenant(tenant).run_retrying(move |tx| {
        let state = state.clone();
        async move {
            let book = state.book_in(&tx).await?;
            lock_week(&tx, &book, &lock).await
        }
    });
    let locked = locking.await?;
    metrics::counter!("kitchen_weeks_locked_total").increment(1);
    let (orders, meals) = (locked.orders, locked.meals);
    tracing::info!(tenant_id = %tenant, %week, orders, meals, "the week is locked");
    Ok(())
}
