//! Rows of `billing_ledger`.

use bk_kernel::PurchaseId;
use bk_persistence::store::*;

use super::{
    entity::entry::{ActiveModel, Column, Entity},
    entry::Entry,
};

/// Posts an entry. Fails when one of its kind was posted for the same object of Stripe.
pub(super) async fn insert(tx: &TenantTx, entry: &Entry) -> Result<(), DbError> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(entry.id),
        kind: Set(entry.kind.as_str().to_owned()),
        stripe_object: Set(entry.stripe_object.clone()),
        amount_minor: Set(entry.amount.amount_minor),
        currency: Set(entry.amount.currency.as_str().to_owned()),
        purchase_id: Set(entry.purchase_id.uuid()),
        account_id: Set(entry.account_id.uuid()),
        livemode: Set(entry.livemode),
        at: Set(entry.at),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Reads the entries of a purchase, in the order of posting.
pub(super) async fn list(tx: &TenantTx, purchase: PurchaseId) -> Result<Vec<Entry>, DbError> {
    let of_purchase = in_tenant::<Entity>(tx).filter(Column::PurchaseId.eq(purchase.uuid()));
    let rows = of_purchase.order_by_asc(Column::Id).all(tx).await?;
    rows.into_iter().map(Entry::try_from).collect()
}
