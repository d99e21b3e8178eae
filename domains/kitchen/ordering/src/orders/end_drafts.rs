//! Ending the drafts that were not confirmed before the cutoff. They hold no meals.

use bk_kernel::Authorized;
use bk_kitchen_core::permissions::WeeksLock;
use bk_persistence::TenantTx;

use super::{
    cancellation_window::CancellationWindow,
    lock_orders::{LockOrdersError, apply_to_all},
    order::{CancelReason, OrderEvent, OrderState},
    store,
};
use crate::weeks::AfterCutoff;

/// Cancels every draft of a week as having missed its window, and returns how many there were. The
/// accounts that order in the week, and the week's row, must be locked.
pub async fn end_drafts(
    ctx: &Authorized<WeeksLock>,
    tx: &TenantTx,
    cutoff: AfterCutoff,
) -> Result<usize, LockOrdersError> {
    let reason = CancelReason::WindowMissed;
    let drafts = store::orders_of_week(tx, cutoff.week_id(), OrderState::Draft).await?;
    let transitions = apply_to_all(&drafts, OrderEvent::Cancelled { reason })?;
    let window = CancellationWindow::LeftOver(cutoff);
    store::write_cancellations(tx, window, &transitions, reason, ctx.at()).await?;
    store::append_events(ctx, tx, &transitions, None).await?;
    Ok(drafts.len())
}
