//! The frozen plans of a week, for the people who cook by them.

use bk_kernel::Authorized;
use bk_kitchen_core::permissions::ProductionRead;
use bk_kitchen_ordering::weeks::{self, OrderWeek, WeekName};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{plan::FrozenPlan, store};

/// A locked week with its plan and the deltas to it, by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeekPlans {
    /// The locked week.
    pub week: OrderWeek,
    /// The plan frozen at lock, number 0, then its deltas.
    pub plans: Vec<FrozenPlan>,
}

/// Why there are no plans.
#[derive(Debug, Error)]
pub enum GetPlansError {
    /// There is no such week.
    #[error("no such week")]
    NotFound,
    /// The week is not locked, so nothing is frozen.
    #[error("the week is not locked; its cutoff is at {cutoff_at}")]
    NotLocked {
        /// From when on the week can be locked.
        cutoff_at: DateTime<Utc>,
    },
    /// The plans could not be read.
    #[error("database")]
    Db(#[from] DbError),
}

/// Returns the plans of a locked week. Fails with [`GetPlansError::NotLocked`] before it is locked.
pub async fn get_plans(
    _ctx: &Authorized<ProductionRead>,
    tx: &TenantTx,
    name: WeekName,
) -> Result<WeekPlans, GetPlansError> {
    let week = weeks::week_by_name(tx, name).await?.ok_or(GetPlansError::NotFound)?;
    if week.locked_at.is_none() {
        return Err(GetPlansError::NotLocked { cutoff_at: week.times.cutoff_at });
    }
    let plans = store::plans_of_week(tx, week.id).await?;
    Ok(WeekPlans { week, plans })
}
