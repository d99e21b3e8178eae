//! The use cases: the ledger has decided what became of a purchase. Worker role only.

use bk_kernel::OperationContext;
use bk_persistence::{DbError, TenantTx};

use super::{
    purchase::{Purchase, ReviewReason, Transition},
    store,
};

/// Makes a purchase paid by `payment_intent` (`pi_…`), and records that the payment belongs to it. A
/// reason for review is dropped. The caller holds the lock of the purchase.
///
/// Fails with [`DbError`] when the payment belongs to another purchase already.
pub(crate) async fn mark_paid(
    ctx: &OperationContext,
    tx: &TenantTx,
    purchase: &Purchase,
    transition: Transition,
    payment_intent: &str,
) -> Result<(), DbError> {
    store::mark_paid(tx, purchase.id, transition, payment_intent, ctx.at()).await?;
    store::put_owner(tx, payment_intent, purchase.id).await
}

/// Cancels a purchase that nobody can pay any more. It gives up its request key, so that the same
/// request starts a new purchase, and what was kept for opening its page. The caller holds the lock of
/// the purchase.
pub(crate) async fn cancel_purchase(
    tx: &TenantTx,
    purchase: &Purchase,
    transition: Transition,
) -> Result<(), DbError> {
    store::cancel(tx, purchase.id, transition).await
}

/// Keeps the state of a purchase and asks staff to review it. The caller holds the lock of the
/// purchase.
pub(crate) async fn hold_purchase(
    tx: &TenantTx,
    purchase: &Purchase,
    reason: ReviewReason,
) -> Result<(), DbError> {
    if purchase.review_reason == Some(reason) {
        return Ok(());
    }
    store::set_review_reason(tx, purchase.id, reason).await
}
