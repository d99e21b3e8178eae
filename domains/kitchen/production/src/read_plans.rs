//! The frozen plans of a week.

use bk_kernel::Permit;
use bk_kitchen_core::permissions::ProductionRead;
use bk_kitchen_ordering::weeks::{self, OrderWeek, WeekName};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{plan::FrozenPlan, store};

/// A locked week with its plan and the deltas to it, by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeekPlans {
    /// The week.
    pub week: OrderWeek,
    /// Number 0 first.
    pub plans: Vec<FrozenPlan>,
}

/// Why there are no plans.
#[derive(Debug, Error)]
pub enum ReadPlansError {
    /// There is no such week.
    #[error("no such week")]
    NotFound,
    /// The week is not locked, so nothing is frozen.
    #[error("the week is not locked; its cutoff is at {cutoff_at}")]
    NotLocked {
        /// When it can be locked.
        cutoff_at: DateTime<Utc>,
    },
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// The plans of a locked week.
pub async fn read_plans(
    tx: &TenantTx,
    _permit: Permit<ProductionRead>,
    name: WeekName,
) -> Result<WeekPlans, ReadPlansError> {
    let week = weeks::week_by_name(tx, name).await?.ok_or(ReadPlansError::NotFound)?;
    if week.locked_at.is_none() {
        return Err(ReadPlansError::NotLocked { cutoff_at: week.times.cutoff_at });
    }
    let plans = store::plans_of_week(tx, week.id).await?;
    Ok(WeekPlans { week, plans })
}
