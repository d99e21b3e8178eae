//! Which week is meant. Use cases of other slices ask here under a permission of their own.

use bk_kernel::OrderWeekId;
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};

use super::{order_week::OrderWeek, store, week_name::WeekName};

/// The week of this name.
pub async fn week_by_name(tx: &TenantTx, name: WeekName) -> Result<Option<OrderWeek>, DbError> {
    store::week_by_name(tx, name).await
}

/// The week of this id.
pub async fn week_by_id(tx: &TenantTx, id: OrderWeekId) -> Result<Option<OrderWeek>, DbError> {
    store::week_by_id(tx, id).await
}

/// The earliest week whose cutoff has not come at `now`: upcoming, open, or closed and about to lock.
pub async fn current_week(tx: &TenantTx, now: DateTime<Utc>) -> Result<Option<OrderWeek>, DbError> {
    store::current_week(tx, now).await
}

/// The earliest week that can be ordered for at `now` or later: open, or the next to open.
pub async fn orderable_week(
    tx: &TenantTx,
    now: DateTime<Utc>,
) -> Result<Option<OrderWeek>, DbError> {
    store::orderable_week(tx, now).await
}

/// Weeks whose cutoff has come and that are not locked, oldest first.
pub async fn due_weeks(tx: &TenantTx, now: DateTime<Utc>) -> Result<Vec<OrderWeek>, DbError> {
    store::due_weeks(tx, now).await
}
