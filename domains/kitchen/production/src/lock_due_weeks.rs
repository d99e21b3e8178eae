//! Locking every week whose cutoff has come.

use bk_kernel::{Authorized, OperationContext};
use bk_kitchen_catalogue::CatalogueState;
use bk_kitchen_ordering::weeks;
use bk_persistence::{
    DbError,
    jobs::{JobContext, JobError, for_each_tenant},
};

use super::lock_week::{LockWeek, LockWeekError, lock_week};

/// Locks every week of every active tenant whose cutoff has come: after six hours away too, and
/// each once. A week that cannot be locked keeps no other from it. Fails, to be retried, when one
/// could not be locked.
pub async fn lock_due_weeks(catalogue: &CatalogueState, job: &JobContext) -> Result<(), JobError> {
    let tenants = catalogue.kitchen().deps().tenants.active().await?;
    for_each_tenant(job, tenants, async |ctx| lock_weeks_of_tenant(catalogue, &ctx).await).await
}

async fn lock_weeks_of_tenant(
    catalogue: &CatalogueState,
    ctx: &OperationContext,
) -> Result<(), JobError> {
    let read = async |tx, ctx: OperationContext| weeks::due_weeks(&ctx, &tx).await;
    let due = catalogue.db().read::<_, _, DbError, _, _>(ctx, ctx.clone(), read).await?;
    let mut failures = 0_u32;
    for week in due {
        let command = LockWeek { week: week.times.name };
        if let Err(error) = lock_due_week(catalogue, ctx, command).await {
            failures += 1;
            tracing::error!(week = %command.week, %error, "a week could not be locked");
        }
    }
    match failures {
        0 => Ok(()),
        failures => Err(JobError::retry(format!("{failures} weeks are not locked"))),
    }
}

async fn lock_due_week(
    catalogue: &CatalogueState,
    ctx: &OperationContext,
    command: LockWeek,
) -> Result<(), LockWeekError> {
    // The product itself holds every permission.
    let authorized = Authorized::check(ctx.clone()).map_err(LockWeekError::Permission)?;
    let input = (authorized, catalogue.clone(), command);
    let locking = catalogue.db().transaction(ctx, input, async |tx, (ctx, catalogue, command)| {
        let snapshot = catalogue.book_in(&tx).await?;
        lock_week(&ctx, &tx, &snapshot, command).await
    });
    let locked = locking.await?;
    metrics::counter!("kitchen_weeks_locked_total").increment(1);
    let (orders, meals) = (locked.orders, locked.meals);
    tracing::info!(week = %command.week, orders, meals, "the week is locked");
    Ok(())
}
