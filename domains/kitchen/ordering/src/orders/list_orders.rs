//! Lists of orders, newest first: one's own, and those of the accounts a member of staff may see.

use bk_kernel::{AccountId, Actor, Cursor, Limit, Page, Permit};
use bk_kitchen_accounts::accounts::{self, AccountScope};
use bk_kitchen_core::permissions::{AccountsRead, OrdersRead, OwnOrdersRead};
use bk_persistence::{DbError, TenantTx};

use super::{
    order::{Order, OrderFilter, OrderState},
    store,
};
use crate::weeks::{self, WeekName};

/// Orders of the accounts that the actor may see, of one week and in one state if so asked. None when
/// there is no such week.
pub async fn list_orders(
    tx: &TenantTx,
    actor: &Actor,
    _permit: Permit<OrdersRead>,
    (week, state): (Option<WeekName>, Option<OrderState>),
    limit: Limit,
    before: Option<Cursor>,
) -> Result<Option<Page<Order>>, DbError> {
    let week_id = match week {
        None => None,
        Some(name) => match weeks::week_by_name(tx, name).await? {
            Some(week) => Some(week.id),
            None => return Ok(None),
        },
    };
    let managed_by = match AccountScope::of_actor(actor) {
        AccountScope::All => None,
        AccountScope::ManagedBy(user) => Some(user),
    };
    let filter = OrderFilter { account_id: None, managed_by, week_id, state };
    store::list_orders(tx, &filter, limit, before).await.map(Some)
}

/// Orders of an account. None when the actor may not see it.
pub async fn list_account_orders(
    tx: &TenantTx,
    actor: &Actor,
    _permit: Permit<AccountsRead>,
    account: AccountId,
    limit: Limit,
    before: Option<Cursor>,
) -> Result<Option<Page<Order>>, DbError> {
    match accounts::account_in_scope(tx, account, accounts::AccountScope::of_actor(actor)).await? {
        Some(account) => of_account(tx, account.id, limit, before).await.map(Some),
        None => Ok(None),
    }
}

/// Orders of the caller's account. None for a person without one.
pub async fn list_own_orders(
    tx: &TenantTx,
    actor: &Actor,
    _permit: Permit<OwnOrdersRead>,
    limit: Limit,
    before: Option<Cursor>,
) -> Result<Option<Page<Order>>, DbError> {
    match accounts::account_of_user(tx, actor.user_id).await? {
        Some(account) => of_account(tx, account, limit, before).await.map(Some),
        None => Ok(None),
    }
}

async fn of_account(
    tx: &TenantTx,
    account: AccountId,
    limit: Limit,
    before: Option<Cursor>,
) -> Result<Page<Order>, DbError> {
    let filter = OrderFilter { account_id: Some(account), ..OrderFilter::default() };
    store::list_orders(tx, &filter, limit, before).await
}
