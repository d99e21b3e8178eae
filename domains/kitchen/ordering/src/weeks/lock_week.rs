//! Locking the row of a week: shared by those who begin orders in it, alone by the one who closes it.

use bk_kernel::OrderWeekId;
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};

use super::{
    order_week::OrderWeek,
    store,
    window::{AfterCutoff, OpenWindow},
};

/// Keeps the week from being locked until the transaction ends, for the use case that begins an order
/// in it. False when it is locked already.
pub async fn hold_unlocked(tx: &TenantTx, window: OpenWindow) -> Result<bool, DbError> {
    store::hold_unlocked(tx, window).await
}

/// Locks the row of a week until the transaction ends, so that nobody begins an order in it meanwhile.
/// To be called after the accounts that order in it are locked. None when there is no such week.
pub async fn lock_week_row(tx: &TenantTx, id: OrderWeekId) -> Result<Option<OrderWeek>, DbError> {
    store::lock_week_row(tx, id).await
}

/// Records that the week is locked. The transaction must hold its row.
pub async fn mark_locked(
    tx: &TenantTx,
    cutoff: AfterCutoff,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    store::mark_locked(tx, cutoff, at).await
}
