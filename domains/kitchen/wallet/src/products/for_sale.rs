//! Pack products and plans as the slices that sell them read them.

use bk_kernel::{Authorized, Cursor, Limit, PackProductId, Page};
use bk_kitchen_core::permissions::OwnPacksRead;
use bk_persistence::{DbError, TenantTx};

use super::{
    product::{PackProduct, Plan},
    store,
};

/// A pack product that is for sale.
pub async fn pack_product_for_sale(
    tx: &TenantTx,
    id: PackProductId,
) -> Result<Option<PackProduct>, DbError> {
    let product = store::pack_product_by_id(tx, id).await?;
    Ok(product.filter(|product| product.content.active))
}

/// The pack products for sale, oldest first.
pub async fn pack_products_for_sale(
    _ctx: &Authorized<OwnPacksRead>,
    tx: &TenantTx,
    (limit, after): (Limit, Option<Cursor>),
) -> Result<Page<PackProduct>, DbError> {
    store::list_pack_products(tx, Some(true), limit, after).await
}

/// The plans for sale, oldest first.
pub async fn plans_for_sale(
    _ctx: &Authorized<OwnPacksRead>,
    tx: &TenantTx,
    (limit, after): (Limit, Option<Cursor>),
) -> Result<Page<Plan>, DbError> {
    store::list_plans(tx, Some(true), limit, after).await
}
