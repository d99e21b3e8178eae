//! Cancelling an order: meals return to the packs they came from, dishes get their capacity back.

use bk_audit::AuditEntry;
use bk_kernel::{Actor, OrderId, Permit, RequestId};
use bk_kitchen_accounts::accounts::{self, AccountScope};
use bk_kitchen_catalogue::CatalogueBook;
use bk_kitchen_core::permissions::OrdersWrite;
use bk_kitchen_wallet::packs::{self, PacksError};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use serde_json::json;
use thiserror::Error;

use super::{
    cancellation::CancellationWindow,
    cause::OrderCause,
    order::{CancelReason, Order, OrderEvent, OrderState},
    read_order::show,
    store,
    view::OrderView,
};
use crate::weeks::window::{BeforeCutoff, OpenWindow};
use crate::{menu, weeks};

/// What to cancel, and why.
#[derive(Debug, Clone)]
pub struct CancelOrder {
    /// The order.
    pub order_id: OrderId,
    /// One of [`CancelReason::BY_STAFF`].
    pub reason: CancelReason,
    /// What to know besides.
    pub note: Option<String>,
    /// The request.
    pub request_id: RequestId,
    /// When.
    pub at: DateTime<Utc>,
}

/// Why it was refused.
#[derive(Debug, Error)]
pub enum CancelOrderError {
    /// There is no such order, or not within the actor's scope.
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
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Cancels a `DRAFT` while its window is open and a `CONFIRMED` order before the cutoff (product
/// page, section 6). Cancelling a cancelled order again answers with it.
pub async fn cancel_order(
    tx: &TenantTx,
    actor: &Actor,
    _permit: Permit<OrdersWrite>,
    book: &CatalogueBook,
    cancel: CancelOrder,
) -> Result<OrderView, CancelOrderError> {
    let found = store::order_by_id(tx, cancel.order_id).await?.ok_or(CancelOrderError::NotFound)?;
    // The account's lock comes first; the order is read again under it.
    let account = accounts::lock_account(tx, found.account_id).await?;
    let account = account
        .filter(|account| AccountScope::of_actor(actor).admits(account))
        .ok_or(CancelOrderError::NotFound)?;
    let order = store::order_by_id(tx, cancel.order_id).await?.ok_or(CancelOrderError::NotFound)?;
    if order.state == OrderState::Cancelled {
        return Ok(show(tx, &account, order, book).await?);
    }
    let event = OrderEvent::Cancelled { reason: cancel.reason };
    let cancelled =
        order.apply(event).map_err(|conflict| CancelOrderError::State(conflict.state))?;
    let window = in_time(tx, &order, cancel.at).await?;
    if order.state.holds_meals() {
        give_back(tx, actor, &order, &cancel).await?;
    }
    store::write_cancellations(tx, window, &[cancelled], cancel.reason, cancel.at).await?;
    let cause = OrderCause {
        actor_id: Some(actor.user_id),
        request_id: Some(cancel.request_id),
        at: cancel.at,
    };
    store::append_events(tx, &[cancelled], cause, cancel.note.as_deref()).await?;
    let entry = AuditEntry::system(cancel.at, "order.cancelled", "order", order.id.to_string())
        .by(actor)
        .request(cancel.request_id)
        .details(json!({ "was": order.state.as_str(), "reason_code": cancel.reason.as_str() }));
    bk_audit::append(tx, entry).await?;
    let order = store::order_by_id(tx, order.id).await?.ok_or(CancelOrderError::NotFound)?;
    Ok(show(tx, &account, order, book).await?)
}

/// Returns the meals of the order to its dishes and packs.
async fn give_back(
    tx: &TenantTx,
    actor: &Actor,
    order: &Order,
    cancel: &CancelOrder,
) -> Result<(), CancelOrderError> {
    menu::release_meals(tx, order.week_id, order.lines.meals_per_dish()).await?;
    let actor = std::sync::Arc::new(actor.clone());
    let ctx = bk_kernel::OperationContext::of_actor(actor, cancel.request_id, cancel.at);
    packs::restore_meals(&ctx, tx, order.account_id, order.id).await?;
    Ok(())
}

async fn in_time(
    tx: &TenantTx,
    order: &Order,
    now: DateTime<Utc>,
) -> Result<CancellationWindow, CancelOrderError> {
    let week = weeks::week_by_id(tx, order.week_id).await?;
    let week = week.ok_or_else(|| DbError::other("an order names no week"))?;
    let window = match order.state {
        OrderState::Draft => OpenWindow::check(&week, now).map(CancellationWindow::Draft),
        _ => BeforeCutoff::check(&week, now).map(CancellationWindow::Confirmed),
    };
    window.map_err(|_| CancelOrderError::TooLate)
}
