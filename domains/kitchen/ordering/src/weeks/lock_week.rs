//! Locking the row of a week: shared by those who begin orders in it, alone by the one who closes it.

use bk_kernel::{Authorized, OrderWeekId};
use bk_kitchen_core::permissions::{OwnOrdersWrite, WeeksLock};
use bk_persistence::{DbError, TenantTx};

use super::{
    order_week::OrderWeek,
    store,
    window::{AfterCutoff, OpenWindow},
};

/// Keeps the week from being locked until the transaction ends, for the use case that begins an order
/// in it. Returns false when it is locked already.
pub(crate) async fn hold_unlocked(
    _ctx: &Authorized<OwnOrdersWrite>,
    tx: &TenantTx,
    window: OpenWindow,
) -> Result<bool, DbError> {
    store::hold_unlocked(tx, window).await
}

/// Locks the row of a week until the transaction ends, so that no order begins in it meanwhile.
/// To be called after the accounts that order in it are locked. Returns none when there is no such
/// week.
pub async fn lock_week_row(
    _ctx: &Authorized<WeeksLock>,
    tx: &TenantTx,
    id: OrderWeekId,
) -> Result<Option<OrderWeek>, DbError> {
    store::lock_week_row(tx, id).await
}

/// Records that the week was locked when the operation began. The transaction must hold its row.
pub async fn mark_locked(
    ctx: &Authorized<WeeksLock>,
    tx: &TenantTx,
    cutoff: AfterCutoff,
) -> Result<(), DbError> {
    store::mark_locked(tx, cutoff, ctx.at()).await
}
