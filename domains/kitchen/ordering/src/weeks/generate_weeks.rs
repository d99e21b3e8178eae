//! Makes sure that the coming weeks exist, with the instants the schedule yields.

use bk_contracts::tenants::{PLATFORM_SLUG, ScheduleSettings};
use bk_kernel::{OperationContext, ScheduleError, WeeklySchedule};
use bk_kitchen_core::KitchenState;
use bk_persistence::{DbError, TenantTx};
use thiserror::Error;

use super::{store, week_times::WeekTimes};

/// Weeks that exist beyond the current one (docs/product.md, section 6: at least 8).
pub const WEEKS_AHEAD: usize = 8;

/// Why weeks could not be generated.
#[derive(Debug, Error)]
pub enum WeeksError {
    /// The stored schedule of the tenant is none.
    #[error("the tenant's schedule is not usable")]
    Schedule(#[from] ScheduleError),
    /// The weeks could not be read or stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// Makes sure that the coming weeks of the operation's tenant exist, by its settings. Fails when the
/// schedule in them is none.
pub async fn generate_weeks_of_tenant(
    ctx: &OperationContext,
    tx: &TenantTx,
    kitchen: &KitchenState,
) -> Result<(), WeeksError> {
    let settings = kitchen.deps().tenants.settings(ctx.tenant_id()).await?;
    let settings = settings.ok_or_else(|| DbError::other("the tenant has no settings"))?;
    // Operators do not cook.
    if settings.slug == PLATFORM_SLUG {
        return Ok(());
    }
    Ok(generate_weeks(ctx, tx, &schedule_of(&settings.schedule)?).await?)
}

/// Generates the current week and [`WEEKS_AHEAD`] more. Weeks that have opened or hold orders keep
/// their instants; other stored weeks follow the schedule. Running it again changes nothing.
pub async fn generate_weeks(
    ctx: &OperationContext,
    tx: &TenantTx,
    schedule: &WeeklySchedule,
) -> Result<(), DbError> {
    store::lock_generator(tx).await?;
    let current = WeekTimes::current(schedule, ctx.at());
    for week in WeekTimes::series(schedule, current.name, WEEKS_AHEAD + 1) {
        // A window that a DST gap swallows whole has no length and is skipped.
        if week.opens_at < week.closes_at {
            let time_zone = schedule.time_zone().name();
            store::insert_if_absent(tx, &week, time_zone, ctx.at()).await?;
            store::reschedule_if_untouched(tx, &week, time_zone, ctx.at()).await?;
        }
    }
    Ok(())
}

/// Parses the schedule of a tenant's settings. Fails with the first of its texts that cannot be read,
/// and when its times are not in order.
pub fn schedule_of(settings: &ScheduleSettings) -> Result<WeeklySchedule, ScheduleError> {
    let ScheduleSettings { time_zone, window_opens, window_closes, cutoff } = settings;
    WeeklySchedule::parse(time_zone, window_opens, window_closes, cutoff)
}
