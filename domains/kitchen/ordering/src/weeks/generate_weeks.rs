//! Makes sure that the coming weeks exist, with the instants the schedule yields.

use bk_contracts::tenants::ScheduleSettings;
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use thiserror::Error;

use super::store;
use crate::ordering::{
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
