//! The use cases: the other slices look purchases up in their own transactions.

use bk_kernel::{Cursor, Limit, Page, PurchaseId};
use bk_persistence::{DbError, GlobalTx, TenantTx};
use chrono::{DateTime, Utc};

use super::{
    purchase::{Purchase, PurchaseFilter, PurchaseOwner},
    store,
};

/// Returns the purchase with this id, or none when the tenant has no such purchase.
pub(crate) async fn find_purchase(
    tx: &TenantTx,
    id: PurchaseId,
) -> Result<Option<Purchase>, DbError> {
    store::find(tx, id).await
}

/// Returns the same as [`find_purchase`], and locks the purchase until the transaction ends.
pub(crate) async fn lock_purchase(
    tx: &TenantTx,
    id: PurchaseId,
) -> Result<Option<Purchase>, DbError> {
    store::lock(tx, id).await
}

/// Returns a page of the tenant's purchases, newest first.
pub(crate) async fn list_purchases(
    tx: &TenantTx,
    filter: PurchaseFilter,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<Purchase>, DbError> {
    store::list(tx, filter, limit, cursor).await
}

/// Returns at most `limit` purchases that have been `PENDING` since before `created_before` and that
/// nobody has to review, oldest first, after `after`.
pub(crate) async fn list_open_purchases(
    tx: &TenantTx,
    created_before: DateTime<Utc>,
    after: Option<PurchaseId>,
    limit: u64,
) -> Result<Vec<Purchase>, DbError> {
    store::list_open(tx, created_before, after, limit).await
}

/// Returns whose purchase an object of Stripe (`cs_…`, `pi_…`) was recorded for, or none when we made
/// no such object. Worker role only.
pub(crate) async fn find_owner(
    tx: &GlobalTx,
    stripe_object: &str,
) -> Result<Option<PurchaseOwner>, DbError> {
    store::find_owner(tx, stripe_object).await
}
