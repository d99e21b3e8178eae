//! Drafting the order of the week: the lines are replaced as a whole.

use bk_kernel::{Actor, DishId, Permit, RequestId};
use bk_kitchen_accounts::accounts::{self, AccountStatus};
use bk_kitchen_catalogue::book::CatalogueBook;
use bk_kitchen_core::permissions::OwnOrdersWrite;
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{
    cause::OrderCause,
    lines::OrderLines,
    order::{Order, OrderEvent, OrderState, OrderStateConflict},
    store,
    view::{OrderView, view_order},
};
use crate::weeks::window::OpenWindow;
use crate::{menu, weeks};

/// Why a draft was not changed.
#[derive(Debug, Error)]
pub enum ReplaceLinesError {
    /// The person has no account.
    #[error("no account")]
    NotFound,
    /// The window is not open.
    #[error("the window is closed")]
    WindowClosed,
    /// The order is not a draft any more.
    #[error("the order is {0}")]
    State(OrderState),
    /// The account may not order.
    #[error("the account is {0}")]
    Account(AccountStatus),
    /// A line names a dish that the published menu does not offer.
    #[error("a dish is not on the menu")]
    NotOnMenu {
        /// The dish.
        dish_id: DishId,
    },
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Replaces the lines of the caller's draft, and begins it when there is none. Doing it twice gives
/// the same draft.
pub async fn replace_lines(
    tx: &TenantTx,
    actor: &Actor,
    _permit: Permit<OwnOrdersWrite>,
    book: &CatalogueBook,
    lines: OrderLines,
    request_id: RequestId,
    at: DateTime<Utc>,
) -> Result<OrderView, ReplaceLinesError> {
    let account =
        accounts::lock_account_of(tx, actor.user_id).await?.ok_or(ReplaceLinesError::NotFound)?;
    let week = weeks::current_week(tx, at).await?.ok_or(ReplaceLinesError::WindowClosed)?;
    let order = store::live_order(tx, account.id, week.id).await?;
    if let Some(order) = &order {
        order.apply(OrderEvent::LinesReplaced).map_err(ReplaceLinesError::state)?;
    }
    let window = OpenWindow::check(&week, at).map_err(|_| ReplaceLinesError::WindowClosed)?;
    if account.status != AccountStatus::Active {
        return Err(ReplaceLinesError::Account(account.status));
    }
    let dishes = lines.meals_per_dish();
    let offered = menu::offered(tx, week.id, dishes.keys().copied()).await?;
    if let Some(dish_id) = dishes.into_keys().find(|dish| !offered.contains_key(dish)) {
        return Err(ReplaceLinesError::NotOnMenu { dish_id });
    }
    let draft = match order {
        Some(order) => order,
        None if weeks::hold_unlocked(tx, window).await? => {
            let draft = Order::draft(account.id, window, at);
            store::insert_draft(tx, &draft).await?;
            draft
        }
        None => return Err(ReplaceLinesError::WindowClosed),
    };
    let replaced = draft.apply(OrderEvent::LinesReplaced).map_err(ReplaceLinesError::state)?;
    store::replace_lines(tx, window, &replaced, &lines, at).await?;
    let cause = OrderCause { actor_id: Some(actor.user_id), request_id: Some(request_id), at };
    store::append_events(tx, &[replaced], cause, None).await?;
    let order = store::order_by_id(tx, draft.id).await?.ok_or(ReplaceLinesError::NotFound)?;
    Ok(view_order(tx, &account, &week, order, book).await?)
}

impl ReplaceLinesError {
    const fn state(conflict: OrderStateConflict) -> Self {
        Self::State(conflict.state)
    }
}
