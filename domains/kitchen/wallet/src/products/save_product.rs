//! Creating and changing pack products and plans.

use bk_audit::AuditEntry;
use bk_kernel::{Authorized, OperationContext, PackProductId, PlanId};
use bk_kitchen_core::permissions::CatalogueWrite;
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    product::{PackProduct, PackProductContent, Plan, PlanContent},
    store,
};

/// A change of everything but the SKU or key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update<I, C> {
    /// Which product.
    pub id: I,
    /// The version that was read; another one means that somebody changed it since.
    pub version: i64,
    /// The SKU or key, when the form repeats it: it must be the present one.
    pub key: Option<String>,
    /// What the product is to be.
    pub content: C,
}

/// Why a product stayed as it was.
#[derive(Debug, Error)]
pub enum SaveProductError {
    /// There is no such product.
    #[error("no such product")]
    NotFound,
    /// It changed since it was read.
    #[error("the product changed since it was read")]
    Stale,
    /// Another product has the SKU or key.
    #[error("the SKU or key is taken")]
    KeyTaken,
    /// The form repeats another SKU or key than the present one.
    #[error("the SKU or key never changes")]
    KeyFixed,
    /// The product could not be stored.
    #[error("the product could not be stored")]
    Db(#[source] DbError),
}

impl From<DbError> for SaveProductError {
    fn from(error: DbError) -> Self {
        if error.violates("kitchen_pack_products_sku") || error.violates("kitchen_plans_key") {
            Self::KeyTaken
        } else {
            Self::Db(error)
        }
    }
}

/// Creates a pack product.
pub async fn create_pack_product(
    ctx: &Authorized<CatalogueWrite>,
    tx: &TenantTx,
    sku: String,
    content: PackProductContent,
) -> Result<PackProduct, SaveProductError> {
    let id = PackProductId::new();
    let product = PackProduct { id, sku, content, version: 1, created_at: ctx.at() };
    store::insert_pack_product(tx, &product).await?;
    record_pack_product(ctx, tx, "pack_product.created", &product).await?;
    Ok(product)
}

/// Replaces everything but the SKU. Packs that were bought stay as they were bought.
pub async fn update_pack_product(
    ctx: &Authorized<CatalogueWrite>,
    tx: &TenantTx,
    Update { id, version, key, content }: Update<PackProductId, PackProductContent>,
) -> Result<PackProduct, SaveProductError> {
    let before = store::pack_product_by_id(tx, id).await?.ok_or(SaveProductError::NotFound)?;
    if key.is_some_and(|sku| sku != before.sku) {
        return Err(SaveProductError::KeyFixed);
    }
    store_pack_product(ctx, tx, "pack_product.changed", PackProduct { content, version, ..before })
        .await
}

/// Takes a pack product off the list of what can be bought. Doing it again changes nothing.
pub async fn deactivate_pack_product(
    ctx: &Authorized<CatalogueWrite>,
    tx: &TenantTx,
    id: PackProductId,
) -> Result<(), SaveProductError> {
    let mut product = store::pack_product_by_id(tx, id).await?.ok_or(SaveProductError::NotFound)?;
    if product.content.active {
        product.content.active = false;
        store_pack_product(ctx, tx, "pack_product.deactivated", product).await?;
    }
    Ok(())
}

async fn store_pack_product(
    ctx: &OperationContext,
    tx: &TenantTx,
    action: &'static str,
    product: PackProduct,
) -> Result<PackProduct, SaveProductError> {
    if !store::update_pack_product(tx, &product, ctx.at()).await? {
        return Err(SaveProductError::Stale);
    }
    record_pack_product(ctx, tx, action, &product).await?;
    Ok(PackProduct { version: product.version + 1, ..product })
}

async fn record_pack_product(
    ctx: &OperationContext,
    tx: &TenantTx,
    action: &'static str,
    product: &PackProduct,
) -> Result<(), DbError> {
    let details = json!({
        "sku": product.sku,
        "meals": product.content.meals,
        "price_minor": product.content.price.amount_minor,
        "currency": product.content.price.currency.as_str(),
        "active": product.content.active,
    });
    let entry = AuditEntry::of(ctx, action, "pack_product", product.id);
    bk_audit::append(tx, entry.details(details)).await
}

/// Creates a plan.
pub async fn create_plan(
    ctx: &Authorized<CatalogueWrite>,
    tx: &TenantTx,
    key: String,
    content: PlanContent,
) -> Result<Plan, SaveProductError> {
    let plan = Plan { id: PlanId::new(), key, content, version: 1, created_at: ctx.at() };
    store::insert_plan(tx, &plan).await?;
    record_plan(ctx, tx, "plan.created", &plan).await?;
    Ok(plan)
}

/// Replaces everything but the key.
pub async fn update_plan(
    ctx: &Authorized<CatalogueWrite>,
    tx: &TenantTx,
    Update { id, version, key, content }: Update<PlanId, PlanContent>,
) -> Result<Plan, SaveProductError> {
    let before = store::plan_by_id(tx, id).await?.ok_or(SaveProductError::NotFound)?;
    if key.is_some_and(|key| key != before.key) {
        return Err(SaveProductError::KeyFixed);
    }
    let plan = Plan { content, version, ..before };
    if !store::update_plan(tx, &plan, ctx.at()).await? {
        return Err(SaveProductError::Stale);
    }
    record_plan(ctx, tx, "plan.changed", &plan).await?;
    Ok(Plan { version: version + 1, ..plan })
}

async fn record_plan(
    ctx: &OperationContext,
    tx: &TenantTx,
    action: &'static str,
    plan: &Plan,
) -> Result<(), DbError> {
    let details = json!({
        "key": plan.key,
        "price_minor": plan.content.price.amount_minor,
        "currency": plan.content.price.currency.as_str(),
        "active": plan.content.active,
    });
    let entry = AuditEntry::of(ctx, action, "plan", plan.id);
    bk_audit::append(tx, entry.details(details)).await
}
