//! Pack products and plans as the slices that sell them read them.

use bk_kernel::{Cursor, Limit, PackProductId, Page, Permit};
use bk_kitchen_core::permissions::OwnPacksRead;
use bk_persistence::{DbError, TenantTx};

use super::{
    offer::{PackProduct, Plan},
    store,
};

/// A pack product that is on offer.
pub async fn pack_product_on_offer(
    tx: &TenantTx,
    id: PackProductId,
) -> Result<Option<PackProduct>, DbError> {
    let product = store::pack_product_by_id(tx, id).await?;
    Ok(product.filter(|product| product.content.active))
}

/// The pack products on offer, oldest first.
pub async fn pack_products_on_offer(
    tx: &TenantTx,
    _permit: Permit<OwnPacksRead>,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<PackProduct>, DbError> {
    store::list_pack_products(tx, Some(true), limit, after).await
}

/// The plans on offer, oldest first.
pub async fn plans_on_offer(
    tx: &TenantTx,
    _permit: Permit<OwnPacksRead>,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<Plan>, DbError> {
    store::list_plans(tx, Some(true), limit, after).await
}
