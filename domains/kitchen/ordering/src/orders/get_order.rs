//! Getting one order: one's own, or that of an account a member of staff may see. Whatever lies
//! outside is as if it did not exist.

use bk_kernel::{Authorized, OperationContext, OrderId};
use bk_kitchen_accounts::accounts::{self, Account, AccountScope};
use bk_kitchen_catalogue::snapshot::CatalogueSnapshot;
use bk_kitchen_core::permissions::{OrdersRead, OwnOrdersRead};
use bk_persistence::{DbError, TenantTx};

use super::{
    order::Order,
    order_view::{OrderView, view_order},
    store,
};
use crate::weeks;

/// Returns the live order of the caller's account for the current week, if there is one.
pub async fn get_current_order(
    ctx: &Authorized<OwnOrdersRead>,
    tx: &TenantTx,
    snapshot: &CatalogueSnapshot,
) -> Result<Option<OrderView>, DbError> {
    let Some(account) = own_account(ctx, tx).await? else { return Ok(None) };
    let Some(week) = weeks::current_week(ctx, tx).await? else { return Ok(None) };
    match store::live_order(tx, account.id, week.id).await? {
        Some(order) => Ok(Some(view_order(tx, &account, &week, order, snapshot).await?)),
        None => Ok(None),
    }
}

/// Returns an order of the caller's account; none when it is not one of theirs.
pub async fn get_own_order(
    ctx: &Authorized<OwnOrdersRead>,
    tx: &TenantTx,
    snapshot: &CatalogueSnapshot,
    id: OrderId,
) -> Result<Option<OrderView>, DbError> {
    let Some(account) = own_account(ctx, tx).await? else { return Ok(None) };
    let order = store::order_by_id(tx, id).await?;
    match order.filter(|order| order.account_id == account.id) {
        Some(order) => view_with_week(tx, &account, order, snapshot).await.map(Some),
        None => Ok(None),
    }
}

/// Returns an order; none when there is none or the caller may not see its account.
pub async fn get_order(
    ctx: &Authorized<OrdersRead>,
    tx: &TenantTx,
    snapshot: &CatalogueSnapshot,
    id: OrderId,
) -> Result<Option<OrderView>, DbError> {
    let Some(order) = store::order_by_id(tx, id).await? else { return Ok(None) };
    match accounts::account_in_scope(tx, order.account_id, AccountScope::of(ctx)).await? {
        Some(account) => view_with_week(tx, &account, order, snapshot).await.map(Some),
        None => Ok(None),
    }
}

async fn own_account(ctx: &OperationContext, tx: &TenantTx) -> Result<Option<Account>, DbError> {
    match ctx.user_id() {
        Some(user) => accounts::account_of(tx, user).await,
        None => Ok(None),
    }
}

/// Returns the view of an order, with the week it is for.
pub(super) async fn view_with_week(
    tx: &TenantTx,
    account: &Account,
    order: Order,
    snapshot: &CatalogueSnapshot,
) -> Result<OrderView, DbError> {
    let week = weeks::week_by_id(tx, order.week_id).await?;
    let week = week.ok_or_else(|| DbError::other("an order names no week"))?;
    view_order(tx, account, &week, order, snapshot).await
}
