//! The use case: a purchase gets the payment page that was opened for it.

use bk_kernel::PurchaseId;
use bk_persistence::{DbError, TenantTx};

use super::{
    purchase::{PaymentPage, PurchaseState},
    store,
};

/// Stores the payment page of a purchase that has none yet, and records that the page belongs to it.
/// Returns the page the purchase has afterwards: another call with the same request key may have
/// been first, and both were given the same page. Returns none when the purchase was cancelled in the
/// meantime, so that its page must not be paid.
///
/// Fails with [`DbError`] when the page belongs to another purchase already.
pub(crate) async fn attach_page(
    tx: &TenantTx,
    id: PurchaseId,
    page: &PaymentPage,
) -> Result<Option<PaymentPage>, DbError> {
    let Some(purchase) = store::lock(tx, id).await? else { return Ok(None) };
    if purchase.state != PurchaseState::Pending || purchase.page.is_some() {
        return Ok(purchase.page);
    }
    store::put_page(tx, id, page).await?;
    store::put_owner(tx, &page.session_id, id).await?;
    Ok(Some(page.clone()))
}
