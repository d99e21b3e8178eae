//! The use case: a purchase is written down before Stripe is asked for its payment page.

use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};

use super::{
    purchase::{NewPurchase, RESUMABLE_FOR, RecordedPurchase},
    store,
};

/// Finds the purchase that the request key of `new` started, or records `new`. A key whose purchase
/// never got its page, and can no longer be resumed, starts a new purchase.
pub(crate) async fn record_purchase(
    tx: &TenantTx,
    new: &NewPurchase,
) -> Result<RecordedPurchase, DbError> {
    if let Some(found) = store::find_by_request_key(tx, new).await? {
        if found.is_resumable(new.created_at) {
            return Ok(found);
        }
        store::release_request_key(tx, found.purchase.id).await?;
    }
    store::insert(tx, new).await?;
    // With a key, the purchase of the call that was first: this one, or one at the same moment.
    let recorded = match new.request_key {
        Some(_) => store::find_by_request_key(tx, new).await?,
        None => store::find_recorded(tx, new.id).await?,
    };
    recorded.ok_or_else(|| DbError::other("a purchase that was just recorded is missing"))
}

impl RecordedPurchase {
    /// Whether the same request still leads to this purchase.
    fn is_resumable(&self, now: DateTime<Utc>) -> bool {
        self.purchase.page.is_some() || now < self.purchase.created_at + RESUMABLE_FOR
    }
}
