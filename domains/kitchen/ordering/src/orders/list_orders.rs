//! Lists of orders, newest first: one's own, and those of the accounts a member of staff may see.

use bk_kernel::{AccountId, Authorized, Cursor, Limit, Page};
use bk_kitchen_accounts::accounts::{self, AccountScope};
use bk_kitchen_core::permissions::{AccountsRead, OrdersRead, OwnOrdersRead};
use bk_persistence::{DbError, TenantTx};

use super::{
    order::{Order, OrderFilter, OrderState},
    store,
};
use crate::weeks::{self, WeekName};

/// Which orders to list, of those that the caller may see.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListOrders {
    /// Orders for one week.
    pub week: Option<WeekName>,
    /// Orders in one state.
    pub state: Option<OrderState>,
}

/// Returns a page of orders of the accounts that the caller may see; none when there is no such week.
pub async fn list_orders(
    ctx: &Authorized<OrdersRead>,
    tx: &TenantTx,
    ListOrders { week, state }: ListOrders,
    page: (Limit, Option<Cursor>),
) -> Result<Option<Page<Order>>, DbError> {
    let week_id = match week {
        None => None,
        Some(name) => match weeks::week_by_name(tx, name).await? {
            Some(week) => Some(week.id),
            None => return Ok(None),
        },
    };
    let managed_by = match AccountScope::of(ctx) {
        AccountScope::All => None,
        AccountScope::ManagedBy(user) => Some(user),
    };
    let filter = OrderFilter { account_id: None, managed_by, week_id, state };
    store::list_orders(tx, &filter, page).await.map(Some)
}

/// Returns a page of the orders of an account; none when there is none or the caller may not see it.
pub async fn list_account_orders(
    ctx: &Authorized<AccountsRead>,
    tx: &TenantTx,
    account: AccountId,
    page: (Limit, Option<Cursor>),
) -> Result<Option<Page<Order>>, DbError> {
    match accounts::get_account(ctx, tx, account).await? {
        Some(account) => of_account(tx, account.id, page).await.map(Some),
        None => Ok(None),
    }
}

/// Returns a page of the orders of the caller's account; none for a person without one.
pub async fn list_own_orders(
    ctx: &Authorized<OwnOrdersRead>,
    tx: &TenantTx,
    page: (Limit, Option<Cursor>),
) -> Result<Option<Page<Order>>, DbError> {
    let Some(user) = ctx.user_id() else { return Ok(None) };
    match accounts::account_of_user(tx, user).await? {
        Some(account) => of_account(tx, account, page).await.map(Some),
        None => Ok(None),
    }
}

async fn of_account(
    tx: &TenantTx,
    account: AccountId,
    page: (Limit, Option<Cursor>),
) -> Result<Page<Order>, DbError> {
    let filter = OrderFilter { account_id: Some(account), ..OrderFilter::default() };
    store::list_orders(tx, &filter, page).await
}
