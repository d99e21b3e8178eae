//! Cancelling an order: meals return to the packs they came from, dishes get their capacity back.

use bk_audit::AuditEntry;
use bk_kernel::{Authorized, OrderId};
use bk_kitchen_accounts::accounts::{self, AccountScope};
use bk_kitchen_catalogue::CatalogueSnapshot;
use bk_kitchen_core::permissions::OrdersWrite;
use bk_kitchen_wallet::packs::{self, PacksError};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    cancellation_window::CancellationWindow,
    get_order::view_with_week,
    order::{Order, OrderEvent, OrderState, StaffCancelReason},
    order_view::OrderView,
    store,
};
use crate::{
    menu,
    weeks::{self, BeforeCutoff, OpenWindow},
};

/// What to cancel, and why.
#[derive(Debug, Clone)]
pub struct CancelOrder {
    /// The order to cancel.
    pub order_id: OrderId,
    /// Why it is cancelled.
    pub reason: StaffCancelReason,
    /// What to know besides, for the record.
    pub note: Option<String>,
}

/// Why an order was not cancelled. Nothing was changed.
#[derive(Debug, Error)]
pub enum CancelOrderError {
    /// There is no such order, or not one of an account that the caller may see.
    #[error("no such order")]
    NotFound,
    /// The order is in a state that cannot be cancelled.
    #[error("the order is {0}")]
    State(OrderState),
    /// A draft after its window, a confirmed order after the cutoff.
    #[error("the time for cancelling has passed")]
    TooLate,
    /// Meals could not be returned.
    #[error(transparent)]
    Packs(#[from] PacksError),
    /// The order could not be read or stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// Cancels a `DRAFT` while its window is open and a `CONFIRMED` order before the cutoff
/// (docs/product.md, section 6). Cancelling a cancelled order again answers with it.
pub async fn cancel_order(
    ctx: &Authorized<OrdersWrite>,
    tx: &TenantTx,
    snapshot: &CatalogueSnapshot,
    cancel: CancelOrder,
) -> Result<OrderView, CancelOrderError> {
    let found = store::order_by_id(tx, cancel.order_id).await?.ok_or(CancelOrderError::NotFound)?;
    // The account's lock comes first; the order is read again under it.
    let account = accounts::lock_account(tx, found.account_id).await?;
    let account = account
        .filter(|account| AccountScope::of(ctx).admits(account))
        .ok_or(CancelOrderError::NotFound)?;
    let order = store::order_by_id(tx, cancel.order_id).await?.ok_or(CancelOrderError::NotFound)?;
    if order.state == OrderState::Cancelled {
        return Ok(view_with_week(tx, &account, order, snapshot).await?);
    }
    let reason = cancel.reason.into();
    let event = OrderEvent::Cancelled { reason };
    let cancelled =
        order.apply(event).map_err(|conflict| CancelOrderError::State(conflict.state))?;
    let window = window_of(ctx, tx, &order).await?;
    if order.state.holds_meals() {
        return_meals(ctx, tx, &order).await?;
    }
    store::write_cancellations(tx, window, &[cancelled], reason, ctx.at()).await?;
    store::append_events(ctx, tx, &[cancelled], cancel.note.as_deref()).await?;
    let details = json!({ "was": order.state.as_str(), "reason_code": cancel.reason.as_str() });
    let entry = AuditEntry::of(ctx, "order.cancelled", "order", order.id).details(details);
    bk_audit::append(tx, entry).await?;
    let order = store::order_by_id(tx, order.id).await?.ok_or(CancelOrderError::NotFound)?;
    Ok(view_with_week(tx, &account, order, snapshot).await?)
}

/// Returns the meals of the order to its dishes and packs.
async fn return_meals(
    ctx: &Authorized<OrdersWrite>,
    tx: &TenantTx,
    order: &Order,
) -> Result<(), CancelOrderError> {
    menu::release_meals(ctx, tx, order.week_id, order.lines.meals_per_dish()).await?;
    packs::restore_meals(ctx, tx, order.account_id, order.id).await?;
    Ok(())
}

/// Proof that the order may be cancelled now. Fails when its time has passed.
async fn window_of(
    ctx: &Authorized<OrdersWrite>,
    tx: &TenantTx,
    order: &Order,
) -> Result<CancellationWindow, CancelOrderError> {
    let week = weeks::week_by_id(tx, order.week_id).await?;
    let week = week.ok_or_else(|| DbError::other("an order names no week"))?;
    let window = match order.state {
        OrderState::Draft => OpenWindow::check(&week, ctx.at()).map(CancellationWindow::Draft),
        _ => BeforeCutoff::check(&week, ctx.at()).map(CancellationWindow::Confirmed),
    };
    window.map_err(|_| CancelOrderError::TooLate)
}
