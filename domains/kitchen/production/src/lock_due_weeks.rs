//! Locking every week whose cutoff has come.

use bk_kernel::{Authorized, OperationContext};
use bk_kitchen_catalogue::CatalogueState;
use bk_kitchen_core::permissions::WeeksLock;
use bk_kitchen_ordering::weeks::{self, WeekName};
use bk_persistence::jobs::{JobContext, JobError, for_each_tenant};

use super::lock_week::{LockWeekError, lock_week};

/// Locks every week of every active tenant whose cutoff had come when the job began: after six hours
/// of standstill too, and each once. Fails, to be retried, when a week could not be locked; the others
/// are.
pub async fn lock_due_weeks(catalogue: &CatalogueState, job: &JobContext) -> Result<(), JobError> {
    let tenants = catalogue.kitchen().deps().tenants.active().await?;
    for_each_tenant(job, tenants, async |ctx| lock_weeks_of_tenant(ctx, catalogue).await).await
}

/// The same for the tenant of the context.
async fn lock_weeks_of_tenant(
    ctx: OperationContext,
    catalogue: &CatalogueState,
) -> Result<(), JobError> {
    let ctx = Authorized::check(ctx).map_err(|code| JobError::give_up(code.as_str()))?;
    let due = catalogue
        .db()
        .read(&ctx, ctx.clone(), async |tx, ctx: Authorized<WeeksLock>| {
            weeks::due_weeks(&ctx, &tx).await
        })
        .await?;
    let mut failed = 0_u32;
    for week in due {
        let week = week.times.name;
        if let Err(error) = lock_due_week(&ctx, catalogue, week).await {
            failed += 1;
            tracing::error!(%week, %error, "a week could not be locked");
        }
    }
    match failed {
        0 => Ok(()),
        failed => Err(JobError::retry(format!("{failed} weeks are not locked"))),
    }
}

async fn lock_due_week(
    ctx: &Authorized<WeeksLock>,
    catalogue: &CatalogueState,
    week: WeekName,
) -> Result<(), LockWeekError> {
    let input = (ctx.clone(), catalogue.clone(), week);
    let locked = catalogue
        .db()
        .transaction(ctx, input, async |tx, (ctx, catalogue, week)| {
            let snapshot = catalogue.snapshot_in(&tx).await?;
            lock_week(&ctx, &tx, &snapshot, week).await
        })
        .await?;
    metrics::counter!("kitchen_weeks_locked_total").increment(1);
    let (orders, meals) = (locked.orders, locked.meals);
    tracing::info!(%week, orders, meals, "the week is locked");
    Ok(())
}
