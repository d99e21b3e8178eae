//! The use case: another slice shows the money of a purchase.

use bk_kernel::PurchaseId;
use bk_persistence::{DbError, TenantTx};

use super::{entry::Entry, store};

/// Returns the entries of a purchase, in the order of posting.
pub(crate) async fn list_entries(
    tx: &TenantTx,
    purchase: PurchaseId,
) -> Result<Vec<Entry>, DbError> {
    store::list(tx, purchase).await
}
