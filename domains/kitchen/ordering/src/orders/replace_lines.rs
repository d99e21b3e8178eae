//! Drafting the order of the week: the lines are replaced as a whole.

use bk_kernel::{Authorized, DishId};
use bk_kitchen_accounts::accounts::{self, AccountStatus};
use bk_kitchen_catalogue::snapshot::CatalogueSnapshot;
use bk_kitchen_core::permissions::OwnOrdersWrite;
use bk_persistence::{DbError, TenantTx};
use thiserror::Error;

use super::{
    lines::OrderLines,
    order::{Order, OrderEvent, OrderState, OrderStateConflict},
    order_view::{OrderView, view_order},
    store,
};
use crate::{
    menu,
    weeks::{self, OpenWindow},
};

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
    /// A line names a dish that is not on the published menu.
    #[error("a dish is not on the menu")]
    NotOnMenu {
        /// The id of the dish.
        dish_id: DishId,
    },
    /// The draft could not be read or stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// Replaces the lines of the caller's draft, and begins it when there is none. Doing it twice gives
/// the same draft.
pub async fn replace_lines(
    ctx: &Authorized<OwnOrdersWrite>,
    tx: &TenantTx,
    snapshot: &CatalogueSnapshot,
    lines: OrderLines,
) -> Result<OrderView, ReplaceLinesError> {
    let user = ctx.user_id().ok_or(ReplaceLinesError::NotFound)?;
    let account = accounts::lock_account_of(tx, user).await?.ok_or(ReplaceLinesError::NotFound)?;
    let week = weeks::current_week(ctx, tx).await?.ok_or(ReplaceLinesError::WindowClosed)?;
    let order = store::live_order(tx, account.id, week.id).await?;
    if let Some(order) = &order {
        order.apply(OrderEvent::LinesReplaced).map_err(ReplaceLinesError::state)?;
    }
    let window = OpenWindow::check(&week, ctx.at()).map_err(|_| ReplaceLinesError::WindowClosed)?;
    if account.status != AccountStatus::Active {
        return Err(ReplaceLinesError::Account(account.status));
    }
    let dishes = lines.meals_per_dish();
    let on_menu = menu::on_menu(tx, week.id, dishes.keys().copied()).await?;
    if let Some(dish_id) = dishes.into_keys().find(|dish| !on_menu.contains_key(dish)) {
        return Err(ReplaceLinesError::NotOnMenu { dish_id });
    }
    let draft = match order {
        Some(order) => order,
        None if weeks::hold_unlocked(ctx, tx, window).await? => {
            let draft = Order::draft(account.id, window, ctx.at());
            store::insert_draft(tx, &draft).await?;
            draft
        }
        None => return Err(ReplaceLinesError::WindowClosed),
    };
    let replaced = draft.apply(OrderEvent::LinesReplaced).map_err(ReplaceLinesError::state)?;
    store::replace_lines(tx, window, &replaced, &lines, ctx.at()).await?;
    store::append_events(ctx, tx, &[replaced], None).await?;
    let order = store::order_by_id(tx, draft.id).await?.ok_or(ReplaceLinesError::NotFound)?;
    Ok(view_order(tx, &account, &week, order, snapshot).await?)
}

impl ReplaceLinesError {
    const fn state(conflict: OrderStateConflict) -> Self {
        Self::State(conflict.state)
    }
}
