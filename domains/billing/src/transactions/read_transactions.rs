//! The use cases: customers and staff look at what was bought and paid.

use std::sync::Arc;

use bk_contracts::accounts::AccountDirectory;
use bk_kernel::{Cursor, Limit, Page, Permit, PurchaseId, TenantId, UserId};
use bk_persistence::{Database, DbError};

use super::{
    store,
    transaction::{Filter, Transaction},
};
use crate::{
    permissions::{BillingRead, OwnBillingRead},
    purchase::Purchase,
};

/// The purchases of the account `user` belongs to, newest first; none without an account.
pub(crate) async fn list_own(
    db: &Database,
    accounts: Arc<dyn AccountDirectory>,
    _: Permit<OwnBillingRead>,
    (tenant, user): (TenantId, UserId),
    (limit, cursor): (Limit, Option<Cursor>),
) -> Result<Page<Purchase>, DbError> {
    let rows = db.tenant(tenant).read(move |tx| async move {
        match accounts.account_of(&tx, user).await? {
            None => Ok(Vec::new()),
            account => store::purchases(&tx, Filter { state: None, account }, limit, cursor).await,
        }
    });
    Ok(page(rows.await?, limit))
}

/// The purchases of the tenant, newest first.
pub(crate) async fn list_all(
    db: &Database,
    _: Permit<BillingRead>,
    tenant: TenantId,
    filter: Filter,
    (limit, cursor): (Limit, Option<Cursor>),
) -> Result<Page<Purchase>, DbError> {
    let rows = db
        .tenant(tenant)
        .read(move |tx| async move { store::purchases(&tx, filter, limit, cursor).await });
    Ok(page(rows.await?, limit))
}

/// One purchase with its money.
pub(crate) async fn get_one(
    db: &Database,
    _: Permit<BillingRead>,
    tenant: TenantId,
    id: PurchaseId,
) -> Result<Option<Transaction>, DbError> {
    let found = db.tenant(tenant).read(move |tx| async move {
        let Some(purchase) = store::purchase(&tx, id).await? else { return Ok(None) };
        let entries = store::entries(&tx, id).await?;
        Ok(Some(Transaction { purchase, entries }))
    });
    found.await
}

fn page(rows: Vec<Purchase>, limit: Limit) -> Page<Purchase> {
    Page::from_overfetch(rows, limit, |purchase| purchase.id.uuid())
}
