//! Products as staff read them: on offer or not.

use bk_kernel::{Cursor, Limit, PackProductId, Page, Permit, PlanId};
use bk_kitchen_core::permissions::CatalogueRead;
use bk_persistence::{DbError, TenantTx};

use super::{
    offer::{PackProduct, Plan},
    store,
};

/// Every pack product, oldest first.
pub async fn list_pack_products(
    tx: &TenantTx,
    _permit: Permit<CatalogueRead>,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<PackProduct>, DbError> {
    store::list_pack_products(tx, None, limit, after).await
}

/// A pack product; none when it does not exist.
pub async fn get_pack_product(
    tx: &TenantTx,
    _permit: Permit<CatalogueRead>,
    id: PackProductId,
) -> Result<Option<PackProduct>, DbError> {
    store::pack_product_by_id(tx, id).await
}

/// Every plan, oldest first.
pub async fn list_plans(
    tx: &TenantTx,
    _permit: Permit<CatalogueRead>,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<Plan>, DbError> {
    store::list_plans(tx, None, limit, after).await
}

/// A plan; none when it does not exist.
pub async fn get_plan(
    tx: &TenantTx,
    _permit: Permit<CatalogueRead>,
    id: PlanId,
) -> Result<Option<Plan>, DbError> {
    store::plan_by_id(tx, id).await
}
