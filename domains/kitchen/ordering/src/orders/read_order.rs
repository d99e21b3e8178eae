//! Reading orders: one's own, and those of the accounts a member of staff may see. Whatever lies
//! outside is as if it did not exist.

use bk_kernel::{Actor, OrderId, Permit};
use bk_kitchen_accounts::accounts::{self, Account, AccountScope};
use bk_kitchen_catalogue::book::CatalogueBook;
use bk_kitchen_core::permissions::{OrdersRead, OwnOrdersRead};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};

use super::{
    order::Order,
    store,
    view::{OrderView, view_order},
};
use crate::weeks;

/// The caller's live order of the current week.
pub async fn own_current_order(
    tx: &TenantTx,
    actor: &Actor,
    _permit: Permit<OwnOrdersRead>,
    book: &CatalogueBook,
    now: DateTime<Utc>,
) -> Result<Option<OrderView>, DbError> {
    let Some(account) = accounts::account_of(tx, actor.user_id).await? else { return Ok(None) };
    let Some(week) = weeks::current_week(tx, now).await? else { return Ok(None) };
    match store::live_order(tx, account.id, week.id).await? {
        Some(order) => Ok(Some(view_order(tx, &account, &week, order, book).await?)),
        None => Ok(None),
    }
}

/// An order of the caller's account.
pub async fn own_order(
    tx: &TenantTx,
    actor: &Actor,
    _permit: Permit<OwnOrdersRead>,
    book: &CatalogueBook,
    id: OrderId,
) -> Result<Option<OrderView>, DbError> {
    let Some(account) = accounts::account_of(tx, actor.user_id).await? else { return Ok(None) };
    let order = store::order_by_id(tx, id).await?;
    match order.filter(|order| order.account_id == account.id) {
        Some(order) => show(tx, &account, order, book).await.map(Some),
        None => Ok(None),
    }
}

/// An order of an account that the actor may see.
pub async fn get_order(
    tx: &TenantTx,
    actor: &Actor,
    _permit: Permit<OrdersRead>,
    book: &CatalogueBook,
    id: OrderId,
) -> Result<Option<OrderView>, DbError> {
    let Some(order) = store::order_by_id(tx, id).await? else { return Ok(None) };
    match accounts::account_in_scope(tx, order.account_id, AccountScope::of_actor(actor)).await? {
        Some(account) => show(tx, &account, order, book).await.map(Some),
        None => Ok(None),
    }
}

/// Shows an order with its week.
pub(super) async fn show(
    tx: &TenantTx,
    account: &Account,
    order: Order,
    book: &CatalogueBook,
) -> Result<OrderView, DbError> {
    let week = weeks::week_by_id(tx, order.week_id).await?;
    let week = week.ok_or_else(|| DbError::other("an order names no week"))?;
    view_order(tx, account, &week, order, book).await
}
