//! Makes sure that the coming weeks exist, with the instants the schedule yields.

use bk_contracts::tenants::{PLATFORM_SLUG, ScheduleSettings};
use bk_kitchen_core::KitchenState;
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use thiserror::Error;

use super::store;
use crate::weeks::{
    Schedule,
    schedule::{ScheduleError, WallTime},
};

/// Weeks that exist beyond the current one (product page, section 6: at least 8).
pub const WEEKS_AHEAD: usize = 8;

/// Why weeks could not be generated.
#[derive(Debug, Error)]
pub enum WeeksError {
    /// The tenant's schedule is not one.
    #[error("the tenant's schedule is not usable")]
    Schedule(#[from] ScheduleError),
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Makes sure that the coming weeks of the transaction's tenant exist, by its settings.
pub async fn generate_weeks_of_tenant(
    kitchen: &KitchenState,
    tx: &TenantTx,
) -> Result<(), WeeksError> {
    let settings = kitchen.deps().tenants.settings(tx.tenant_id()).await?;
    let settings = settings.ok_or_else(|| DbError::other("the tenant has no settings"))?;
    // Operators do not cook.
    if settings.slug == PLATFORM_SLUG {
        return Ok(());
    }
    generate_weeks(tx, &settings.schedule, kitchen.deps().clock.now()).await
}

/// Generates the current week and [`WEEKS_AHEAD`] more. Weeks that have opened or hold orders keep
/// their instants; other stored weeks follow the schedule. Running it again changes nothing.
pub async fn generate_weeks(
    tx: &TenantTx,
    settings: &ScheduleSettings,
    now: DateTime<Utc>,
) -> Result<(), WeeksError> {
    let schedule = schedule_of(settings)?;
    store::lock_generator(tx).await?;
    let current = schedule.current(now);
    for week in schedule.weeks(current.name, WEEKS_AHEAD + 1) {
        // A window that a DST gap swallows whole has no length and is skipped.
        if week.opens_at < week.closes_at {
            store::insert_if_absent(tx, &week, &settings.time_zone, now).await?;
            store::reschedule_if_untouched(tx, &week, &settings.time_zone, now).await?;
        }
    }
    Ok(())
}

/// The schedule of a tenant's settings, which are written like `FRI 12:00`.
pub fn schedule_of(settings: &ScheduleSettings) -> Result<Schedule, ScheduleError> {
    let wall = |text: &str| {
        let (weekday, time) = text.split_once(' ').ok_or(ScheduleError::Time)?;
        WallTime::parse(weekday, time)
    };
    Schedule::new(
        Schedule::parse_zone(&settings.time_zone)?,
        wall(&settings.window_opens)?,
        wall(&settings.window_closes)?,
        wall(&settings.cutoff)?,
    )
}
