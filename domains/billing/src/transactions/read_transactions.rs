//! The use cases: customers and staff look at what was bought and paid.

use bk_contracts::accounts::AccountDirectory;
use bk_kernel::{Authorized, Cursor, Limit, Page, PurchaseId};
use bk_persistence::{DbError, TenantTx};

use super::transaction::Transaction;
use crate::{
    ledger::list_entries,
    permissions::{BillingRead, OwnBillingRead},
    purchases::{Purchase, PurchaseFilter, find_purchase, list_purchases},
};

/// Returns a page of the purchases of the caller's account, newest first; an empty one when the caller
/// has no account.
pub(super) async fn list_own_transactions(
    ctx: &Authorized<OwnBillingRead>,
    tx: &TenantTx,
    accounts: &dyn AccountDirectory,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<Purchase>, DbError> {
    let account_id = match ctx.user_id() {
        Some(user) => accounts.account_of(tx, user).await?,
        None => None,
    };
    if account_id.is_none() {
        return Ok(Page { items: Vec::new(), next_cursor: None });
    }
    list_purchases(tx, PurchaseFilter { state: None, account_id }, limit, cursor).await
}

/// Returns a page of the tenant's purchases, newest first.
pub(super) async fn list_transactions(
    _ctx: &Authorized<BillingRead>,
    tx: &TenantTx,
    filter: PurchaseFilter,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<Purchase>, DbError> {
    list_purchases(tx, filter, limit, cursor).await
}

/// Returns one purchase with its money, or none when the tenant has no such purchase.
pub(super) async fn get_transaction(
    _ctx: &Authorized<BillingRead>,
    tx: &TenantTx,
    id: PurchaseId,
) -> Result<Option<Transaction>, DbError> {
    let Some(purchase) = find_purchase(tx, id).await? else { return Ok(None) };
    let entries = list_entries(tx, id).await?;
    Ok(Some(Transaction { purchase, entries }))
}
