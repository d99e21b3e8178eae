//! Products as staff read them: for sale or not.

use bk_kernel::{Authorized, Cursor, Limit, PackProductId, Page, PlanId};
use bk_kitchen_core::permissions::CatalogueRead;
use bk_persistence::{DbError, TenantTx};

use super::{
    product::{PackProduct, Plan},
    store,
};

/// Every pack product, oldest first.
pub async fn list_pack_products(
    _ctx: &Authorized<CatalogueRead>,
    tx: &TenantTx,
    (limit, after): (Limit, Option<Cursor>),
) -> Result<Page<PackProduct>, DbError> {
    store::list_pack_products(tx, None, limit, after).await
}

/// A pack product; none when it does not exist.
pub async fn get_pack_product(
    _ctx: &Authorized<CatalogueRead>,
    tx: &TenantTx,
    id: PackProductId,
) -> Result<Option<PackProduct>, DbError> {
    store::pack_product_by_id(tx, id).await
}

/// Every plan, oldest first.
pub async fn list_plans(
    _ctx: &Authorized<CatalogueRead>,
    tx: &TenantTx,
    (limit, after): (Limit, Option<Cursor>),
) -> Result<Page<Plan>, DbError> {
    store::list_plans(tx, None, limit, after).await
}

/// A plan; none when it does not exist.
pub async fn get_plan(
    _ctx: &Authorized<CatalogueRead>,
    tx: &TenantTx,
    id: PlanId,
) -> Result<Option<Plan>, DbError> {
    store::plan_by_id(tx, id).await
}
